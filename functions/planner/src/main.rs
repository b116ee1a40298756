//! The planner Lambda: reads the environment, builds the clients and hands over.

use aws_config::BehaviorVersion;
use fanout_planner::{Config, StateMachine, handle};
use fanout_store::S3Store;
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let variable = |name: &str| std::env::var(name).ok();
    let config = &Config::from_variables(variable)?;
    let aws = aws_config::load_defaults(BehaviorVersion::latest()).await;
    let store = &S3Store::new(&aws);
    let executions = &StateMachine {
        client: aws_sdk_sfn::Client::new(&aws),
        arn: variable("STATE_MACHINE_ARN").ok_or("environment variable STATE_MACHINE_ARN: is not set")?,
    };
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let answer = handle(event.payload, store, executions, config).await;
        tracing::info!(?answer, "handled");
        answer
    }))
    .await
}
