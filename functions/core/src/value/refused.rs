//! Refused records and the reasons.

use super::{ColumnType, Schema};
use crate::scan::Fault;

/// The reason why a record was refused.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Another number of fields than the header has.
    FieldCount {
        /// Fields in the header.
        expected: usize,
        /// Fields in the record.
        found: usize,
    },
    /// A record that cannot be read at all.
    Unreadable(Fault),
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
    /// An output refused the record.
    Output {
        /// The output's name.
        output: &'static str,
        /// The output's message.
        message: String,
    },
}

impl Reason {
    /// A stable name for the kind of reason.
    pub fn name(&self) -> &'static str {
        match self {
            Reason::FieldCount { .. } => "field_count",
            Reason::Unreadable(fault) => fault.name(),
            Reason::InvalidValue { .. } => "invalid_value",
            Reason::MissingValue { .. } => "missing_value",
            Reason::Output { .. } => "output",
        }
    }

    /// Says for a person how records refused for the reason of this name are read, where a dataset can say it.
    pub fn remedy(name: &str) -> Option<&'static str> {
        Some(match name {
            "field_count" => "to read records of other widths: --ragged pad",
            "malformed_quotes" => {
                "if a backslash stands before quotes: --escape '\\'; if quotes are data: --quote none"
            }
            "unterminated_quote" => "if quotes are data: --quote none",
            "record_too_large" => "to read longer records: max_record in the dataset; if quotes are data: --quote none",
            "invalid_utf8" | "invalid_text" => "to read another encoding: --encoding",
            _ => return None,
        })
    }

    /// Tells whether what was refused is a record: a line of the footer is none, nor is the header where it
    /// comes again. Such lines do not count in the share of refused records.
    pub fn is_of_record(&self) -> bool {
        !matches!(self, Reason::Unreadable(Fault::Footer | Fault::RepeatedHeader))
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

    /// Says for a person what should have been there.
    pub fn expected(&self) -> String {
        match self {
            Reason::FieldCount { expected, .. } => fields(*expected),
            Reason::Unreadable(fault) => fault.expected(),
            Reason::InvalidValue { expected, .. } => expected.to_string(),
            Reason::MissingValue { expected, .. } => format!("{expected}, not null"),
            Reason::Output { output, .. } => format!("what output {output} takes"),
        }
    }

    /// Says for a person what was there instead.
    pub fn found(&self) -> String {
        match self {
            Reason::FieldCount { found, .. } => fields(*found),
            Reason::Unreadable(fault) => fault.found(),
            Reason::InvalidValue { found, .. } => found.clone(),
            Reason::MissingValue { .. } => "null".into(),
            Reason::Output { message, .. } => message.clone(),
        }
    }
}

fn fields(number: usize) -> String {
    format!("{number} {}", if number == 1 { "field" } else { "fields" })
}

/// One record of a batch that no output sees, with the reason.
#[derive(Debug, Clone, PartialEq)]
pub struct Refused {
    /// Index of the record in its batch.
    pub record: usize,
    /// The cause.
    pub reason: Reason,
}
