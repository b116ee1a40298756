//! `fanout completions` and `fanout man`: what a package installs beside the program.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::{Man, generate_to};
use fanout_cli::CliError;

use crate::args::Cli;
use crate::ending::{Ended, Ending};
use crate::terminal::print;

/// Prints the completions of a shell.
pub(crate) fn completions(shell: Shell) -> Ended {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "fanout", &mut script);
    print(script.trim_ascii_end())?;
    Ok(Ending::Succeeded)
}

/// Writes the manual pages of all commands into a folder, or prints that of the program.
pub(crate) fn man(folder: Option<&Path>) -> Ended {
    let path = folder.map_or_else(|| "the manual page".to_owned(), |folder| folder.display().to_string());
    let fail = |source: io::Error| CliError::Write { path: path.clone(), source };
    match folder {
        Some(folder) => {
            fs::create_dir_all(folder).and_then(|()| generate_to(Cli::command(), folder)).map_err(fail)?;
        }
        None => {
            let mut page = Vec::new();
            Man::new(Cli::command()).render(&mut page).map_err(fail)?;
            print(page.trim_ascii_end())?;
        }
    }
    Ok(Ending::Succeeded)
}
