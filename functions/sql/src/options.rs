//! The options of the output `sql`.

use fanout_core::message::OutputOptions;
use fanout_outputs::{OutputError, read_options};
use serde::Deserialize;

use crate::NAME;
use crate::table::FileFormat;

/// The query, and the files that are made of its result.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Options {
    /// The query.
    pub(crate) query: String,
    /// The format of the result.
    #[serde(default)]
    pub(crate) format: FileFormat,
    /// Tells that the result is one file, also where rows of a chunk are rows of the result.
    #[serde(default)]
    pub(crate) single: bool,
    /// The moment that `now()` means in every chunk and at every try, in microseconds since 1970 in UTC. The planner
    /// gives it.
    #[serde(default)]
    pub(crate) now: i64,
}

impl Options {
    /// Reads the options.
    ///
    /// # Errors
    ///
    /// [`OutputError::Unusable`] where one is missing, unknown or wrong.
    pub(crate) fn read(options: &OutputOptions) -> Result<Self, OutputError> {
        read_options(NAME, options)
    }
}
