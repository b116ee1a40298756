//! Samples of an object in, a resolved reading of it out: encoding, dialect, layout and header.

mod binary;
mod candidates;
mod delimiters;
pub(crate) mod encoding;
mod error;
mod evidence;
mod footer;
mod found;
mod given;
mod header;
mod infer;
mod json;
mod judge;
mod kind;
mod layout;
mod lines;
mod quotes;
mod resolve;
mod resolved;
mod sampled;
mod single;
mod table;
mod types;
mod verify;
mod windows;
mod words;

pub use encoding::EncodingFound;
pub use error::DetectError;
pub use found::{Detected, HeaderFound, TrailingDelimiter};
pub use given::{Given, GivenHeader, Samples, Window};
pub use infer::{Inferred, infer};
pub use resolve::detect;
pub use resolved::{Resolved, resolve};
pub use sampled::{SampledRecords, SamplesRefused, check_samples};
pub use windows::{FIRST_SAMPLE, sample_windows};
