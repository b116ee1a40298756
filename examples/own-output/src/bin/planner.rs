//! The planner Lambda with the outputs of this crate.

use std::sync::Arc;

use fanout_log::log_to_cloudwatch;
use fanout_planner::{Config, Context, LambdaAccount, StateMachine, handle};
use fanout_store::{S3Store, aws_config};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use own_output::OUTPUTS;
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log_to_cloudwatch();
    let variable = |name: &str| std::env::var(name).ok();
    let aws = aws_config().await;
    let executions = StateMachine {
        client: aws_sdk_sfn::Client::new(&aws),
        arn: variable("STATE_MACHINE_ARN").ok_or("environment variable STATE_MACHINE_ARN: is not set")?,
    };
    let context = &Context {
        store: Arc::new(S3Store::new(&aws)),
        executions: Arc::new(executions),
        account: Arc::new(LambdaAccount::new(&aws)),
        outputs: OUTPUTS,
        config: Config::from_variables(variable)?,
    };
    run(service_fn(move |event: LambdaEvent<Value>| async move { handle(event.payload, context).await })).await
}
