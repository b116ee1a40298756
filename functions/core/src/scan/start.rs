//! The states in which a scan can begin.

/// The assumption about the first byte that the scanner is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// A boundary: right after a terminator, or the start of the data.
    Boundary,
    /// A guess: somewhere outside quotes, in the middle of an unquoted field.
    InField,
    /// A guess: outside quotes, where a quote would open (or reopen) a quoted field.
    FieldStart,
    /// A guess: inside quotes.
    InQuotes,
    /// A guess: inside quotes, right after an escape byte, which makes the first byte literal.
    Escaped,
    /// A guess: outside quotes, right after an escape byte that works there.
    EscapedInField,
    /// A guess: in a comment line.
    InComment,
}
