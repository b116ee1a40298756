//! MB/s of one chunk over S3 with several connections, from a server in this process that gives each
//! of them 80 MB/s: about what S3 gives one.
//!
//! `cargo bench -p fanout-tests --bench connections` takes 500 MB; `FANOUT_BENCH_MB=50` changes that.
#![allow(clippy::unwrap_used)] // A benchmark may stop.

use std::sync::Arc;
use std::time::Instant;

use fanout_core::chunks;
use fanout_core::message::{Plan, ProcessRequest};
use fanout_outputs::BUILT_IN;
use fanout_processor::{Context, process};
use fanout_s3_server::S3Server;
use fanout_store::{MemoryStore, S3Store};
use serde_json::json;

const RATE: u64 = 80_000_000;

#[tokio::main]
async fn main() {
    let megabytes: u64 = std::env::var("FANOUT_BENCH_MB").ok().and_then(|text| text.parse().ok()).unwrap_or(500);
    let mut text = Vec::new();
    fanout_cli::sample::write(megabytes * 1_000_000 / 58, &mut text, |_| ()).unwrap();
    let size = text.len() as u64;
    let server = S3Server::start().await;
    let etag = server.insert("bucket", "people.csv", text);
    server.limit(Some(RATE));
    println!("people.csv, {} MB in one chunk, 80 MB/s a connection", size / 1_000_000);
    let header: Vec<&str> = fanout_cli::sample::HEADER.trim_end().split(',').collect();
    let start = fanout_cli::sample::HEADER.len() as u64;
    for output in ["rejects", "exact_profile"] {
        let plan: Plan = serde_json::from_value(json!({
            "run_id": "run", "object": {"bucket": "bucket", "key": "people.csv", "etag": etag, "size": size},
            "dataset": {"columns": {"id": "int64", "age": "int64", "latitude": "float64"}}, "reader": "range",
            "outputs": [output], "header": header, "data_start": start, "chunk_size": size, "chunk_count": 1,
            "results": {"bucket": "out", "key": "run/"}, "estimate": {"seconds": 1.0, "usd": 0.0}
        }))
        .unwrap();
        let request = ProcessRequest { chunk: chunks(plan.data(), plan.chunk_size).next().unwrap(), plan };
        let mut one = 0.0;
        for connections in [1, 2, 4] {
            let context = Context {
                source: Arc::new(S3Store::new(&server.config()).with_connections(connections)),
                results: Arc::new(MemoryStore::new()),
                outputs: BUILT_IN,
                memory_mb: 0,
            };
            let clock = Instant::now();
            process(&request, &context).await.unwrap();
            let rate = size as f64 / 1e6 / clock.elapsed().as_secs_f64();
            one = if connections == 1 { rate } else { one };
            println!("{output:<14} {connections} connections {rate:>7.0} MB/s {:>6.2} times one", rate / one);
        }
    }
}
