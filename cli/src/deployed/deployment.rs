//! The deployment that a command is about: a stack, or a state machine alone; and a run of it by its name.

use fanout_core::{Location, Prices};
use fanout_store::S3Store;

use super::DeployedError;
use super::arn::Machine;
use super::aws::{Client, Execution, States};
use super::error::LISTED;
use super::given::Given;
use super::stack::Stack;
use crate::{CliError, argument};

/// The name of a stack where none is given: that of samconfig.toml.
const STACK: &str = "fanout";

/// Executions among which a run with another name than its own is looked for.
const LOOKED_AT: u64 = 20;

/// The stack or the state machine that arguments name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A stack, by its name.
    Stack(String),
    /// A state machine, by its ARN.
    Machine(String),
}

impl Target {
    /// The target that arguments name: a stack, a state machine, or the stack `fanout`.
    pub fn of(stack: Option<&str>, machine: Option<&str>) -> Self {
        match machine {
            Some(machine) => Target::Machine(machine.to_owned()),
            None => Target::Stack(stack.unwrap_or(STACK).to_owned()),
        }
    }

    /// The arguments that name it, as they follow others; nothing for the stack that is meant without any.
    fn words(&self) -> String {
        match self {
            Target::Stack(name) if name == STACK => String::new(),
            Target::Stack(name) => format!(" --stack {name}"),
            Target::Machine(arn) => format!(" --state-machine {arn}"),
        }
    }
}

/// A deployment, and the clients to work with it.
pub struct Deployment {
    pub(super) client: Client,
    pub(super) store: S3Store,
    pub(super) machine: Machine,
    pub(super) stack: Option<Stack>,
    /// The arguments that name it, as they follow the name of a run.
    words: String,
}

impl Deployment {
    /// Finds the deployment that arguments name.
    ///
    /// # Errors
    ///
    /// [`DeployedError`] where it is not there or AWS cannot be asked, [`CliError::Argument`] where the ARN is none.
    pub async fn find(target: &Target) -> Result<Self, CliError> {
        let words = target.words();
        match target {
            Target::Machine(arn) => {
                let invalid = || {
                    let expected = "expected arn:aws:states:<region>:<account>:stateMachine:<name>";
                    argument(&format!("--state-machine {arn:?}"), expected)
                };
                let machine = Machine::parse(arn).ok_or_else(invalid)?;
                let client = Client::from_env(Some(machine.region())).await;
                Ok(Deployment { store: S3Store::new(client.config()), client, machine, stack: None, words })
            }
            Target::Stack(name) => {
                let client = Client::from_env(None).await;
                let stack = Stack::find(&client, name).await?;
                let (store, machine) = (S3Store::new(client.config()), stack.machine.clone());
                Ok(Deployment { store, client, machine, stack: Some(stack), words })
            }
        }
    }

    /// Finds the deployment of a run: the one that its ARN names, or that of the arguments.
    ///
    /// # Errors
    ///
    /// As [`Deployment::find`].
    pub async fn of_run(run: &str, target: &Target) -> Result<Self, CliError> {
        let Some((machine, _)) = Machine::of_execution(run) else { return Self::find(target).await };
        let client = Client::from_env(Some(machine.region())).await;
        // The template gives the state machine the name of its stack, which is asked only where it is needed.
        let stack = Stack::find(&client, &machine.name).await.ok().filter(|stack| stack.machine == machine);
        Ok(Deployment { store: S3Store::new(client.config()), client, machine, stack, words: String::new() })
    }

    /// Step Functions.
    pub(super) fn states(&self) -> States<'_> {
        States(&self.client)
    }

    /// The store of results.
    pub fn store(&self) -> &S3Store {
        &self.store
    }

    /// Returns the bucket of results and datasets, with the prefix of everything in it.
    pub(super) fn results(&self, what: &str) -> Result<Location, CliError> {
        let stack = self.stack.as_ref().map(|stack| stack.results.clone());
        stack.ok_or_else(|| {
            argument("--state-machine", &format!("{what} is known of a stack alone: name it by --stack"))
        })
    }

    /// Returns the prices that the stack was deployed with.
    pub(super) fn prices(&self) -> Option<Prices> {
        let own = self.stack.as_ref().map_or("", |stack| stack.prices.as_str());
        Prices::of_variable("prices", own).ok()
    }

    /// Returns a command for a person to type: `fanout watch people-1`.
    pub fn command(&self, verb: &str, run: &str) -> String {
        format!("fanout {verb} {run}{}", self.words)
    }

    /// Finds the execution of a run by the run's name, the execution's name, or the execution's ARN.
    ///
    /// # Errors
    ///
    /// [`DeployedError::NoSuchRun`] with the newest ones, where there is none.
    pub(super) async fn execution(&self, run: &str) -> Result<Execution, DeployedError> {
        let name = Machine::of_execution(run).map_or_else(|| run.to_owned(), |(_, name)| name);
        match self.states().execution(&self.machine.execution(&name)).await {
            Err(error) if error.is(&["ExecutionDoesNotExist", "InvalidArn", "ValidationException"]) => {}
            done => return done,
        }
        // A job can name its run otherwise than its execution.
        let newest = self.states().executions(&self.machine.to_string(), None, LOOKED_AT).await?;
        for item in &newest {
            let execution = self.states().execution(&item.execution_arn).await?;
            let given = execution.input.as_deref().and_then(Given::of_input);
            if given.and_then(|given| given.run_id).is_some_and(|id| id == name) {
                return Ok(execution);
            }
        }
        let runs = newest.into_iter().take(LISTED).map(|item| item.name).collect();
        Err(DeployedError::NoSuchRun { run: name, machine: self.machine.name.clone(), runs })
    }
}
