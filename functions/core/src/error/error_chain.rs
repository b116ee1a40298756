//! An error and its causes as one line of text.

use std::error::Error;

/// An error and what it came from, in one line: each cause once, outermost first.
pub fn error_chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        // Many errors repeat their source in their own text.
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        cause = error.source();
    }
    line.lines().map(str::trim).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use thiserror::Error;

    use super::*;

    #[derive(Debug, Error)]
    enum Fault {
        #[error("no answer")]
        Outer(#[source] Box<Fault>),
        #[error("closed: refused\n  by peer")]
        Inner(#[source] std::io::Error),
    }

    #[test]
    fn causes_stand_in_one_line() {
        let error = Fault::Outer(Box::new(Fault::Inner(std::io::Error::other("by peer"))));
        assert_eq!(error_chain(&error), "no answer: closed: refused; by peer");
    }
}
