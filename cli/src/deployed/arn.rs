//! ARNs of Step Functions: a state machine, an execution of it.

use std::fmt;

/// A state machine: `arn:aws:states:REGION:ACCOUNT:stateMachine:NAME`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Machine {
    /// The partition, the service, the region and the account: `aws:states:eu-west-1:123456789012`.
    place: String,
    /// The name, which is that of the stack.
    pub(super) name: String,
}

impl Machine {
    /// Reads the ARN of a state machine.
    pub(super) fn parse(arn: &str) -> Option<Self> {
        match parts(arn)? {
            (place, "stateMachine", name) if !name.contains(':') => Some(Machine { place, name: name.to_owned() }),
            _ => None,
        }
    }

    /// Reads the ARN of an execution: its state machine, and its name.
    pub(super) fn of_execution(arn: &str) -> Option<(Self, String)> {
        let (place, kind, rest) = parts(arn)?;
        let (name, execution) = rest.split_once(':').filter(|_| kind == "execution")?;
        Some((Machine { place, name: name.to_owned() }, execution.to_owned()))
    }

    /// Returns the ARN of an execution.
    pub(super) fn execution(&self, name: &str) -> String {
        format!("arn:{}:execution:{}:{name}", self.place, self.name)
    }

    /// Returns the region.
    pub(super) fn region(&self) -> &str {
        self.place.split(':').nth(2).unwrap_or_default()
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:{}:stateMachine:{}", self.place, self.name)
    }
}

/// The parts of an ARN of Step Functions: place, kind, and the rest.
fn parts(arn: &str) -> Option<(String, &str, &str)> {
    let mut parts = arn.splitn(7, ':');
    let place: Vec<&str> = parts.by_ref().take(5).collect();
    let (kind, rest) = (parts.next()?, parts.next()?);
    let is_states = place[0] == "arn" && place[2] == "states" && !place[3].is_empty();
    (is_states && !rest.is_empty()).then(|| (place[1..].join(":"), kind, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns() {
        let machine = "arn:aws-cn:states:cn-north-1:123456789012:stateMachine:fanout";
        let execution = "arn:aws-cn:states:cn-north-1:123456789012:execution:fanout:people-1";
        let found = Machine::parse(machine).unwrap();
        assert_eq!(
            (found.to_string().as_str(), found.region(), found.name.as_str()),
            (machine, "cn-north-1", "fanout")
        );
        assert_eq!(found.execution("people-1"), execution);
        assert_eq!(Machine::of_execution(execution), Some((found, "people-1".to_owned())));
        for text in ["", "arn:aws:states", "people-1", execution, "arn:aws:s3:::bucket:a:b", "arn:aws:states:::x:y"] {
            assert_eq!(Machine::parse(text), None, "{text}");
        }
        for text in ["people-1", machine, "arn:aws:lambda:r:1:execution:a:b"] {
            assert_eq!(Machine::of_execution(text), None, "{text}");
        }
    }
}
