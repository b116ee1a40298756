//! The planner Lambda: reads the environment, builds the clients and hands over.

use std::sync::Arc;

use fanout_log::log_to_cloudwatch;
use fanout_outputs::OutputKinds;
use fanout_planner::{Config, Context, LambdaAccount, StateMachine, handle};
use fanout_store::{S3Store, aws_config};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;

/// The outputs that a run can name.
#[cfg(feature = "sql")]
const OUTPUTS: OutputKinds = fanout_sql::WITH_SQL;
#[cfg(not(feature = "sql"))]
const OUTPUTS: OutputKinds = fanout_outputs::BUILT_IN;

#[tokio::main]
async fn main() -> Result<(), Error> {
    log_to_cloudwatch();
    let variable = |name: &str| std::env::var(name).ok();
    let aws = aws_config().await;
    let requester_pays = variable("REQUESTER_PAYS").as_deref() == Some("yes");
    let executions = StateMachine {
        client: aws_sdk_sfn::Client::new(&aws),
        arn: variable("STATE_MACHINE_ARN").ok_or("environment variable STATE_MACHINE_ARN: is not set")?,
    };
    let context = &Context {
        store: Arc::new(S3Store::new(&aws).with_requester_pays(requester_pays)),
        executions: Arc::new(executions),
        account: Arc::new(LambdaAccount::new(&aws)),
        outputs: OUTPUTS,
        config: Config::from_variables(variable)?,
    };
    run(service_fn(move |event: LambdaEvent<Value>| async move { handle(event.payload, context).await })).await
}
