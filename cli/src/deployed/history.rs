//! The course of an execution so far, read from its history.

use super::aws::{Event, Fault};
use super::progress::Phase;

/// States of statemachine.asl.json.
const PLAN: &str = "Plan the chunks";
const INLINE: &str = "Process the chunks at once";
const DISTRIBUTED: &str = "Process the chunks of the manifest";
const REDUCE: &str = "Reduce the results";
const REFUSE: &str = "Refuse the object";

/// The course of an execution so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Course {
    /// The phase that it is in.
    pub(super) phase: Phase,
    /// 0, or the number of the round of repairs.
    pub(super) round: u32,
    /// The time at which the round began, in seconds since 1970-01-01T00:00:00Z.
    pub(super) since: Option<f64>,
    /// Tells whether the chunks of the round are children of a Map Run.
    pub(super) distributed: bool,
    /// Chunks of the round that are done, and that are being processed, where they are no children.
    pub(super) done: u64,
    pub(super) running: u64,
    /// Chunks of the round, where the history has their number.
    pub(super) all: Option<u64>,
    /// Attempts at chunks that failed, in all rounds.
    pub(super) faults: Vec<(String, String)>,
    /// Tells that the object or the job was refused: a redrive would refuse it again.
    pub(super) refused: bool,
}

impl Course {
    /// Reads the course from the events of a history, the oldest first.
    pub(super) fn of(events: &[Event]) -> Self {
        let mut course = Course::default();
        let mut rounds = 0;
        for event in events {
            if let Some(entered) = &event.state_entered_event_details {
                match entered.name.as_str() {
                    PLAN => course.phase = Phase::Planning,
                    name @ (INLINE | DISTRIBUTED) => {
                        let faults = std::mem::take(&mut course.faults);
                        course = Course {
                            phase: Phase::Chunks,
                            round: rounds,
                            since: Some(event.timestamp),
                            distributed: name == DISTRIBUTED,
                            faults,
                            ..Course::default()
                        };
                        rounds += 1;
                    }
                    REDUCE => course.phase = Phase::Merging,
                    REFUSE => course.refused = true,
                    _ => {}
                }
            }
            if course.phase == Phase::Chunks && !course.distributed {
                course.chunk_event(event);
            }
        }
        course
    }

    /// Counts an event of a chunk that is processed within the execution.
    fn chunk_event(&mut self, event: &Event) {
        let fault = event.task_failed_event_details.as_ref().or(event.task_timed_out_event_details.as_ref());
        match event.kind.as_str() {
            "MapStateStarted" => self.all = event.map_state_started_event_details.map(|started| started.length),
            "TaskScheduled" => self.running += 1,
            "TaskSucceeded" => {
                self.running = self.running.saturating_sub(1);
                self.done += 1;
            }
            "TaskFailed" | "TaskTimedOut" => {
                self.running = self.running.saturating_sub(1);
                self.faults.extend(fault.map(|Fault { error, cause }| (error.clone(), cause.clone())));
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &str) -> Vec<Event> {
        let entered = |kind: &str, name: &str| {
            format!(r#"{{"type":"{kind}","timestamp":5,"stateEnteredEventDetails":{{"name":"{name}"}}}}"#)
        };
        let event = |word: &str| match word {
            "plan" => entered("TaskStateEntered", PLAN),
            "map" => entered("MapStateEntered", INLINE),
            "children" => entered("MapStateEntered", DISTRIBUTED),
            "chunk" => entered("TaskStateEntered", "Process the chunk"),
            "reduce" => entered("TaskStateEntered", REDUCE),
            "refuse" => entered("FailStateEntered", REFUSE),
            "length" => r#"{"type":"MapStateStarted","mapStateStartedEventDetails":{"length":4}}"#.to_owned(),
            "fault" => r#"{"type":"TaskFailed","taskFailedEventDetails":{"error":"E","cause":"c"}}"#.to_owned(),
            kind => format!(r#"{{"type":"{kind}"}}"#),
        };
        text.split(' ').map(|word| serde_json::from_str(&event(word)).unwrap()).collect()
    }

    #[test]
    fn courses() {
        let table = [
            ("ExecutionStarted", (Phase::Starting, 0, 0, 0, None, 0)),
            ("ExecutionStarted plan TaskScheduled TaskStarted", (Phase::Planning, 0, 0, 0, None, 0)),
            ("plan TaskScheduled TaskSucceeded map length", (Phase::Chunks, 0, 0, 0, Some(4), 0)),
            ("map chunk TaskScheduled TaskScheduled TaskSucceeded", (Phase::Chunks, 0, 1, 1, None, 0)),
            ("map TaskScheduled fault", (Phase::Chunks, 0, 0, 0, None, 1)),
            ("map TaskScheduled fault TaskScheduled TaskSucceeded reduce", (Phase::Merging, 0, 1, 0, None, 1)),
            ("map fault reduce TaskScheduled TaskSucceeded map TaskScheduled", (Phase::Chunks, 1, 0, 1, None, 1)),
            ("children TaskScheduled", (Phase::Chunks, 0, 0, 0, None, 0)),
        ];
        for (text, expected) in table {
            let course = Course::of(&events(text));
            let found = (course.phase, course.round, course.done, course.running, course.all, course.faults.len());
            assert_eq!(found, expected, "{text}");
        }
        let course = Course::of(&events("plan refuse ExecutionFailed"));
        assert!(course.refused && course.since.is_none());
        assert!(Course::of(&events("children")).distributed && Course::of(&events("map")).since == Some(5.0));
    }

    #[test]
    fn the_state_machine_has_these_states() {
        let machine = include_str!("../../../statemachine.asl.json");
        for state in [PLAN, INLINE, DISTRIBUTED, REDUCE, REFUSE] {
            assert!(machine.contains(&format!("\n    \"{state}\": {{\n")), "{state}");
        }
    }
}
