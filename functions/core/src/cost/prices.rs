//! The table of prices.

use serde::{Deserialize, Serialize};

use super::Architecture;
use crate::message::{MessageError, from_json};

/// The prices of AWS, in US dollars: the one table behind the plan's estimate and the report's cost.
///
/// The built-in table is `prices.json` beside this crate's sources. It has the region and the date of its
/// prices. Another table may name only some of the prices; the others stay:
///
/// ```
/// use fanout_core::Prices;
///
/// let built_in = Prices::built_in().unwrap();
/// let prices = Prices::with("my prices", br#"{"region": "eu-north-1", "s3_get": 5e-7}"#).unwrap();
/// assert_eq!((prices.region.as_str(), prices.s3_get), ("eu-north-1", 5e-7));
/// assert_eq!(prices.s3_put, built_in.s3_put);
/// let error = Prices::with("my prices", br#"{"s3_get": -1}"#).unwrap_err();
/// assert_eq!(error.to_string(), "my prices: -1 is no price");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// The region whose prices they are.
    pub region: String,
    /// The day on which they were looked up.
    pub date: String,
    /// A GB-second of a function for arm64.
    pub lambda_gb_second_arm64: f64,
    /// A GB-second of a function for x86_64.
    pub lambda_gb_second_x86_64: f64,
    /// An invocation.
    pub lambda_request: f64,
    /// A request that reads from S3.
    pub s3_get: f64,
    /// A request that writes to S3.
    pub s3_put: f64,
    /// A transition of a STANDARD execution.
    pub state_transition: f64,
    /// A request of an EXPRESS execution.
    pub express_request: f64,
    /// A GB-second of an EXPRESS execution.
    pub express_gb_second: f64,
}

const BUILT_IN: &str = include_str!("../../prices.json");

impl Prices {
    /// The built-in table.
    ///
    /// # Errors
    ///
    /// [`MessageError`] if the built-in table cannot be read, which is a bug in fanout.
    pub fn built_in() -> Result<Self, MessageError> {
        from_json("prices.json", BUILT_IN.as_bytes())
    }

    /// The built-in table, with the prices that `json` names in place of its own; `what` names the text in
    /// the error.
    ///
    /// # Errors
    ///
    /// [`MessageError`] if the JSON is not a table of prices.
    pub fn with(what: &str, json: &[u8]) -> Result<Self, MessageError> {
        let mut table: serde_json::Map<String, serde_json::Value> = from_json("prices.json", BUILT_IN.as_bytes())?;
        let own: serde_json::Map<String, serde_json::Value> = from_json(what, json)?;
        table.extend(own);
        let prices: Prices = serde_json::from_value(table.into())
            .map_err(|error| MessageError { what: what.to_owned(), reason: error.to_string() })?;
        let all = [
            prices.lambda_gb_second_arm64,
            prices.lambda_gb_second_x86_64,
            prices.lambda_request,
            prices.s3_get,
            prices.s3_put,
            prices.state_transition,
            prices.express_request,
            prices.express_gb_second,
        ];
        match all.into_iter().find(|price| !(0.0..f64::INFINITY).contains(price)) {
            Some(price) => Err(MessageError { what: what.to_owned(), reason: format!("{price} is no price") }),
            None => Ok(prices),
        }
    }

    /// Reads prices from the text of a variable: JSON as of [`Prices::with`], or nothing for the built-in table.
    ///
    /// # Errors
    ///
    /// [`MessageError`] where the text is not JSON, or names what is no price.
    pub fn of_variable(name: &str, text: &str) -> Result<Self, MessageError> {
        if text.trim().is_empty() { Self::built_in() } else { Self::with(name, text.as_bytes()) }
    }

    /// A GB-second of a function for this program's instruction set.
    pub fn lambda_gb_second(&self) -> f64 {
        self.gb_second(if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X86_64 })
    }

    /// A GB-second of a function for an instruction set.
    pub(super) fn gb_second(&self, architecture: Architecture) -> f64 {
        match architecture {
            Architecture::Arm64 => self.lambda_gb_second_arm64,
            Architecture::X86_64 => self.lambda_gb_second_x86_64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_prices_may_be_ones_own() {
        let built_in = Prices::built_in().unwrap();
        let own = Prices::with("prices", br#"{"region": "eu-central-1", "s3_get": 0.00000043}"#).unwrap();
        assert_eq!(own, Prices { region: "eu-central-1".into(), s3_get: 0.000_000_43, ..built_in.clone() });
        assert_eq!(Prices::with("prices", b"{}").unwrap(), built_in);
        for (text, reason) in [
            (r#"{"s3_gets": 1}"#, "unknown field `s3_gets`"),
            (r#"{"s3_get": -1}"#, "-1 is no price"),
            (r#"{"s3_get": "1"}"#, "invalid type"),
            ("[]", "invalid type"),
        ] {
            let error = Prices::with("prices", text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
