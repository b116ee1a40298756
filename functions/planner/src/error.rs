//! The reasons why there is no plan.

use fanout_core::message::{EventError, MessageError};
use fanout_core::{Code, Coded, Compression, Location, MAX_COLUMNS, MAX_NAME, PlanError, SamplesRefused, SelectError};
use fanout_log::Panicked;
use fanout_object::HeaderReadError;
use fanout_outputs::OutputError;
use fanout_store::StoreError;
use thiserror::Error;

use crate::StartError;

/// The reason why there is no plan.
#[derive(Debug, Error)]
pub enum PlannerError {
    /// The event can't be read.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The job or the dataset can't be used.
    #[error(transparent)]
    Message(#[from] MessageError),
    /// The object or its header can't be used.
    #[error(transparent)]
    Header(#[from] HeaderReadError),
    /// Most of the samples would be refused.
    #[error("{object}: {source}")]
    Samples {
        /// The object.
        object: Location,
        /// The cause.
        source: Box<SamplesRefused>,
    },
    /// A compressed object too large for one function.
    #[error(
        "{object}: {compression} can't be cut, and to read it whole takes about {seconds:.0} s of the {limit} s that a \
         function has: store it uncompressed, or as several objects"
    )]
    TooLong {
        /// The object.
        object: Location,
        /// The compression.
        compression: Compression,
        /// Seconds, roughly.
        seconds: f64,
        /// Seconds that a function has.
        limit: u64,
    },
    /// More columns than a run keeps.
    #[error("{object}: it has {columns} columns, at most {MAX_COLUMNS} are possible: is its delimiter the right one?")]
    TooManyColumns {
        /// The object.
        object: Location,
        /// Columns of the header.
        columns: usize,
    },
    /// A name of a column that is none.
    #[error(
        "{object}: the name of column {column} has {bytes} bytes, at most {MAX_NAME} are possible: has it a header?"
    )]
    LongName {
        /// The object.
        object: Location,
        /// Number of the column, the first being 1.
        column: usize,
        /// Bytes of the name.
        bytes: usize,
    },
    /// The chunk size can't be used.
    #[error("job: {0}")]
    Plan(#[from] PlanError),
    /// S3 Select can't be used.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// An output can't be used.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// The object can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The execution wasn't started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The work panicked.
    #[error(transparent)]
    Panicked(#[from] Panicked),
}

impl Coded for PlannerError {
    fn code(&self) -> Code {
        match self {
            PlannerError::Event(error) => error.code(),
            PlannerError::Message(error) => error.code(),
            PlannerError::Header(error) => error.code(),
            PlannerError::Samples { source, .. } => source.code(),
            PlannerError::TooLong { .. } => Code::UnsupportedEncoding,
            PlannerError::TooManyColumns { .. } | PlannerError::LongName { .. } => Code::HeaderMismatch,
            PlannerError::Plan(error) => error.code(),
            PlannerError::Select(error) => error.code(),
            PlannerError::Output(error) => error.code(),
            PlannerError::Store(error) => error.code(),
            PlannerError::Start(error) => error.code(),
            PlannerError::Panicked(error) => error.code(),
        }
    }
}

#[cfg(feature = "lambda")]
impl From<PlannerError> for lambda_runtime::Diagnostic {
    fn from(error: PlannerError) -> Self {
        Self { error_type: error.code().as_str().to_owned(), error_message: error.to_string() }
    }
}
