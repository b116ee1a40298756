//! What a run leaves that fails: a record with the place and the next step, which goes when the run succeeds.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use fanout_core::message::{FailureReport, from_json};
use fanout_core::{Code, Coded};
use fanout_s3_server::{Fault, Op, S3Server};
use fanout_tests::s3::{BUCKET, run, text};

fn record(server: &S3Server) -> Option<FailureReport> {
    server.object("out", "run/failure.json").map(|bytes| from_json("failure", &bytes).unwrap())
}

#[tokio::test]
async fn a_failed_run_leaves_its_record() {
    let server = S3Server::start().await;
    server.insert(BUCKET, "k.csv", text(300));
    server.fail(Op::Put, "run/data/part-00001.jsonl", [Fault::Error("AccessDenied")]);
    let error = run(&server, "k.csv", "run", 1500).await.unwrap_err();
    assert_eq!(error.code(), Code::AccessDenied);
    let failure = record(&server).unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("AccessDenied", error.to_string().as_str()));
    assert_eq!((failure.place.chunk, failure.object.unwrap().key.as_str()), (Some(1), "k.csv"));
    assert_eq!(failure.failed_chunks[0].failure.code, Code::AccessDenied);
    assert!(failure.next_step.starts_with("Give the role"), "{}", failure.next_step);
    assert!(failure.chunks.unwrap() > failure.chunks_done);
    let page = String::from_utf8(server.object("out", "run/failure.html").unwrap().to_vec()).unwrap();
    for text in ["The run failed", "AccessDenied", "s3://bucket/k.csv", "chunk 1", "Give the role"] {
        assert!(page.contains(text), "{text}");
    }
    assert!(!server.keys("out").contains(&"run/report.json".to_owned()));

    run(&server, "k.csv", "run", 1500).await.unwrap();
    assert_eq!(record(&server), None);
    let keys = server.keys("out");
    assert!(keys.contains(&"run/report.json".to_owned()) && !keys.contains(&"run/failure.html".to_owned()), "{keys:?}");
}

#[tokio::test]
async fn too_many_rejects_are_recorded_with_their_parts() {
    let server = S3Server::start().await;
    // The samples are read before the run, and are fine.
    let body = format!("id,name\n{}{}", "1,x\n".repeat(400_000), "1,2,3\n".repeat(600_000));
    server.insert(BUCKET, "k.csv", body);
    let error = run(&server, "k.csv", "run", 1 << 20).await.unwrap_err();
    assert_eq!(error.code(), Code::TooManyRejects, "{error}");
    if let Some(failure) = record(&server) {
        assert_eq!((failure.code.as_str(), failure.chunks_done), ("TooManyRejects", failure.chunks.unwrap()));
        assert!(failure.rejects > failure.records && !failure.reject_parts.is_empty(), "{failure:?}");
    }
}
