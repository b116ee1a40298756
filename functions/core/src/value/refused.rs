use super::{ColumnType, Schema};

/// Why a record was refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// It has another number of fields than the header.
    FieldCount {
        /// Fields in the header.
        expected: usize,
        /// Fields in the record.
        found: usize,
    },
    /// Its bytes aren't UTF-8.
    InvalidUtf8 {
        /// Offset in the object of the first byte that isn't.
        at: u64,
    },
    /// It has a NUL byte.
    Nul {
        /// Offset in the object of the first one; of JSON, of the string that has it as an escape.
        at: u64,
    },
    /// A line isn't one JSON object.
    MalformedJson {
        /// Offset in the object of where reading stopped: of the byte at fault, or of the one before it.
        at: u64,
        /// What is wrong there.
        problem: String,
    },
    /// A JSON object has a key that the header doesn't have.
    UnknownKey {
        /// The key, shortened.
        key: String,
    },
    /// A JSON object has a key of the header twice.
    DuplicateKey {
        /// The key, shortened.
        key: String,
    },
    /// A field's text isn't of the declared type.
    InvalidValue {
        /// Index of the column.
        column: usize,
        /// The declared type.
        expected: ColumnType,
        /// The field's text, shortened.
        found: String,
    },
    /// A field is null in a column declared not to be.
    MissingValue {
        /// Index of the column.
        column: usize,
        /// The declared type.
        expected: ColumnType,
    },
    /// An output refused it.
    Output {
        /// The output's name.
        output: &'static str,
        /// What the output said.
        message: String,
    },
}

impl Reason {
    /// A stable name for the kind of reason.
    pub fn name(&self) -> &'static str {
        match self {
            Reason::FieldCount { .. } => "field_count",
            Reason::InvalidUtf8 { .. } => "invalid_utf8",
            Reason::Nul { .. } => "nul",
            Reason::MalformedJson { .. } => "malformed_json",
            Reason::UnknownKey { .. } => "unknown_key",
            Reason::DuplicateKey { .. } => "duplicate_key",
            Reason::InvalidValue { .. } => "invalid_value",
            Reason::MissingValue { .. } => "missing_value",
            Reason::Output { .. } => "output",
        }
    }

    /// Index of the column at fault, where one is.
    pub fn column(&self) -> Option<usize> {
        match self {
            Reason::InvalidValue { column, .. } | Reason::MissingValue { column, .. } => Some(*column),
            _ => None,
        }
    }

    /// Name of the column at fault, where one is.
    pub fn column_name<'s>(&self, schema: &'s Schema) -> Option<&'s str> {
        self.column().and_then(|column| schema.columns.get(column)).map(|column| column.name.as_str())
    }

    /// What should have been there, for a person.
    pub fn expected(&self) -> String {
        match self {
            Reason::FieldCount { expected, .. } => format!("{expected} fields"),
            Reason::InvalidUtf8 { .. } => "UTF-8".into(),
            Reason::Nul { .. } => "no NUL byte".into(),
            Reason::MalformedJson { .. } => "a JSON object".into(),
            Reason::UnknownKey { .. } => "keys of the header only".into(),
            Reason::DuplicateKey { .. } => "each key once".into(),
            Reason::InvalidValue { expected, .. } => expected.to_string(),
            Reason::MissingValue { expected, .. } => format!("{expected}, not null"),
            Reason::Output { output, .. } => format!("what output {output} takes"),
        }
    }

    /// What was there instead, for a person.
    pub fn found(&self) -> String {
        match self {
            Reason::FieldCount { found, .. } => format!("{found} fields"),
            Reason::InvalidUtf8 { at } => format!("an invalid byte at {at}"),
            Reason::Nul { at } => format!("a NUL byte at {at}"),
            Reason::MalformedJson { at, problem } => format!("{problem}, at byte {at}"),
            Reason::UnknownKey { key } => format!("the key {key:?}"),
            Reason::DuplicateKey { key } => format!("the key {key:?} twice"),
            Reason::InvalidValue { found, .. } => found.clone(),
            Reason::MissingValue { .. } => "null".into(),
            Reason::Output { message, .. } => message.clone(),
        }
    }
}

/// One record of a batch that no output sees, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Index of the record in its batch.
    pub record: usize,
    /// Why.
    pub reason: Reason,
}
