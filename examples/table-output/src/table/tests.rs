//! The table's requests against a server that gives fixed answers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Config, Credentials, Region};
use aws_sdk_dynamodb::types::DeleteRequest;
use serde_json::{Value, json};

use super::*;

/// A table whose server gives these answers, status and body, and then ends with the requests that it got.
fn table(answers: Vec<(u16, Value)>) -> (Table, JoinHandle<Vec<Value>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = Config::builder()
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .retry_config(RetryConfig::disabled())
        .build();
    let server = std::thread::spawn(move || answers.iter().map(|answer| serve(&listener, answer)).collect());
    (Table { client: Client::from_conf(config), name: "items".to_owned() }, server)
}

fn serve(listener: &TcpListener, (status, answer): &(u16, Value)) -> Value {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(&stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).unwrap() > 2 {
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let text = answer.to_string();
    let head = format!("HTTP/1.1 {status} answer\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", text.len());
    (&stream).write_all(format!("{head}{text}").as_bytes()).unwrap();
    serde_json::from_slice(&body).unwrap()
}

fn request(record: &str) -> WriteRequest {
    let delete = DeleteRequest::builder().key(SORT, AttributeValue::S(record.to_owned())).build().unwrap();
    WriteRequest::builder().delete_request(delete).build()
}

fn written(records: &[&str]) -> Value {
    let requests = records.iter().map(|record| json!({ "DeleteRequest": { "Key": { SORT: { "S": record } } } }));
    json!({ "items": requests.collect::<Vec<_>>() })
}

#[tokio::test]
async fn requests_that_stay_unprocessed_are_sent_again() {
    let left = json!({ "UnprocessedItems": written(&["2"]) });
    let (table, server) = table(vec![(200, left.clone()), (200, left), (200, json!({ "UnprocessedItems": {} }))]);
    table.write(vec![request("1"), request("2")]).await.unwrap();
    let sent: Vec<Value> = server.join().unwrap().into_iter().map(|body| body["RequestItems"].clone()).collect();
    assert_eq!(sent, [written(&["1", "2"]), written(&["2"]), written(&["2"])]);
}

#[tokio::test]
async fn a_fault_may_pass_and_a_refusal_does_not() {
    for (status, code, passes) in [
        (500, "InternalServerError", true),
        (400, "ProvisionedThroughputExceededException", true),
        (400, "ThrottlingException", true),
        (400, "ValidationException", false),
        (400, "ResourceNotFoundException", false),
        (400, "AccessDeniedException", false),
    ] {
        let error = json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": "no" });
        let (table, server) = table(vec![(status, error)]);
        let error = table.write(vec![request("1")]).await.unwrap_err();
        assert_eq!(matches!(error, OutputError::Unavailable { .. }), passes, "{error}");
        assert_eq!(matches!(error, OutputError::Failed { .. }), !passes, "{error}");
        assert!(error.to_string().contains(code), "{error}");
        server.join().unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_away_may_come_back() {
    let (table, server) = table(Vec::new());
    server.join().unwrap();
    let error = table.keys("run#0", "0", None).await.unwrap_err();
    assert!(matches!(error, OutputError::Unavailable { .. }), "{error}");
}
