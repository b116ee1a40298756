//! The stack that a command is about, by its name: the outputs that the template gives it.

use std::collections::BTreeMap;

use fanout_core::Location;

use super::DeployedError;
use super::arn::Machine;
use super::aws::{Client, StackAnswer, resources, stacks};
use super::error::LISTED;

/// Outputs of the template.
const MACHINE: &str = "StateMachineArn";
const RESULTS: &str = "ResultsBucket";

/// The prefix of everything in the results bucket, as an output or a parameter; nothing where the template has neither.
const RESULTS_PREFIX: &str = "ResultsPrefix";

/// The parameter with prices.
const PRICES: &str = "Prices";

/// The log groups of the template, and the functions that write to them.
const LOGS: [(&str, &str); 3] =
    [("PlannerLogs", "planner"), ("ProcessorLogs", "processor"), ("ReducerLogs", "reducer")];

/// A stack of fanout.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    name: String,
    pub(super) machine: Machine,
    /// The bucket of results and datasets, and the prefix of everything in it.
    pub(super) results: Location,
    /// Its own prices, as the template has them; empty for the built-in ones.
    pub(super) prices: String,
}

impl Stack {
    /// Finds a stack by its name.
    pub(super) async fn find(client: &Client, name: &str) -> Result<Self, DeployedError> {
        let found = match stacks(client, Some(name)).await {
            Ok(found) => found.into_iter().next(),
            // "Stack with id … does not exist" has the code of everything that is wrong with a request.
            Err(error) if error.is(&["ValidationError"]) => None,
            Err(error) => return Err(error),
        };
        let Some(found) = found else {
            let stacks = Self::names(client).await;
            return Err(DeployedError::NoSuchStack {
                stack: name.to_owned(),
                region: client.region().to_owned(),
                stacks,
            });
        };
        match Self::of(&found) {
            Ok(stack) => Ok(stack),
            Err(output) => {
                let stacks = Self::names(client).await;
                Err(DeployedError::OtherStack { stack: name.to_owned(), output, stacks })
            }
        }
    }

    /// Reads a stack's outputs, or names the one that it lacks.
    fn of(found: &StackAnswer) -> Result<Self, &'static str> {
        let output = |name: &'static str| found.outputs.get(name).ok_or(name);
        let prefix = found.outputs.get(RESULTS_PREFIX).or(found.parameters.get(RESULTS_PREFIX));
        let prefix = prefix.map_or("", String::as_str);
        Ok(Stack {
            name: found.name.clone(),
            machine: Machine::parse(output(MACHINE)?).ok_or(MACHINE)?,
            results: Location::new(output(RESULTS)?, prefix),
            prices: found.parameters.get(PRICES).cloned().unwrap_or_default(),
        })
    }

    /// The names of the stacks of fanout; `None` where the caller may not list stacks.
    async fn names(client: &Client) -> Option<Vec<String>> {
        let found = stacks(client, None).await.ok()?;
        let names = found.iter().filter(|stack| Self::of(stack).is_ok()).map(|stack| stack.name.clone());
        Some(names.take(LISTED + 1).collect())
    }

    /// Returns the log groups with the names of their functions.
    pub(super) async fn log_groups(&self, client: &Client) -> Result<Vec<(String, &'static str)>, DeployedError> {
        let resources: BTreeMap<_, _> = resources(client, &self.name).await?;
        let group = |(resource, function): &(&str, &'static str)| Some((resources.get(*resource)?.clone(), *function));
        Ok(LOGS.iter().filter_map(group).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_known_by_its_outputs() {
        let machine = "arn:aws:states:eu-west-1:123456789012:stateMachine:fanout";
        let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        let table: [(&[(&str, &str)], Result<&str, &str>); 4] = [
            (&[(MACHINE, machine), (RESULTS, "r")], Ok("r/")),
            (&[(MACHINE, machine), (RESULTS, "r"), (RESULTS_PREFIX, "team/")], Ok("r/team/")),
            (&[(MACHINE, machine)], Err(RESULTS)),
            (&[(MACHINE, "x"), (RESULTS, "r")], Err(MACHINE)),
        ];
        for (outputs, expected) in table {
            let found = StackAnswer { outputs: pairs(outputs), ..StackAnswer::default() };
            let place = Stack::of(&found).map(|stack| format!("{}/{}", stack.results.bucket, stack.results.key));
            assert_eq!(place.as_deref().map_err(|output| *output), expected);
        }
    }

    #[test]
    fn the_template_has_what_is_looked_for() {
        let template = include_str!("../../../template.yaml");
        let logs = LOGS.map(|(resource, _)| resource);
        for name in [MACHINE, RESULTS, RESULTS_PREFIX, PRICES].iter().chain(&logs) {
            assert!(template.contains(&format!("\n  {name}:\n")), "{name}");
        }
    }
}
