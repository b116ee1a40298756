//! The concurrency of Lambda that a run finds in its account.

use serde::{Deserialize, Serialize};

/// The chunks that a run processes at once, and the invocations that the account has for them, as it was when the run
/// was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Concurrency {
    /// Chunks that the Map processes at once.
    pub wanted: u64,
    /// Invocations at once that the account has for functions without a reservation; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<u64>,
    /// The reason why it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

impl Concurrency {
    /// Returns the number of invocations that the account has, where the Map is wider.
    pub fn exceeded(&self) -> Option<u64> {
        self.available.filter(|available| *available < self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_than_the_account() {
        for (available, exceeded) in [(None, None), (Some(999), Some(999)), (Some(1000), None), (Some(0), Some(0))] {
            assert_eq!(Concurrency { wanted: 1000, available, unknown: None }.exceeded(), exceeded, "{available:?}");
        }
    }
}
