//! The type candidates of a column: what all values seen so far could be, and the type that follows.

use serde::{Deserialize, Serialize};

use super::ColumnType;
use super::boolean_words::BooleanWords;
use super::moment::{self, DateLayout, DateLayouts};
use super::null::{NULL_WORDS, null_word};
use super::number::{NumberType, Numbers, is_exact};
use crate::message::ColumnRule;
use crate::scan::Field;

/// The type candidates of one or of all values of a column: the types that all of them fit, each with a way of
/// writing. A column's candidates are those that its values have in common, in whatever order they are looked at:
/// so chunks find them apart, and a reducer joins them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(u16, u8, u64, u32, u8)", from = "(u16, u8, u64, u32, u8)")]
pub struct TypeCandidates {
    numbers: Numbers,
    booleans: u8,
    dates: DateLayouts,
    /// Words for null that were seen, as positions in [`NULL_WORDS`].
    nulls: u32,
    /// The kinds of values that were seen, as bits.
    seen: u8,
}

/// A value that is neither null nor a word for null.
const VALUE: u8 = 1;
/// A date with a time of day.
const TIME: u8 = 1 << 1;
/// The words for true and for false.
const TRUE: u8 = 1 << 2;
const FALSE: u8 = 1 << 3;

impl From<TypeCandidates> for (u16, u8, u64, u32, u8) {
    fn from(candidates: TypeCandidates) -> Self {
        let TypeCandidates { numbers, booleans, dates, nulls, seen } = candidates;
        (numbers.0, booleans, dates.0, nulls, seen)
    }
}

impl From<(u16, u8, u64, u32, u8)> for TypeCandidates {
    fn from((numbers, booleans, dates, nulls, seen): (u16, u8, u64, u32, u8)) -> Self {
        Self { numbers: Numbers(numbers), booleans, dates: DateLayouts(dates), nulls, seen }
    }
}

/// A type that was inferred, with the way in which its values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InferredType {
    Number(NumberType),
    Boolean(BooleanWords),
    Date(DateLayout),
    Timestamp(DateLayout),
}

/// The inference from a column's candidates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inference {
    /// All values are of this type.
    Typed(InferredType),
    /// Texts. No value that comes later changes that.
    Text,
    /// Texts so far: there was no value yet, or the values fit types that only further values can tell apart.
    Open {
        /// The formats that fit, where they are several.
        hint: Option<String>,
    },
}

impl TypeCandidates {
    /// The candidates of a column without a value: every type.
    pub const ALL: Self =
        Self { numbers: Numbers::ALL, booleans: BooleanWords::ALL, dates: DateLayouts::ALL, nulls: 0, seen: 0 };

    /// The candidates of a text: none.
    const TEXT: Self = Self { numbers: Numbers(0), booleans: 0, dates: DateLayouts(0), nulls: 0, seen: VALUE };

    /// The candidates of a value as CSV has it, without its quotes and the blanks around it.
    pub fn of(value: &[u8]) -> Self {
        if value.is_empty() {
            return Self::ALL;
        }
        if let Some(word) = null_word(value) {
            return Self { nulls: 1 << word, ..Self::ALL };
        }
        if let Some((booleans, value)) = BooleanWords::of(value) {
            return Self { booleans, seen: VALUE | if value { TRUE } else { FALSE }, ..Self::TEXT };
        }
        let numbers = Numbers::of(value);
        let (dates, seen) = match moment::layouts(value) {
            Some((layouts, time)) => (layouts, VALUE | if time { TIME } else { 0 }),
            None => (DateLayouts(0), VALUE),
        };
        Self { numbers, dates, seen, ..Self::TEXT }
    }

