//! The outputs of a run: those that job or dataset name, with the query that one of them has.

use std::time::{SystemTime, UNIX_EPOCH};

use fanout_core::message::{Dataset, Job, OutputChoice};
use fanout_outputs::{DEFAULT, OutputKinds};
use serde_json::Value;

use crate::PlannerError;
use crate::plan::invalid;

/// The output that runs a query, and its option for it.
const SQL: &str = "sql";
const QUERY: &str = "query";
/// Its option for the moment of `now()`.
const NOW: &str = "now";

/// The outputs of a run with a query that names none.
const WITH_QUERY: [&str; 2] = ["rejects", SQL];

/// Returns the outputs of a run. The job's words go before those of the dataset.
///
/// # Errors
///
/// [`PlannerError::Message`] where there are two queries, or where this program runs none.
pub(crate) fn chosen(
    job: &Job,
    dataset: &Dataset,
    kinds: OutputKinds,
    now: SystemTime,
) -> Result<Vec<OutputChoice>, PlannerError> {
    let named = job.outputs.clone().or_else(|| dataset.outputs.clone());
    let query = job.query.as_ref().or(dataset.query.as_ref());
    let default: &[&str] = if query.is_some() { &WITH_QUERY } else { &DEFAULT };
    let mut outputs = named.unwrap_or_else(|| default.iter().map(|name| OutputChoice::named(name)).collect());
    if let Some(query) = query {
        add(&mut outputs, query)?;
    }
    for output in outputs.iter_mut().filter(|output| output.name == SQL) {
        // Whatever a job says: the moment is that of the plan.
        output.options.insert(NOW.to_owned(), Value::from(microseconds(now)));
    }
    let wanted = outputs.iter().any(|output| output.name == SQL);
    if wanted && !kinds.iter().any(|kind| kind.name() == SQL) {
        return Err(invalid(
            "query: this program was built without SQL, which takes minutes to compile: build it with \
             `--features sql`, or take a released one"
                .to_owned(),
        ));
    }
    Ok(outputs)
}

fn microseconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| u64::try_from(since.as_micros()).unwrap_or(u64::MAX))
}

/// Gives the query to the output that runs it.
fn add(outputs: &mut Vec<OutputChoice>, query: &str) -> Result<(), PlannerError> {
    let query = Value::String(query.to_owned());
    if !outputs.iter().any(|output| output.name == SQL) {
        outputs.push(OutputChoice::named(SQL));
    }
    for output in outputs.iter_mut().filter(|output| output.name == SQL) {
        match output.options.get(QUERY) {
            Some(own) if *own != query => {
                return Err(invalid("query: the output sql has another one in its options".to_owned()));
            }
            _ => output.options.insert(QUERY.to_owned(), query.clone()),
        };
    }
    Ok(())
}
