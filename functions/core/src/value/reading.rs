//! The way in which the values of a typed column are read: from a rule that is declared, or as it was inferred.

use super::boolean_words::BooleanWords;
use super::candidates::InferredType;
use super::moment::MomentFormat;
use super::number::NumberStyle;
use super::separators::{LONGEST, Separators};
use super::{ColumnType, SchemaColumn, TypeSource, parse};
use crate::message::ColumnRule;

/// The way in which the values of a column are read.
#[derive(Debug)]
pub(super) enum Reading {
    /// Not at all: they are text.
    Text,
    Int64(Digits),
    Float64(Digits),
    Decimal(Digits, u8, u8),
    Boolean(Words),
    Date(MomentFormat),
    Timestamp(MomentFormat),
}

/// The way in which numbers are read.
#[derive(Debug)]
pub(super) enum Digits {
    /// As a dataset declares them, with plain signs or others.
    Declared(Separators),
    /// As they were inferred: the text must say no more than the number.
    Inferred(NumberStyle),
}

/// The words for true and false.
#[derive(Debug)]
pub(super) enum Words {
    /// The usual ones.
    Usual,
    /// The ones that a dataset names.
    Named(Vec<String>, Vec<String>),
    /// A pair that was inferred.
    Inferred(BooleanWords),
}

impl Reading {
    pub(super) fn of(column: &SchemaColumn) -> Self {
        match &column.source {
            TypeSource::Text => Reading::Text,
            TypeSource::Declared(rule) => Self::declared(rule),
            TypeSource::Inferred(candidates, delimiter) => match candidates.found(*delimiter) {
                Some(found) => Self::inferred(found),
                None => Reading::Text,
            },
        }
    }

    fn declared(rule: &ColumnRule) -> Self {
        let decimal = rule.decimal.and_then(|sign| u8::try_from(sign).ok()).unwrap_or(b'.');
        let digits = Digits::Declared(Separators { decimal, thousands: rule.thousands });
        let format = || MomentFormat::of(rule.format.as_deref().unwrap_or("%Y-%m-%d"));
        match rule.column_type {
            ColumnType::Int64 => Reading::Int64(digits),
            ColumnType::Float64 => Reading::Float64(digits),
            ColumnType::Decimal { precision, scale } => Reading::Decimal(digits, precision, scale),
            ColumnType::Boolean if rule.true_words.is_empty() => Reading::Boolean(Words::Usual),
            ColumnType::Boolean => Reading::Boolean(Words::Named(rule.true_words.clone(), rule.false_words.clone())),
            ColumnType::Date => Reading::Date(format()),
            ColumnType::Timestamp => Reading::Timestamp(format()),
            ColumnType::String => Reading::Text,
        }
    }

    fn inferred(found: InferredType) -> Self {
        match found {
            InferredType::Number(number) if number.float => Reading::Float64(Digits::Inferred(number.style())),
            InferredType::Number(number) => Reading::Int64(Digits::Inferred(number.style())),
            InferredType::Boolean(words) => Reading::Boolean(Words::Inferred(words)),
            InferredType::Date(layout) => Reading::Date(MomentFormat::Layout(layout)),
            InferredType::Timestamp(layout) => Reading::Timestamp(MomentFormat::Layout(layout)),
        }
    }
}

impl Digits {
    /// Tells whether numbers are read as they stand.
    pub(super) fn is_plain(&self) -> bool {
        match self {
            Digits::Declared(separators) => *separators == Separators::PLAIN,
            Digits::Inferred(style) => style.is_plain(),
        }
    }

    pub(super) fn is_inferred(&self) -> bool {
        matches!(self, Digits::Inferred(_))
    }

    /// The value of a number with signs of its own; `value` reads the plain text.
    pub(super) fn with_signs<T>(&self, text: &[u8], value: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        let separators = match self {
            Digits::Declared(separators) => *separators,
            Digits::Inferred(style) => style.separators(),
        };
        separators.plain(text, &mut [0; LONGEST]).and_then(value)
    }
}

impl Words {
    /// Tells whether `true` and `false` are among the words and mean what they say.
    pub(super) fn are_usual(&self) -> bool {
        matches!(self, Words::Usual | Words::Inferred(BooleanWords::TRUE_FALSE))
    }

    pub(super) fn value(&self, text: &[u8]) -> Option<bool> {
        let is = |words: &[String]| words.iter().any(|word| text.eq_ignore_ascii_case(word.as_bytes()));
        match self {
            Words::Usual => parse::boolean(text),
            Words::Inferred(words) => words.value(text),
            Words::Named(yes, _) if is(yes) => Some(true),
            Words::Named(_, no) => is(no).then_some(false),
        }
    }
}