    /// The candidates of a value of JSON. A string is no number, no boolean and no null, whatever its characters
    /// are; it may be a date or a timestamp.
    pub fn of_json(value: &[u8], string: bool) -> Self {
        match value {
            [] if !string => Self::ALL,
            b"true" | b"false" if !string => {
                let seen = VALUE | if value == b"true" { TRUE } else { FALSE };
                Self { booleans: BooleanWords::TRUE_FALSE.bit(), seen, ..Self::TEXT }
            }
            _ if string => match moment::layouts(value) {
                Some((dates, time)) => Self { dates, seen: VALUE | if time { TIME } else { 0 }, ..Self::TEXT },
                None => Self::TEXT,
            },
            _ => Self { numbers: Numbers(Numbers::of(value).0 & Numbers::JSON.0), ..Self::TEXT },
        }
    }

    /// The candidates of a field.
    pub(crate) fn of_field(field: &Field<'_>, json: bool) -> Self {
        if json { Self::of_json(&field.value(), field.is_quoted()) } else { Self::of(&field.trimmed()) }
    }

    /// The candidates that both have, and all that either has seen.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            numbers: Numbers(self.numbers.0 & other.numbers.0),
            booleans: self.booleans & other.booleans,
            dates: DateLayouts(self.dates.0 & other.dates.0),
            nulls: self.nulls | other.nulls,
            seen: self.seen | other.seen,
        }
    }

    /// Drops the numbers with a fraction: a whole number is no double.
    pub(super) fn without_floats(self) -> Self {
        Self { numbers: Numbers(self.numbers.0 & !Numbers::FLOATS.0), ..self }
    }

    /// Tells whether some of these whole numbers are too large for a double.
    pub(super) fn loses_floats(self, values: &[i64]) -> bool {
        self.numbers.0 & Numbers::FLOATS.0 != 0 && !values.iter().all(|value| is_exact(*value))
    }

    /// The narrowest type of one value; `None` for null.
    pub(crate) fn narrowest(self) -> Option<ColumnType> {
        if self.seen & VALUE == 0 {
            return None;
        }
        Some(match self {
            _ if self.numbers.has_integers() => ColumnType::Int64,
            _ if !self.numbers.is_empty() => ColumnType::Float64,
            _ if self.booleans != 0 => ColumnType::Boolean,
            _ if self.dates.is_empty() => ColumnType::String,
            _ if self.seen & TIME != 0 => ColumnType::Timestamp,
            _ => ColumnType::Date,
        })
    }

    /// Tells whether no further value can change what follows.
    pub(crate) fn is_closed(self) -> bool {
        self.numbers.is_empty() && self.booleans == 0 && self.dates.is_empty()
    }

    /// Returns the inference, in a text with this delimiter.
    pub(crate) fn inference(self, delimiter: u8) -> Inference {
        if self.is_closed() {
            return Inference::Text;
        }
        let open = |hint: Option<String>| Inference::Open { hint };
        if self.seen & VALUE == 0 {
            return open(None);
        }
        if !self.numbers.is_empty() {
            let hint = "a sign before three digits may be a decimal or a thousands separator".to_owned();
            return self
                .numbers
                .unambiguous(delimiter)
                .map_or_else(|| open(Some(hint)), |found| Inference::Typed(InferredType::Number(found)));
        }
        if let Some(words) = BooleanWords::first_of(self.booleans) {
            let both = self.seen & (TRUE | FALSE) == TRUE | FALSE;
            return if both || words == BooleanWords::TRUE_FALSE {
                Inference::Typed(InferredType::Boolean(words))
            } else {
                open(None)
            };
        }
        match self.dates.unambiguous() {
            Some(layout) if self.seen & TIME != 0 => Inference::Typed(InferredType::Timestamp(layout)),
            Some(layout) => Inference::Typed(InferredType::Date(layout)),
            None => {
                let formats: Vec<&str> = self.dates.formats().collect();
                open(Some(format!("its dates fit {}", formats.join(" and "))))
            }
        }
    }

    /// The type that follows, in a text with this delimiter; `None` for text.
    pub fn column_type(self, delimiter: u8) -> Option<ColumnType> {
        self.found(delimiter).map(InferredType::column_type)
    }

    /// The inferred type; `None` for text.
    pub(crate) fn found(self, delimiter: u8) -> Option<InferredType> {
        match self.inference(delimiter) {
            Inference::Typed(found) => Some(found),
            Inference::Text | Inference::Open { .. } => None,
        }
    }

    /// Tells whether a value with these candidates is null, or of this type.
    pub(super) fn fit(self, found: InferredType) -> bool {
        match found {
            InferredType::Number(number) => number.is_in(self.numbers),
            InferredType::Boolean(words) => self.booleans & words.bit() != 0,
            InferredType::Date(layout) => self.seen & TIME == 0 && self.dates.has(layout),
            InferredType::Timestamp(layout) => self.dates.has(layout),
        }
    }

    /// Tells whether values of a type, which these candidates have, can drop a candidate: then each must be
    /// looked at.
    pub(super) fn are_implied_by(self, found: InferredType) -> bool {
        match found {
            InferredType::Number(number) => {
                self.numbers.0 & !number.implied().0 == 0 && self.booleans == 0 && self.dates.is_empty()
            }
            InferredType::Boolean(words) => {
                self.booleans == words.bit() && self.numbers.is_empty() && self.dates.is_empty()
            }
            InferredType::Date(layout) | InferredType::Timestamp(layout) => {
                self.dates == DateLayouts::only(layout) && self.numbers.is_empty() && self.booleans == 0
            }
        }
    }

    /// The words for null that were seen.
    pub(crate) fn null_words(self) -> impl Iterator<Item = &'static str> {
        NULL_WORDS.iter().enumerate().filter(move |(place, _)| self.nulls & (1 << place) != 0).map(|(_, word)| *word)
    }

    /// The rule by which a dataset declares an inferred type.
    pub(crate) fn rule(self, found: InferredType) -> ColumnRule {
        let rule = ColumnRule {
            null: self.null_words().filter(|word| *word != "\\N").map(str::to_owned).collect(),
            ..ColumnRule::of(found.column_type())
        };
        match found {
            InferredType::Number(number) => {
                let separators = number.style().separators();
                let told = separators.decimal != b'.' && (number.float || separators.thousands == Some('.'));
                ColumnRule {
                    decimal: told.then_some(char::from(separators.decimal)),
                    thousands: separators.thousands,
                    ..rule
                }
            }
            InferredType::Boolean(BooleanWords::TRUE_FALSE) => rule,
            InferredType::Boolean(words) => {
                let (yes, no) = words.words();
                ColumnRule { true_words: vec![yes.to_owned()], false_words: vec![no.to_owned()], ..rule }
            }
            InferredType::Date(layout) | InferredType::Timestamp(layout) => {
                ColumnRule { format: (layout != DateLayout::ISO).then(|| layout.to_string()), ..rule }
            }
        }
    }
}

