//! Whole runs with their source and their results in S3.

use std::sync::Arc;

use fanout_cli::{CliError, LocalRun, Source};
use fanout_core::Prices;
use fanout_core::message::{Job, Report};
use fanout_outputs::BUILT_IN;
use fanout_s3_server::S3Server;
use fanout_store::{S3Store, Store};
use serde_json::json;

/// The bucket of the objects; that of the results is `out`.
pub const BUCKET: &str = "bucket";

/// An object with the columns `id` and `name`, the latter with line breaks.
pub fn text(records: usize) -> Vec<u8> {
    let mut text = "id,name\n".to_owned();
    (0..records).for_each(|id| text.push_str(&format!("{id},\"name\nof {id}\"\n")));
    text.into_bytes()
}

/// Runs a job over an object of the server, its results in the bucket `out` under the run's id.
///
/// # Errors
///
/// [`CliError`] of the step that fails.
pub async fn run(server: &S3Server, key: &str, run_id: &str, chunk_size: u64) -> Result<Report, CliError> {
    let outputs = ["exact_profile", "rejects", "jsonl"];
    let job = json!({
        "bucket": BUCKET, "key": key, "chunk_size": chunk_size, "run_id": run_id, "outputs": outputs,
        "dataset": {"types": "text"}
    });
    run_job(S3Store::new(&server.config()), serde_json::from_value(job).expect("a job")).await
}

/// Runs a job with source and results in this store.
///
/// # Errors
///
/// [`CliError`] of the step that fails.
pub async fn run_job(store: S3Store, job: Job) -> Result<Report, CliError> {
    let store: Arc<dyn Store> = Arc::new(store);
    let source = Source::new(store.clone(), &job.bucket, &job.key);
    let local = LocalRun::with_stores(source, store, "out", 4, Prices::built_in().expect("prices"), BUILT_IN);
    local.run(local.plan(&job).await?, |_| ()).await
}
