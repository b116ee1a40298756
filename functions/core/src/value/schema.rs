//! The columns of a run and their declared types.

use super::ColumnType;

/// The columns of a run in header order, with the types that the dataset declares.
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
    /// The declared type; `None` leaves the text as it stands.
    pub column_type: Option<ColumnType>,
    /// Tells whether an empty field is a value (null) rather than a reason to refuse the record.
    pub nullable: bool,
}
