//! The configuration of a planner, from the variables of its environment.

use fanout_core::{Architecture, Location, Prices, Stack};
use thiserror::Error;

/// The settings of every plan, on the stack and on the command line.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanConfig {
    /// The bucket of results and datasets, and the prefix of all runs.
    pub results: Location,
    /// Buckets that a job may read; `None` for any.
    pub readable: Option<Vec<String>>,
    /// Chunks that automatic chunk sizes aim at.
    pub parallelism: u64,
    /// Seconds that one chunk may take; `None` for any.
    pub chunk_seconds: Option<u64>,
    /// The stack that estimates are made for.
    pub stack: Stack,
    /// The prices that they are made with.
    pub prices: Prices,
}

impl PlanConfig {
    /// The prefix of the datasets, which is beside that of the runs.
    pub fn datasets(&self) -> Location {
        let prefix = self.results.key.strip_suffix("runs/").unwrap_or_default();
        Location::new(&self.results.bucket, &format!("{prefix}datasets/"))
    }

    /// Tells whether a job may read this bucket.
    pub fn may_read(&self, bucket: &str) -> bool {
        self.readable.as_ref().is_none_or(|readable| readable.iter().any(|one| one == bucket))
    }
}

/// Settings of the stack's planner.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Settings of every plan.
    pub plan: PlanConfig,
    /// The bucket and prefix whose uploads start runs.
    pub uploads: Location,
    /// Tells whether processors have a concurrency of their own, and take none of the account's.
    pub reserved: bool,
}

/// Seconds that a function has (AWS: Lambda quotas), as the template gives the processor.
const FUNCTION_SECONDS: u64 = 900;

/// The environment isn't what the template sets.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("environment variable {name}: {reason}")]
pub struct ConfigError {
    /// The variable.
    pub name: &'static str,
    /// The fault.
    pub reason: String,
}

impl Config {
    /// Reads `RESULTS_BUCKET`, `UPLOAD_BUCKET`, `UPLOAD_PREFIX`, `SOURCE_BUCKETS` (separated by
    /// commas, may be empty), `RESULTS_PREFIX` (may be empty), `RESERVED_CONCURRENCY` (0 for none), `PARALLELISM`,
    /// `PROCESSOR_MEMORY`, `ARCHITECTURE` and `PRICES` (JSON, may be empty) through `variable`.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with the name of a variable that is not set or has a wrong value.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &'static str| variable(name).ok_or(ConfigError { name, reason: "is not set".into() });
        let number = |name| {
            let text = get(name)?;
            text.parse().map_err(|_| ConfigError { name, reason: format!("{text:?} is not a number") })
        };
        // No more processors than are reserved run at once: a wider Map would be throttled.
        let reserved = match variable("RESERVED_CONCURRENCY").filter(|number| !matches!(number.as_str(), "" | "0")) {
            Some(_) => Some(number("RESERVED_CONCURRENCY")?),
            None => None,
        };
        let architecture = |reason| ConfigError { name: "ARCHITECTURE", reason };
        let stack = Stack {
            memory_mb: number("PROCESSOR_MEMORY")?,
            parallelism: number("PARALLELISM")?.min(reserved.unwrap_or(u64::MAX)),
            architecture: get("ARCHITECTURE")?.parse::<Architecture>().map_err(architecture)?,
        };
        let uploads = Location::new(&get("UPLOAD_BUCKET")?, &get("UPLOAD_PREFIX")?);
        let sources = get("SOURCE_BUCKETS")?;
        let sources = sources.split(',').map(str::trim).filter(|name| !name.is_empty());
        let plan = PlanConfig {
            results: Location::new(
                &get("RESULTS_BUCKET")?,
                &format!("{}runs/", variable("RESULTS_PREFIX").unwrap_or_default()),
            ),
            readable: Some(std::iter::once(uploads.bucket.as_str()).chain(sources).map(str::to_owned).collect()),
            parallelism: stack.parallelism,
            stack,
            chunk_seconds: Some(FUNCTION_SECONDS),
            prices: Prices::of_variable("prices", &get("PRICES")?)
                .map_err(|error| ConfigError { name: "PRICES", reason: error.reason })?,
        };
        // Lambda's recursion detection doesn't know the Rust SDK: the loop is excluded here.
        if plan.results.bucket == uploads.bucket {
            let reason = "is the upload bucket too: results would start runs".to_owned();
            return Err(ConfigError { name: "RESULTS_BUCKET", reason });
        }
        Ok(Config { plan, uploads, reserved: reserved.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(changed: &str, value: Option<&str>) -> Result<Config, ConfigError> {
        Config::from_variables(|name| match name {
            name if name == changed => value.map(str::to_owned),
            "RESULTS_BUCKET" => Some("results".into()),
            "UPLOAD_BUCKET" => Some("uploads".into()),
            "UPLOAD_PREFIX" => Some("incoming/".into()),
            "SOURCE_BUCKETS" => Some("one, two,".into()),
            "PARALLELISM" => Some("1000".into()),
            "PROCESSOR_MEMORY" => Some("1769".into()),
            "ARCHITECTURE" => Some("arm64".into()),
            "PRICES" => Some("".into()),
            _ => None,
        })
    }

    #[test]
    fn the_environment_is_checked() {
        let config = with("", None).unwrap();
        let readable = ["uploads", "one", "two", "results", ""].map(|bucket| config.plan.may_read(bucket));
        assert_eq!(readable, [true, true, true, false, false]);
        assert_eq!(config.plan.stack, Stack::default());
        let narrow = with("RESERVED_CONCURRENCY", Some("40")).unwrap();
        let unreserved = with("RESERVED_CONCURRENCY", Some("0")).unwrap();
        let width = |config: &Config| (config.plan.parallelism, config.reserved);
        assert_eq!([width(&narrow), width(&unreserved), width(&config)], [(40, true), (1000, false), (1000, false)]);
        let shared = with("RESULTS_PREFIX", Some("team/")).unwrap().plan;
        assert_eq!((shared.results.key.as_str(), shared.datasets().key.as_str()), ("team/runs/", "team/datasets/"));
        assert_eq!(config.plan.datasets(), Location::new("results", "datasets/"));
        let table = [
            ("RESERVED_CONCURRENCY", Some("few"), "environment variable RESERVED_CONCURRENCY: \"few\" is not a number"),
            ("PARALLELISM", Some("many"), "environment variable PARALLELISM: \"many\" is not a number"),
            ("PROCESSOR_MEMORY", None, "environment variable PROCESSOR_MEMORY: is not set"),
            ("ARCHITECTURE", Some("arm"), "environment variable ARCHITECTURE: \"arm\" is neither arm64 nor x86_64"),
            ("PRICES", Some("{\"s3\": 1}"), "environment variable PRICES: unknown field `s3`, expected one of"),
            ("UPLOAD_PREFIX", None, "environment variable UPLOAD_PREFIX: is not set"),
            (
                "RESULTS_BUCKET",
                Some("uploads"),
                "environment variable RESULTS_BUCKET: is the upload bucket too: results would start runs",
            ),
        ];
        for (name, value, text) in table {
            let error = with(name, value).unwrap_err().to_string();
            assert!(error.starts_with(text), "{error}");
        }
    }
}
