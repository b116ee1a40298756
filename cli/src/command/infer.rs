//! `fanout infer`: the dataset that a run would use.

use std::fs::File;
use std::io::{ErrorKind, Write};

use fanout_cli::{CliError, infer as inferred};
use fanout_core::Inferred;
use fanout_core::message::to_json_pretty;

use super::datasets::read_dataset;
use crate::args::InferArgs;
use crate::ending::{Ended, Ending};
use crate::input::open;
use crate::meter::{Meter, Shown};
use crate::terminal::print;

/// Writes the dataset that is detected in a file.
pub(crate) async fn infer(args: &InferArgs) -> Ended {
    let said = read_dataset(&args.reading)?;
    let mut meter = Meter::start(Shown::on_standard_error(false), &args.object);
    let source = open(&args.object, &meter).await?;
    let Inferred { dataset, evidence } = inferred(&source, &said).await?;
    meter.end();
    let dataset = to_json_pretty("dataset", &dataset)?;
    // Beside the dataset, which may go to a file or another program.
    evidence.iter().for_each(|evidence| eprintln!("detected {evidence}"));
    let Some(path) = &args.out else {
        print(&dataset)?;
        return Ok(Ending::Succeeded);
    };
    let fail = |source: std::io::Error| CliError::Write { path: path.display().to_string(), source };
    let opened = if args.force { File::create(path) } else { File::create_new(path) };
    let mut file = opened.map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => CliError::Exists { path: path.display().to_string() },
        _ => fail(error),
    })?;
    file.write_all(&dataset).and_then(|()| file.write_all(b"\n")).map_err(fail)?;
    eprintln!("dataset written to {}", path.display());
    Ok(Ending::Succeeded)
}
