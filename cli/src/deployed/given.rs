//! The input of an execution: a job, or the plan of an upload. Only what is told of it is read, so that the messages of
//! other versions are too.

use fanout_core::Location;
use fanout_core::message::Concurrency;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, from_value};

/// The facts of an execution's input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Given {
    /// The object.
    pub(super) object: Location,
    /// The run's id, where the input has it.
    pub(super) run_id: Option<String>,
    /// The plan, where there is one yet.
    pub(super) plan: Option<PlanFacts>,
}

/// The facts of a plan.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct PlanFacts {
    pub(super) run_id: String,
    pub(super) object: ObjectFacts,
    pub(super) results: Location,
    pub(super) chunk_size: u64,
    pub(super) chunk_count: u64,
    #[serde(default, deserialize_with = "lenient")]
    pub(super) concurrency: Option<Concurrency>,
    data_start: u64,
    compression: Option<Value>,
}

/// The facts of an object.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct ObjectFacts {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) size: u64,
}

impl Given {
    /// Reads the input of an execution; `None` where it is neither a job nor a plan.
    pub(super) fn of_input(text: &str) -> Option<Self> {
        let input: Value = serde_json::from_str(text).ok()?;
        if let Some(plan) = PlanFacts::of(&input) {
            let object = Location::new(&plan.object.bucket, &plan.object.key);
            return Some(Given { object, run_id: Some(plan.run_id.clone()), plan: Some(plan) });
        }
        let field = |name: &str| input.get(name)?.as_str();
        let object = Location::new(field("bucket")?, field("key")?);
        Some(Given { object, run_id: field("run_id").map(str::to_owned), plan: None })
    }
}

/// A value that another version may write otherwise; nothing, where it cannot be read.
fn lenient<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Concurrency>, D::Error> {
    Ok(from_value(Value::deserialize(from)?).ok())
}

impl PlanFacts {
    /// Reads the plan in what a state of the state machine gives.
    pub(super) fn of_output(text: &str) -> Option<Self> {
        Self::of(&serde_json::from_str(text).ok()?)
    }

    fn of(value: &Value) -> Option<Self> {
        from_value(value.get("plan")?.clone()).ok()
    }

    /// Returns the bytes that all chunks have.
    pub(super) fn bytes(&self) -> u64 {
        let start = if self.compression.is_some() { 0 } else { self.data_start };
        self.object.size.saturating_sub(start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_and_plans() {
        let job = Given::of_input(r#"{"bucket":"b","key":"a b.csv","run_id":"mine","of_tomorrow":1}"#).unwrap();
        assert_eq!((job.object.key.as_str(), job.run_id.as_deref(), job.plan), ("a b.csv", Some("mine"), None));
        let text = r#"{"plan":{"run_id":"r","object":{"bucket":"b","key":"k","etag":"e","size":100},"of_tomorrow":1,
            "results":{"bucket":"r","key":"runs/r/"},"chunk_size":30,"chunk_count":3,"data_start":10}}"#;
        let plan = Given::of_input(text).unwrap().plan.unwrap();
        assert_eq!((plan.bytes(), plan.chunk_count, plan.results.key.as_str()), (90, 3, "runs/r/"));
        assert_eq!(PlanFacts::of_output(text), Some(plan));
        for (concurrency, expected) in [(r#"{"wanted":3,"available":2}"#, Some(2)), (r#"{"of_tomorrow":1}"#, None)] {
            let text = text.replace("\"data_start\"", &format!("\"concurrency\":{concurrency},\"data_start\""));
            let found = PlanFacts::of_output(&text).unwrap().concurrency;
            assert_eq!(found.and_then(|found| found.exceeded()), expected, "{text}");
        }
        for text in ["", "5", "{}", r#"{"plan":{}}"#, r#"{"bucket":"b"}"#] {
            assert_eq!(Given::of_input(text), None, "{text}");
        }
    }
}
