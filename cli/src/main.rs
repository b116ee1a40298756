//! `fanout`: process one very large file in byte ranges, each record exactly once, with proof.

use std::process::ExitCode;

use clap::Parser;
use fanout_core::Code;
use fanout_log::log_to_terminal;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};

use args::{Cli, Command, DatasetsCommand};
use ending::{Ended, INTERRUPTED, Told, USAGE, exit, tell_error};
use left::Left;

mod args;
mod command;
mod ending;
mod input;
mod left;
mod meter;
mod outputs;
mod quantity;
mod terminal;

#[tokio::main]
async fn main() -> ExitCode {
    let command = match Cli::try_parse() {
        Ok(cli) => {
            log_to_terminal(cli.verbose);
            cli.command
        }
        Err(error) => return misused(&error),
    };
    let as_json = command.is_json();
    let left = Left::default();
    tokio::select! {
        // First of all, so that an interruption is never missed.
        biased;
        () = interrupted() => {
            left.clean_up();
            left.tell_interrupted(as_json);
            // Threads may still read; nothing that they would do is wanted.
            std::process::exit(i32::from(INTERRUPTED))
        }
        ended = run(&command, &left) => exit(ended, &left, as_json),
    }
}

async fn run(command: &Command, left: &Left) -> Ended {
    match command {
        Command::Run(args) => command::run(args, left).await,
        Command::Plan(args) => command::plan(args).await,
        Command::Query(args) => command::query(args, left).await,
        Command::Infer(args) => command::infer(args).await,
        Command::Check(args) => command::check(args).await,
        Command::Correct(args) => command::correct(args).await,
        Command::Diff(args) => command::diff(args),
        Command::Sample(args) => command::sample(args, left).await,
        Command::Start(args) => command::start(args, left).await,
        Command::Watch(args) => command::watch(args, left).await,
        Command::List(args) => command::list(args).await,
        Command::Report(args) => command::report(args).await,
        Command::Redrive(args) => command::redrive(args, left).await,
        Command::Logs(args) => command::logs(args).await,
        Command::Tune(args) => command::tune(args).await,
        Command::Datasets(DatasetsCommand::Push(args)) => command::push_dataset(args).await,
        Command::Datasets(DatasetsCommand::List(args)) => command::list_datasets(args).await,
        Command::Clean(args) => command::clean(args).await,
        Command::Completions { shell } => command::completions(*shell),
        Command::Man { out } => command::man(out.as_deref()),
    }
}

/// Returns when a person interrupts, or a system that shuts down; where that cannot be known, never.
async fn interrupted() {
    let terminated = async {
        #[cfg(unix)]
        if let Ok(mut signals) = signal(SignalKind::terminate()) {
            signals.recv().await;
            return;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = terminated => {}
    }
}

/// Prints help, or the fault of a command line: as JSON where it asks for that.
fn misused(error: &clap::Error) -> ExitCode {
    let as_json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && as_json {
        let text = error.to_string();
        let message = text.split("\n\nUsage:").next().unwrap_or(&text).trim().trim_start_matches("error: ");
        tell_error(&Told { code: Code::InvalidJob.as_str().into(), message: message.to_owned() }, true);
    } else {
        // Where nothing can be printed, nobody reads.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE))
}
