//! The log of a function, as CloudWatch Logs takes it: a JSON line for each event on standard output.

use std::io::stdout;
use std::str::FromStr;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets, filter_fn};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

use crate::metrics::TARGET;
use crate::metrics_layer::MetricsLayer;

/// The level of crates that are not fanout's own: their finer events have whole requests and answers in them.
const OTHERS: LevelFilter = LevelFilter::WARN;

/// Begins the log of a function. Its level is that of `AWS_LAMBDA_LOG_LEVEL`, which Lambda sets, or INFO; metrics
/// belong to the stack that `STACK` names, and are not written without one.
pub fn log_to_cloudwatch() {
    let level = std::env::var("AWS_LAMBDA_LOG_LEVEL").ok();
    let level = level.and_then(|level| LevelFilter::from_str(&level).ok()).unwrap_or(LevelFilter::INFO);
    let metrics = std::env::var("STACK").ok().map(|stack| MetricsLayer::new(&stack, stdout));
    // A second call, as in a test, changes nothing.
    let _ = tracing_subscriber::registry().with(lines(level, stdout)).with(metrics).try_init();
}

/// The layer that writes a line for each event, with the fields of its spans.
pub(crate) fn lines<S, W>(level: LevelFilter, writer: W) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let ours = Targets::new().with_target("fanout", level).with_default(level.min(OTHERS));
    // The span of the runtime has the id of the request.
    let ours = ours.with_target("lambda_runtime", level.min(LevelFilter::INFO));
    let lines = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(writer);
    lines.with_filter(ours).with_filter(filter_fn(|one| one.target() != TARGET))
}
