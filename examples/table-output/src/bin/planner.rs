//! The planner Lambda with the output of this crate.

use std::sync::Arc;

use fanout_planner::{Config, Context, StateMachine, handle};
use fanout_store::{S3Store, aws_config};
use lambda_runtime::{Error, LambdaEvent, run, service_fn, tracing};
use serde_json::Value;
use table_output::{TableOutput, outputs};

#[tokio::main]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let variable = |name: &str| std::env::var(name).ok();
    let aws = aws_config().await;
    let executions = StateMachine {
        client: aws_sdk_sfn::Client::new(&aws),
        arn: variable("STATE_MACHINE_ARN").ok_or("environment variable STATE_MACHINE_ARN: is not set")?,
    };
    let context = &Context {
        store: Arc::new(S3Store::new(&aws)),
        executions: Arc::new(executions),
        outputs: outputs(TableOutput::WITHOUT_TABLE),
        config: Config::from_variables(variable)?,
    };
    run(service_fn(move |event: LambdaEvent<Value>| async move {
        let answer = handle(event.payload, context).await;
        tracing::info!(?answer, "handled");
        answer
    }))
    .await
}
