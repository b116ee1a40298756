//! The log of the command line: text on standard error.

use std::io::stderr;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::metrics::TARGET;

/// Begins the log of the command line, where `verbosity` is not 0: with 1 the events that a function logs, with more
/// also those that only a search for a fault asks for.
pub fn log_to_terminal(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    let ours = Targets::new().with_target("fanout", level).with_default(LevelFilter::WARN);
    let text = tracing_subscriber::fmt::layer().with_ansi(false).with_target(false).with_writer(stderr);
    let text = text.with_filter(ours).with_filter(filter_fn(|one| one.target() != TARGET));
    let _ = tracing_subscriber::registry().with(text).try_init();
}
