//! Codes of errors, their text in one line, and the waits between tries.

mod backoff;
mod error_chain;
mod error_code;
mod next_step;
mod place;

pub use backoff::backoff;
pub use error_chain::error_chain;
pub use error_code::{Code, Coded};
pub use next_step::next_step;
pub use place::Place;
