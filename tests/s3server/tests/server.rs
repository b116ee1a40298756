//! The server as the SDK sees it: its promises, and its faults on command.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Credentials};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use bytes::Bytes;
use fanout_s3_server::{Fault, Op, S3Server};

fn client(server: &S3Server) -> Client {
    Client::from_conf(Builder::from(&server.config()).force_path_style(true).build())
}

fn get(client: &Client, range: &str) -> GetObjectFluentBuilder {
    client.get_object().bucket("bucket").key("k").range(range)
}

/// The status and the code of an error.
fn refused<T, E: ProvideErrorMetadata>(answer: Result<T, SdkError<E>>) -> (u16, Option<String>) {
    let error = answer.err().unwrap();
    (error.raw_response().map_or(0, |response| response.status().as_u16()), error.code().map(str::to_owned))
}

fn code(status: u16, code: &str) -> (u16, Option<String>) {
    (status, Some(code.to_owned()))
}

#[tokio::test]
async fn ranges_conditions_and_versions() {
    let server = S3Server::start().await;
    let client = client(&server);
    server.keep_versions();
    let first = server.insert("bucket", "k", "0123456789");
    let answer = get(&client, "bytes=2-4").send().await.unwrap();
    assert_eq!((answer.content_range(), answer.content_length()), (Some("bytes 2-4/10"), Some(3)));
    let version = answer.version_id().unwrap().to_owned();
    assert_eq!(answer.body.collect().await.unwrap().into_bytes(), "234");
    assert_eq!(refused(get(&client, "bytes=10-12").send().await), code(416, "InvalidRange"));
    let second = server.insert("bucket", "k", "abc");
    assert_ne!(first, second);
    let stale = get(&client, "bytes=0-1").if_match(format!("\"{first}\"")).send().await;
    assert_eq!(refused(stale), code(412, "PreconditionFailed"));
    let old = get(&client, "bytes=8-99").version_id(&version).send().await.unwrap();
    assert_eq!(old.body.collect().await.unwrap().into_bytes(), "89");
    let head = client.head_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!((head.content_length(), head.e_tag()), (Some(3), Some(format!("\"{second}\"").as_str())));
    client.delete_object().bucket("bucket").key("k").send().await.unwrap();
    assert_eq!(refused(get(&client, "bytes=0-1").send().await), code(404, "NoSuchKey"));
    let requests = server.take_requests();
    let ranges: Vec<_> = requests.iter().filter_map(|request| request.range).collect();
    assert_eq!(ranges, [(2, 5), (10, 13), (0, 2), (8, 100), (0, 2)]);
    assert_eq!((requests[0].op, requests[0].sent(), &requests[2].if_match), (Op::Get, 3, &Some(first)));
}

#[tokio::test]
async fn another_secret_is_refused() {
    let server = S3Server::start().await;
    let credentials = Credentials::new("test", "wrong", None, None, "test");
    let config = Builder::from(&server.config()).force_path_style(true).credentials_provider(credentials);
    let answer = get(&Client::from_conf(config.build()), "bytes=0-1").send().await;
    assert_eq!(refused(answer), code(403, "SignatureDoesNotMatch"));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let server = S3Server::start().await;
    for index in 0..5 {
        server.insert("bucket", &format!("p/{index}"), "x");
    }
    server.insert("bucket", "q", "x");
    let pages = client(&server).list_objects_v2().bucket("bucket").prefix("p/").into_paginator().page_size(2);
    let mut stream = pages.send();
    let mut keys = Vec::new();
    while let Some(page) = stream.next().await {
        keys.push(page.unwrap().contents().iter().map(|object| object.key().unwrap().to_owned()).collect::<Vec<_>>());
    }
    assert_eq!(keys, [vec!["p/0", "p/1"], vec!["p/2", "p/3"], vec!["p/4"]]);
}

#[tokio::test]
async fn uploads_in_parts_are_seen_when_they_are_complete() {
    let server = S3Server::start().await;
    let client = client(&server);
    let create = client.create_multipart_upload().bucket("bucket").key("k").send().await.unwrap();
    let id = create.upload_id().unwrap();
    let mut parts = Vec::new();
    for (number, bytes) in [(1, vec![b'1'; 5 << 20]), (2, vec![b'2'; 10])] {
        let part = client.upload_part().bucket("bucket").key("k").upload_id(id).part_number(number);
        let part = part.body(ByteStream::from(bytes)).send().await.unwrap();
        parts.push(CompletedPart::builder().part_number(number).set_e_tag(part.e_tag).build());
    }
    assert_eq!((server.keys("bucket"), server.open_uploads("bucket")), (vec![], vec!["k".to_owned()]));
    let listed = client.list_multipart_uploads().bucket("bucket").send().await.unwrap();
    assert_eq!(listed.uploads()[0].upload_id(), Some(id));
    let complete = |parts: Vec<CompletedPart>| {
        let upload = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        client.complete_multipart_upload().bucket("bucket").key("k").upload_id(id).multipart_upload(upload).send()
    };
    let reversed = parts.iter().rev().cloned().collect();
    assert_eq!(refused(complete(reversed).await), code(400, "InvalidPartOrder"));
    complete(parts.clone()).await.unwrap();
    assert_eq!(server.object("bucket", "k").unwrap().len(), (5 << 20) + 10);
    assert_eq!(refused(complete(parts).await), code(404, "NoSuchUpload"));
}

#[tokio::test]
async fn faults_come_on_command() {
    let server = S3Server::start().await;
    let client = client(&server);
    server.insert("bucket", "k", "0123456789");
    let faults = [
        Fault::Error("SlowDown"),
        Fault::Error("InternalError"),
        Fault::Error("AccessDenied"),
        Fault::BreakAfter(4),
        Fault::ShortAfter(4),
        Fault::OverwriteAfter(4, Bytes::from_static(b"another")),
        Fault::Slow(1, 1),
    ];
    server.fail(Op::Get, "k", faults);
    // The first two are tried again by the client, until it meets the third.
    assert_eq!(refused(get(&client, "bytes=0-9").send().await), code(403, "AccessDenied"));
    let answer = get(&client, "bytes=0-9").send().await.unwrap();
    assert!(answer.body.collect().await.is_err());
    let answer = get(&client, "bytes=0-9").send().await.unwrap();
    assert_eq!(answer.content_range(), Some("bytes 0-9/10"));
    assert_eq!(answer.body.collect().await.unwrap().into_bytes(), "0123");
    let answer = get(&client, "bytes=0-9").send().await.unwrap();
    assert!(answer.body.collect().await.is_err());
    let answer = get(&client, "bytes=0-9").send().await.unwrap();
    assert_eq!(answer.body.collect().await.unwrap().into_bytes(), "another");
    server.fail_always(Op::Put, Fault::LostAnswer);
    assert!(client.put_object().bucket("bucket").key("new").body(ByteStream::from_static(b"x")).send().await.is_err());
    assert_eq!(server.object("bucket", "new").unwrap(), "x");
    let sent: Vec<_> = server.take_requests().iter().filter(|it| it.op == Op::Get).map(|it| it.sent()).collect();
    assert_eq!(sent, [0, 0, 0, 4, 4, 4, 7]);
}
