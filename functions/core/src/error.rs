//! Codes of errors, their text in one line, and the waits between tries.

mod backoff;
mod error_chain;
mod error_code;

pub use backoff::backoff;
pub use error_chain::error_chain;
pub use error_code::{Code, Coded};