impl InferredType {
    /// The type of the column.
    pub(crate) fn column_type(self) -> ColumnType {
        match self {
            InferredType::Number(number) if number.float => ColumnType::Float64,
            InferredType::Number(_) => ColumnType::Int64,
            InferredType::Boolean(_) => ColumnType::Boolean,
            InferredType::Date(_) => ColumnType::Date,
            InferredType::Timestamp(_) => ColumnType::Timestamp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(values: &[&str], delimiter: u8) -> String {
        let all = values.iter().fold(TypeCandidates::ALL, |all, value| all.and(TypeCandidates::of(value.as_bytes())));
        match all.inference(delimiter) {
            Inference::Typed(found) => serde_json::to_string(&all.rule(found)).unwrap(),
            Inference::Text => "text".to_owned(),
            Inference::Open { hint: Some(hint) } => hint,
            Inference::Open { hint: None } => "open".to_owned(),
        }
    }

    #[test]
    fn types_of_columns() {
        let table: [(&[&str], &str); 34] = [
            (&[], "open"),
            (&["", "NA"], "open"),
            (&["1", "-2", ""], r#""int64""#),
            (&["1", "2.5"], r#""float64""#),
            (&["1", "NaN", "-"], r#"{"type":"int64","null":["NaN","-"]}"#),
            (&["1", "\\N"], r#""int64""#),
            (&["1", "x"], "text"),
            (&["007", "1"], "text"),
            (&["9007199254740993", "1.5"], "text"),
            (&["9007199254740993", "1"], r#""int64""#),
            (&["12345678901234567890.12"], "text"),
            (&["3,50", "14,25"], r#"{"type":"float64","decimal":","}"#),
            (&["1.234,5", "2"], r#"{"type":"float64","decimal":",","thousands":"."}"#),
            (&["1,234", "5"], "a sign before three digits may be a decimal or a thousands separator"),
            (&["1,234", "1,234,567"], r#"{"type":"int64","thousands":","}"#),
            (&["1,234", "1,5"], r#"{"type":"float64","decimal":","}"#),
            (&["1 234", "5"], r#"{"type":"int64","thousands":" "}"#),
            (&["1'234.5", "5"], r#"{"type":"float64","thousands":"'"}"#),
            (&["True", "false"], r#""boolean""#),
            (&["true"], r#""boolean""#),
            (&["Y", "n"], r#"{"type":"boolean","true":"Y","false":"N"}"#),
            (&["N", "N"], "open"),
            (&["ON", "OFF"], r#"{"type":"boolean","true":"ON","false":"OFF"}"#),
            (&["on", "off"], "text"),
            (&["yes", "true"], "text"),
            (&["1", "true"], "text"),
            (&["2024-01-31", ""], r#""date""#),
            (&["2024-01-31", "2024-01-31T10:00"], r#""timestamp""#),
            (&["03/04/2024"], "its dates fit %d/%m/%Y and %m/%d/%Y"),
            (&["03/04/2024", "25/04/2024"], r#"{"type":"date","format":"%d/%m/%Y"}"#),
            (&["03/04/2024", "25/04/2024", "04/25/2024"], "text"),
            (&["1 May 2017"], r#"{"type":"date","format":"%d %b %Y"}"#),
            (&["1 May 2017", "1 June 2017 10:00"], r#"{"type":"timestamp","format":"%d %B %Y"}"#),
            (&["20240131T101500Z"], r#"{"type":"timestamp","format":"%Y%m%d"}"#),
        ];
        for (values, expected) in table {
            assert_eq!(told(values, b';'), expected, "{values:?}");
        }
        assert_eq!(told(&["1,234", "5"], b','), r#"{"type":"int64","thousands":","}"#);
    }

    #[test]
    fn strings_of_json_are_no_numbers() {
        let table: [(&str, bool, Option<ColumnType>); 10] = [
            ("1", false, Some(ColumnType::Int64)),
            ("1", true, None),
            ("1.5", false, Some(ColumnType::Float64)),
            ("1,5", true, None),
            ("true", false, Some(ColumnType::Boolean)),
            ("true", true, None),
            ("NA", true, None),
            ("", true, None),
            ("2024-01-31", true, Some(ColumnType::Date)),
            ("[1]", false, None),
        ];
        for (value, string, expected) in table {
            let found = match TypeCandidates::of_json(value.as_bytes(), string).inference(b',') {
                Inference::Typed(found) => Some(found.column_type()),
                Inference::Text => None,
                open => panic!("{value}: {open:?}"),
            };
            assert_eq!(found, expected, "{value} {string}");
        }
    }

    #[test]
    fn candidates_survive_json() {
        let some = TypeCandidates::of(b"2024-01-31").and(TypeCandidates::of(b"NA"));
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(serde_json::from_str::<TypeCandidates>(&text).unwrap(), some);
    }
}
