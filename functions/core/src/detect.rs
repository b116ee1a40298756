//! Samples of an object in, a resolved reading of it out: encoding, dialect, layout and header.

mod binary;
mod candidates;
mod delimiters;
mod encoding;
mod error;
mod evidence;
mod found;
mod given;
mod header;
mod infer;
mod json;
mod judge;
mod kind;
mod layout;
mod lines;
mod neutral;
mod quotes;
mod resolve;
mod single;
mod table;
mod verify;
mod words;

pub use encoding::EncodingFound;
pub use error::DetectError;
pub use evidence::Evidence;
pub use found::{Detected, HeaderFound, TrailingDelimiter};
pub use given::{Given, GivenHeader, Samples, Window};
pub use infer::{InferError, Inferred, infer};
pub use resolve::detect;
