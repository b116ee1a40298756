//! The columns of a run and their types.

use super::{ColumnType, TypeCandidates};
use crate::message::ColumnRule;

/// The columns of a run in header order, with their types.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schema {
    /// One for each name of the header.
    pub columns: Vec<SchemaColumn>,
}

/// One column of a [`Schema`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaColumn {
    /// The column's name.
    pub name: String,
    /// The type, declared or inferred; `None` leaves the text as it stands.
    pub column_type: Option<ColumnType>,
    /// Tells whether an empty field is a value (null) rather than a reason to refuse the record.
    pub nullable: bool,
    /// The source of the type.
    pub source: TypeSource,
}

/// The source of a column's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeSource {
    /// The dataset: a value that does not fit refuses its record.
    Declared(Box<ColumnRule>),
    /// Samples: a value that does not fit widens the type. Held are the candidates that they left, and the
    /// delimiter, which tells the signs in numbers apart.
    Inferred(TypeCandidates, u8),
    /// Nothing: the column is text, whatever its values are.
    Text,
}

impl SchemaColumn {
    /// A column that the dataset declares.
    pub fn declared(name: &str, rule: ColumnRule) -> Self {
        Self {
            name: name.to_owned(),
            column_type: Some(rule.column_type),
            nullable: rule.nullable,
            source: TypeSource::Declared(Box::new(rule)),
        }
    }

    /// A column of text as it stands.
    pub fn text(name: &str) -> Self {
        Self { name: name.to_owned(), column_type: None, nullable: true, source: TypeSource::Text }
    }

    /// A column of the type that follows from these candidates in a text with this delimiter.
    pub fn inferred(name: &str, candidates: TypeCandidates, delimiter: u8) -> Self {
        let column_type = candidates.column_type(delimiter);
        let source =
            if candidates.is_closed() { TypeSource::Text } else { TypeSource::Inferred(candidates, delimiter) };
        Self { name: name.to_owned(), column_type, nullable: true, source }
    }

    /// The words for null besides an empty field; of an inferred type the usual ones are known.
    pub(crate) fn null_words(&self) -> &[String] {
        match &self.source {
            TypeSource::Declared(rule) => &rule.null,
            _ => &[],
        }
    }
}
