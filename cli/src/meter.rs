//! Progress while a command works: a bar on a terminal, a line every ten seconds in a log.

mod facts;
mod shown;

pub(crate) use shown::{Meter, Shown};
