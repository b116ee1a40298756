//! The metrics of runs and chunks. All of them are here; each is an event that only the layer of metrics reads.

/// The target of events that are metrics.
pub(crate) const TARGET: &str = "metrics";

/// The figures of a run that has its report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RunMetrics {
    /// Records accepted.
    pub records: u64,
    /// Records refused.
    pub rejects: u64,
    /// Bytes of the object.
    pub bytes: u64,
    /// Time from start to report, in milliseconds.
    pub elapsed_ms: u64,
    /// US dollars.
    pub usd: f64,
}

/// Counts a run that has its report.
pub fn run_succeeded(run: &RunMetrics) {
    let RunMetrics { records, rejects, bytes, elapsed_ms, usd } = *run;
    let share = rejects as f64 / ((records + rejects).max(1) as f64) * 100.0;
    tracing::info!(target: TARGET, runs = 1u64, records, rejects, reject_share = share, bytes, elapsed_ms, usd);
}

/// Counts a run that failed, by the code of its error.
pub fn run_failed(code: &str) {
    tracing::info!(target: TARGET, failed_runs = 1u64, code);
}

/// Counts an upload that was not planned, by the code of its error.
pub fn upload_refused(code: &str) {
    tracing::info!(target: TARGET, refused_uploads = 1u64, code);
}

/// Tells how long a chunk took.
pub fn chunk_processed(chunk_ms: u64) {
    tracing::info!(target: TARGET, chunk_ms);
}
