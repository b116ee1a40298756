//! Runs over a file of this machine: `own-local FILE FOLDER OUTPUTS` prints the report. The outputs
//! are written as in a job: `'["profile", {"name": "id_range", "column": "id"}]'`.

use std::error::Error;

use fanout_cli::{LocalRun, Source};
use fanout_core::Prices;
use fanout_core::message::{Job, Reader, VERSION, from_json};
use own_output::OUTPUTS;

/// Chunks that are processed at once.
const CONCURRENCY: usize = 4;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [file, folder, outputs] = arguments.as_slice() else { return Err("expected FILE FOLDER OUTPUTS".into()) };
    let source = Source::open(file).await?;
    let job = Job {
        version: VERSION,
        bucket: source.bucket.clone(),
        key: source.key.clone(),
        version_id: None,
        dataset: None,
        reader: Reader::Range,
        chunk_size: None,
        outputs: Some(from_json("outputs", outputs.as_bytes())?),
        query: None,
        run_id: None,
    };
    let local = LocalRun::new(source, folder, CONCURRENCY, Prices::built_in()?, OUTPUTS);
    let plan = local.claim(local.plan(&job).await?)?;
    let report = local.run(plan, |_| ()).await?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
