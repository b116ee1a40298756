//! `fanout sample`: a file to try things on.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;

use fanout_cli::{CliError, sample as people};

use crate::args::SampleArgs;
use crate::ending::{Ended, Ending};
use crate::left::{Left, Remains};
use crate::meter::{Meter, Shown};

/// Writes the sample. A file gets its name when it is complete.
pub(crate) async fn sample(args: &SampleArgs, left: &Left) -> Ended {
    let (rows, path) = (args.rows, args.out.clone());
    let to = |path: &Path, source| CliError::Write { path: path.display().to_string(), source };
    let stream = path == Path::new("-");
    // A device or a pipe is written to; a file is there.
    let file = fs::metadata(&path).ok().filter(|_| !stream);
    let exists = file.as_ref().is_some_and(fs::Metadata::is_file);
    if exists && !args.force {
        return Err(CliError::Exists { path: path.display().to_string() });
    }
    let mut meter = Meter::rows(Shown::on_standard_error(false), &args.out.display().to_string(), rows);
    let written = meter.counter();
    let target: PathBuf = match &file {
        None if stream => path.clone(),
        Some(file) if !file.is_file() => path.clone(),
        _ => {
            let mut name = path.clone().into_os_string();
            name.push(".partial");
            name.into()
        }
    };
    if target != path {
        left.set(Remains::File(target.clone()));
    }
    let place = target.clone();
    let work = move || -> io::Result<()> {
        let mut out: Box<dyn Write> = match stream {
            true => Box::new(BufWriter::new(io::stdout().lock())),
            false => Box::new(BufWriter::new(File::create(&place)?)),
        };
        people::write(rows, &mut out, |rows| written.store(rows, Relaxed))?;
        out.flush()
    };
    let done = tokio::task::spawn_blocking(work).await.map_err(|lost| CliError::Internal(lost.to_string()))?;
    match done {
        // A reader that went away, as `head` does, is no error.
        Err(error) if stream && error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => {
            left.clean_up();
            return Err(to(&path, error));
        }
        Ok(()) if target != path => fs::rename(&target, &path).map_err(|error| to(&path, error))?,
        Ok(()) => {}
    }
    left.set(Remains::Nothing);
    meter.end();
    Ok(Ending::Succeeded)
}
