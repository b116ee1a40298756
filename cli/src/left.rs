//! The files that a command leaves if it ends now: told where it is interrupted or fails for a passing reason.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use fanout_cli::CliError;
use fanout_core::{Code, Coded};
use fanout_render::counted;

use crate::ending::{Told, tell_error};

/// The files that a command leaves, as of now.
#[derive(Debug, Default)]
pub(crate) struct Left(Mutex<Remains>);

/// The kind of files.
#[derive(Debug, Default, Clone)]
pub(crate) enum Remains {
    /// Nothing, or all that was asked for.
    #[default]
    Nothing,
    /// A file that is not complete.
    File(PathBuf),
    /// A run of the deployed stack, which goes on.
    Deployed {
        /// The command that follows it.
        follow: String,
        /// The ARN of its execution.
        execution: String,
    },
    /// The temporary folder of a query, and the file of its rows that is not complete.
    Query {
        /// The folder.
        folder: PathBuf,
        /// The file.
        file: Option<PathBuf>,
    },
    /// A run without a report.
    Run {
        /// Its folder.
        folder: String,
        /// Chunks that are finished, and all of them.
        chunks: (u64, u64),
        /// Tells whether its object is still there to go on with.
        resumable: bool,
    },
}

impl Left {
    fn lock(&self) -> MutexGuard<'_, Remains> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what there is now.
    pub(crate) fn set(&self, remains: Remains) {
        *self.lock() = remains;
    }

    /// Says how many chunks of the run are yet to be processed.
    pub(crate) fn chunks_to_do(&self, number: u64) {
        if let Remains::Run { chunks: (finished, all), .. } = &mut *self.lock() {
            *finished = all.saturating_sub(number);
        }
    }

    /// Counts a chunk that is finished.
    pub(crate) fn chunk_finished(&self) {
        if let Remains::Run { chunks: (finished, _), .. } = &mut *self.lock() {
            *finished += 1;
        }
    }

    /// Removes a file that is not complete, and temporary ones.
    pub(crate) fn clean_up(&self) {
        let mut remains = self.lock();
        let (file, folder) = match &*remains {
            Remains::File(path) => (Some(path), None),
            Remains::Query { folder, file } => (file.as_ref(), Some(folder)),
            Remains::Nothing | Remains::Deployed { .. } | Remains::Run { .. } => return,
        };
        // They may not have been created yet.
        let _ = file.map(std::fs::remove_file);
        let _ = folder.map(std::fs::remove_dir_all);
        *remains = Remains::Nothing;
    }

    /// Returns what there is, and the next step, in lines.
    pub(crate) fn told(&self) -> Vec<String> {
        match &*self.lock() {
            Remains::Run { folder, chunks: (finished, all), resumable } => {
                let chunks = counted(*all, "chunk");
                let mut lines = vec![format!("left: {finished} of {chunks} in {folder}, without a report")];
                if *resumable {
                    lines.push(format!("go on:  fanout run --resume {}", quoted(folder)));
                }
                lines.push(format!("remove: rm -r {}", quoted(folder)));
                lines
            }
            Remains::Deployed { follow, execution } => vec![
                "the run goes on, and is not changed by this".to_owned(),
                format!("follow: {follow}"),
                format!("stop:   aws stepfunctions stop-execution --execution-arn {execution}"),
            ],
            Remains::Nothing | Remains::File(_) | Remains::Query { .. } => vec!["nothing is left".to_owned()],
        }
    }

    /// Says on standard error that a person interrupted, and how to go on.
    pub(crate) fn tell_interrupted(&self, as_json: bool) {
        let told = self.told();
        if as_json {
            let message = format!("interrupted; {}", told.join("; "));
            tell_error(&Told { code: "Interrupted".into(), message }, true);
        } else {
            eprintln!("interrupted");
            told.iter().for_each(|line| eprintln!("{line}"));
        }
    }

    /// Says on standard error how to go on after an error that may pass: the store's, or a full disk.
    pub(crate) fn tell_after(&self, error: &CliError) {
        let passes = error.code().is_transient() || error.code() == Code::ResultsUnwritable;
        let resumable = matches!(&*self.lock(), Remains::Run { resumable: true, .. });
        if let Remains::Run { folder, .. } = &*self.lock() {
            let page = Path::new(folder).join("failure.html");
            if page.exists() {
                eprintln!("failure: {}", page.display());
            }
        }
        if passes && resumable {
            self.told().iter().for_each(|line| eprintln!("{line}"));
        }
    }
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || "/._-+=:@%".contains(character);
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_with_the_next_step() {
        let left = Left::default();
        assert_eq!(left.told(), ["nothing is left"]);
        left.set(Remains::Run { folder: "my runs/a'b".into(), chunks: (1, 12), resumable: true });
        left.chunk_finished();
        let expected = [
            "left: 2 of 12 chunks in my runs/a'b, without a report",
            r"go on:  fanout run --resume 'my runs/a'\''b'",
            r"remove: rm -r 'my runs/a'\''b'",
        ];
        assert_eq!(left.told(), expected);
    }
}
