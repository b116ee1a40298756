//! The command line over `s3://` objects, with the environment that a person sets.
#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::path::Path;
use std::process::{Command, Output};

use fanout_s3_server::{ACCESS_KEY, Fault, Op, S3Server, SECRET_KEY};
use serde_json::{Value, json};

/// Runs `fanout` with these variables and no other of AWS's.
fn fanout(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fanout"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        command.env_remove(name);
    }
    let nowhere = folder.join("none");
    command.env("AWS_CONFIG_FILE", &nowhere).env("AWS_SHARED_CREDENTIALS_FILE", &nowhere);
    command.env("AWS_EC2_METADATA_DISABLED", "true").envs(variables.iter().copied());
    command.current_dir(folder).args(args).output().unwrap()
}

fn json_of(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_is_found_in_variables_and_in_a_profile() {
    let server = S3Server::start().await;
    server.insert("bucket", "a/people b+c.csv", "id,name\n1,a\n2,b\n");
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let url = server.url();
    let profile = format!(
        "[profile there]\nregion = eu-central-1\nendpoint_url = {url}\naws_access_key_id = {ACCESS_KEY}\n\
         aws_secret_access_key = {SECRET_KEY}\n"
    );
    let file = folder.join("config");
    std::fs::write(&file, profile).unwrap();
    let credentials = [("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    let with = |more: &[(&'static str, &'static str)]| [&credentials[..], more].concat();
    let url: &'static str = url.leak();
    let file: &'static str = file.to_str().unwrap().to_owned().leak();
    let environments = [
        ("a variable", with(&[("AWS_ENDPOINT_URL", url)])),
        ("a variable of S3 alone", with(&[("AWS_ENDPOINT_URL_S3", url)])),
        ("with a region", with(&[("AWS_ENDPOINT_URL", url), ("AWS_REGION", "eu-north-1")])),
        ("a profile", vec![("AWS_CONFIG_FILE", file), ("AWS_PROFILE", "there")]),
    ];
    for (case, variables) in environments {
        let object = "s3://bucket/a/people b+c.csv";
        let plan = json_of(&fanout(folder, &variables, &["plan", object, "--chunk-size", "4", "--json"]));
        assert_eq!((&plan["chunk_count"], &plan["header"]), (&json!(2), &json!(["id", "name"])), "{case}");
        let report = json_of(&fanout(folder, &variables, &["run", object, "--chunk-size", "4", "--json"]));
        assert_eq!((&report["records"], &report["coverage"]["verified"]), (&json!(2), &json!(true)), "{case}");
        let select = ["run", object, "--chunk-size", "4", "--reader", "select"];
        let table = fanout(folder, &variables, &select);
        let table = String::from_utf8_lossy(&table.stdout).into_owned();
        assert!(table.contains("read by S3 Select: 6 B scanned"), "{case}: {table}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_said() {
    let server = S3Server::start().await;
    server.insert("bucket", "k.csv", "id\n1\n");
    server.fail(Op::Select, "k.csv", [Fault::Error("MethodNotAllowed")]);
    let folder = tempfile::tempdir().unwrap();
    let url = server.url();
    let all = [("AWS_ENDPOINT_URL", &*url), ("AWS_ACCESS_KEY_ID", ACCESS_KEY), ("AWS_SECRET_ACCESS_KEY", SECRET_KEY)];
    let wrong = [all[0], all[1], ("AWS_SECRET_ACCESS_KEY", "wrong")];
    let table: [(&str, &[(&str, &str)], &[&str], &str); 7] = [
        (
            "no region",
            &all[1..],
            &["s3://bucket/k.csv"],
            "error: NotConfigured: bucket/k.csv: no request could be made: ",
        ),
        (
            "no credentials",
            &all[..1],
            &["s3://bucket/k.csv"],
            "error: NotConfigured: bucket/k.csv: no request could be made: ",
        ),
        ("a wrong secret", &wrong, &["s3://bucket/k.csv"], "error: AccessDenied: bucket/k.csv: refused: Signature"),
        ("no object", &all, &["s3://bucket/gone.csv"], "error: NoSuchObject: bucket/gone.csv: no such object: "),
        ("no key", &all, &["s3://bucket"], "error: InvalidJob: object \"s3://bucket\": expected s3://bucket/key"),
        (
            "no S3 Select",
            &all,
            &["s3://bucket/k.csv", "--reader", "select"],
            "error: InvalidJob: bucket/k.csv: S3 Select",
        ),
        (
            "a local file",
            &all,
            &["config", "--reader", "select"],
            "error: InvalidJob: reader select: the store is not S3",
        ),
    ];
    std::fs::write(folder.path().join("config"), "id\n1\n").unwrap();
    for (case, variables, args, expected) in table {
        let output = fanout(folder.path(), variables, &[&["run"], args].concat());
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = if expected.starts_with("error: InvalidJob: ") { 2 } else { 1 };
        assert_eq!(output.status.code(), Some(code), "{case}");
        assert!(error.starts_with(expected) && error.lines().count() == 1, "{case}: {error}");
    }
}
