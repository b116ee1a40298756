//! The layer that writes metrics as lines of the embedded metric format (AWS: "Specification: Embedded metric
//! format"), from which CloudWatch makes metrics without a call.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::Context;

use crate::metrics::TARGET;

/// The namespace of all metrics.
const NAMESPACE: &str = "fanout";

/// The metrics: the field of an event, the metric's name, its unit.
const METRICS: [(&str, &str, &str); 10] = [
    ("runs", "Runs", "Count"),
    ("records", "Records", "Count"),
    ("rejects", "Rejects", "Count"),
    ("reject_share", "RejectShare", "Percent"),
    ("bytes", "Bytes", "Bytes"),
    ("elapsed_ms", "RunDuration", "Milliseconds"),
    ("usd", "CostUSD", "None"),
    ("chunk_ms", "ChunkDuration", "Milliseconds"),
    ("failed_runs", "FailedRuns", "Count"),
    ("refused_uploads", "RefusedUploads", "Count"),
];

/// Writes the events that are metrics, and no others.
pub(crate) struct MetricsLayer<W> {
    stack: String,
    writer: W,
}

impl<W> MetricsLayer<W> {
    /// The metrics of a stack.
    pub(crate) fn new(stack: &str, writer: W) -> Self {
        Self { stack: stack.to_owned(), writer }
    }
}

impl<S, W> Layer<S> for MetricsLayer<W>
where
    S: Subscriber,
    W: for<'writer> MakeWriter<'writer> + 'static,
{
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != TARGET {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
        // A metric that cannot be written is no reason to fail what it counts.
        let _ = writeln!(self.writer.make_writer(), "{}", line(&self.stack, now, &fields));
    }
}

/// The numbers and the code of an event.
#[derive(Debug, Default)]
struct Fields {
    numbers: Vec<(&'static str, Value)>,
    code: Option<String>,
}

impl Visit for Fields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.numbers.push((field.name(), value.into()));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.numbers.push((field.name(), value.into()));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "code" {
            self.code = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// One line: the metrics that have a name, for the stack, and where there is a code also for each code.
fn line(stack: &str, now_ms: u64, fields: &Fields) -> Value {
    let mut line = Map::new();
    let mut metrics = Vec::new();
    let mut dimensions = vec![json!(["Stack"])];
    line.insert("Stack".to_owned(), stack.into());
    if let Some(code) = &fields.code {
        dimensions.push(json!(["Stack", "Code"]));
        line.insert("Code".to_owned(), code.as_str().into());
    }
    for (field, number) in &fields.numbers {
        if let Some((_, name, unit)) = METRICS.iter().find(|(one, _, _)| one == field) {
            metrics.push(json!({ "Name": name, "Unit": unit }));
            line.insert((*name).to_owned(), number.clone());
        }
    }
    let described = json!([{ "Namespace": NAMESPACE, "Dimensions": dimensions, "Metrics": metrics }]);
    line.insert("_aws".to_owned(), json!({ "Timestamp": now_ms, "CloudWatchMetrics": described }));
    Value::Object(line)
}
