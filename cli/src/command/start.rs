//! `fanout start`: a run of the deployed stack over an object in S3.

use fanout_cli::deployed::Deployment;
use fanout_cli::{CliError, argument, new_run_id};
use fanout_core::is_run_id;
use fanout_core::message::{Dataset, DatasetRef, Job, VERSION, to_json_pretty};

use super::datasets::read_dataset;
use super::watch::follow;
use crate::args::{Outputs, StartArgs};
use crate::ending::{Ended, Ending};
use crate::left::Left;
use crate::terminal::print;

/// Starts a run, and follows it where that is asked for.
pub(crate) async fn start(args: &StartArgs, left: &Left) -> Ended {
    let job = job(args)?;
    let name = args.name.clone().unwrap_or_else(|| new_run_id(&job.key));
    let deployment = Deployment::find(&args.target.target()).await?;
    let started = deployment.start(&job, &name).await?;
    if args.watch {
        if !args.json {
            eprintln!("started {name}");
        }
        return follow(&deployment, &name, (args.json, args.strict), left).await;
    }
    if args.json {
        print(&to_json_pretty("run", &started)?)?;
    } else {
        print(name.as_bytes())?;
        eprintln!("follow it: {}", deployment.command("watch", &name));
    }
    Ok(Ending::Succeeded)
}

/// The job that the arguments ask for.
fn job(args: &StartArgs) -> Result<Job, CliError> {
    let invalid = |reason: &str| argument(&format!("object {:?}", args.object), reason);
    let place = args.object.strip_prefix("s3://").ok_or_else(|| {
        invalid("expected s3://bucket/key: the deployed stack reads objects in S3; `fanout run` reads files")
    })?;
    let (bucket, key) = place
        .split_once('/')
        .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty())
        .ok_or_else(|| invalid("expected s3://bucket/key"))?;
    Ok(Job {
        version: VERSION,
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        version_id: args.version_id.clone(),
        dataset: dataset(args)?,
        reader: args.reader,
        chunk_size: args.chunk_size,
        outputs: args.outputs.clone().map(|Outputs(list)| list),
        query: args.query.clone(),
        run_id: None,
    })
}

/// The dataset that the arguments mean: a file's with the words of the command line over it, or the name of one that is
/// stored, which the planner reads.
fn dataset(args: &StartArgs) -> Result<Option<DatasetRef>, CliError> {
    let named = args.reading.dataset.as_ref().filter(|path| !path.exists()).and_then(|path| path.to_str());
    let Some(name) = named.filter(|name| is_run_id(name)) else {
        let dataset = read_dataset(&args.reading)?;
        return Ok((dataset != Dataset::default()).then(|| DatasetRef::Inline(Box::new(dataset))));
    };
    let mut words = Dataset::default();
    args.reading.apply(&mut words);
    if words != Dataset::default() {
        let reason = "a stored dataset is used as it is: give the file of one to put other options over it";
        return Err(argument(&format!("--dataset {name}"), reason));
    }
    Ok(Some(DatasetRef::Name(name.to_owned())))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn asked(words: &[&str]) -> Result<Job, CliError> {
        let command = Cli::try_parse_from(["fanout", "start"].iter().chain(words)).unwrap().command;
        let Command::Start(args) = command else { panic!("another command") };
        job(&args)
    }

    #[test]
    fn jobs() {
        let plain = asked(&["s3://b/a b/c.csv"]).unwrap();
        assert_eq!((plain.bucket.as_str(), plain.key.as_str(), plain.dataset), ("b", "a b/c.csv", None));
        let stored = asked(&["s3://b/k", "--dataset", "people", "--chunk-size", "1MB"]).unwrap();
        assert_eq!((stored.dataset, stored.chunk_size), (Some(DatasetRef::Name("people".into())), Some(1_000_000)));
        let words = asked(&["s3://b/k", "--delimiter", ";", "--outputs", "profile,jsonl"]).unwrap();
        assert!(matches!(&words.dataset, Some(DatasetRef::Inline(dataset)) if dataset.dialect.delimiter == Some(b';')));
        assert_eq!(words.outputs.map(|outputs| outputs.len()), Some(2));
        let options = asked(&["s3://b/k", "--outputs", r#"[{"name": "parquet", "compression": "zstd"}]"#]).unwrap();
        assert_eq!(options.outputs.unwrap()[0].options["compression"].as_str(), Some("zstd"));
        for (arguments, says) in [
            (&["people.csv"][..], "`fanout run` reads files"),
            (&["s3://bucket"], "expected s3://bucket/key"),
            (&["s3://b/k", "--dataset", "people", "--no-header"], "a stored dataset is used as it is"),
            (&["s3://b/k", "--dataset", "gone.json"], "gone.json: cannot be read"),
        ] {
            let error = asked(arguments).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
