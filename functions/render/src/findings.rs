//! Findings: what a person should look at in the columns of a report. Each is derived from the figures of the report
//! alone; one that rests on estimates says so.

use std::collections::HashMap;

use fanout_core::ColumnType;
use fanout_core::message::{ColumnReport, Figure, Frequent};

use crate::escape::shortened;
use crate::numbers::{count, counted, exact, figure, percent};
use crate::place::{place, place_of_text};

/// The share of nulls from which a column is mostly null.
const MOSTLY: f64 = 0.5;

/// The share of one value from which a column is almost constant.
const ALMOST: f64 = 0.99;

/// Values that a column needs before its extremes can be outliers.
const ENOUGH: u64 = 100;

/// An extreme is an outlier where it lies this many times farther beyond the outer 1 % than those lie from the median.
const FAR: f64 = 3.0;

/// Characters of a value in a finding.
const SHOWN: usize = 40;

/// Texts that often stand for a value that is missing, in lower case.
const NULL_WORDS: [&str; 21] = [
    "null",
    "(null)",
    "<null>",
    "\\n",
    "n/a",
    "#n/a",
    "n.a.",
    "na",
    "nan",
    "none",
    "nil",
    "-",
    "--",
    "?",
    ".",
    "unknown",
    "undefined",
    "missing",
    "not available",
    "tbd",
    "#null!",
];

/// Numbers that often stand for a value that is missing, where they are the least or the greatest of their column.
const NULL_NUMBERS: [f64; 9] = [-99.0, -999.0, -9999.0, -99999.0, 999.0, 9999.0, 99999.0, 999_999.0, 9_999_999.0];

/// Dates that often stand for a value that is missing.
const NULL_DATES: [&str; 6] = ["0001-01-01", "1899-12-30", "1900-01-01", "1970-01-01", "9999-12-31", "2099-12-31"];

/// The kind of a finding, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A column without a value.
    Empty,
    /// A column most of whose values are null.
    MostlyNull,
    /// A frequent value that may stand for null.
    NullLike,
    /// An extreme far from all other values.
    Outliers,
    /// Values that disproved the type that samples showed.
    Widened,
    /// Texts, most of which would be of another type.
    MixedTypes,
    /// Names that differ by case or blanks alone.
    SimilarNames,
    /// A column with one value.
    Constant,
    /// A column with one value and few others.
    AlmostConstant,
    /// A column in which every value occurs once.
    Unique,
    /// A column in which every value occurs once, or nearly every one, as an estimate tells.
    NearlyUnique,
}

impl Kind {
    /// All kinds, the gravest first.
    pub(crate) const ALL: [Kind; 11] = [
        Kind::Empty,
        Kind::MostlyNull,
        Kind::NullLike,
        Kind::Outliers,
        Kind::Widened,
        Kind::MixedTypes,
        Kind::SimilarNames,
        Kind::Constant,
        Kind::AlmostConstant,
        Kind::Unique,
        Kind::NearlyUnique,
    ];

    /// The word for it beside a column.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Kind::Empty => "no values",
            Kind::MostlyNull => "mostly null",
            Kind::NullLike => "null-like values",
            Kind::Outliers => "outliers",
            Kind::Widened => "widened type",
            Kind::MixedTypes => "mixed types",
            Kind::SimilarNames => "similar names",
            Kind::Constant => "constant",
            Kind::AlmostConstant => "almost constant",
            Kind::Unique => "unique",
            Kind::NearlyUnique => "≈ unique",
        }
    }

    /// The meaning in a sentence.
    pub(crate) fn meaning(self) -> &'static str {
        match self {
            Kind::Empty => "Every record is null here.",
            Kind::MostlyNull => "More than half of the records are null here.",
            Kind::NullLike => "A frequent value that often stands for a missing one.",
            Kind::Outliers => "An extreme far from all other values.",
            Kind::Widened => "Values that are not of the type that the samples showed.",
            Kind::MixedTypes => "Most values of the samples are of one type, and not all.",
            Kind::SimilarNames => "Names that differ only by case or blanks.",
            Kind::Constant => "One value in all records that have one.",
            Kind::AlmostConstant => "One value in nearly all records.",
            Kind::Unique => "No value occurs twice.",
            Kind::NearlyUnique => "No value occurs twice, or few do: the number of distinct values is an estimate.",
        }
    }

    /// Tells whether it may be a fault of the data; the others are worth knowing.
    pub(crate) fn is_suspicious(self) -> bool {
        self < Kind::Constant
    }
}

/// One finding about one column.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Finding {
    /// The kind.
    pub(crate) kind: Kind,
    /// The column's place among the columns.
    pub(crate) column: usize,
    /// The figure that shows it; texts of data in it are printable.
    pub(crate) detail: String,
}

/// A rule that looks at one column.
type Rule = fn(&ColumnReport) -> Option<(Kind, String)>;

const RULES: [Rule; 7] = [nulls, null_like, outliers, widened, mixed, constant, unique];

/// Returns what stands out in the columns, by kind and column.
pub(crate) fn findings(columns: &[ColumnReport]) -> Vec<Finding> {
    let of_column = |(index, column)| {
        RULES.iter().filter_map(move |rule| rule(column)).map(move |(kind, detail)| Finding {
            kind,
            column: index,
            detail,
        })
    };
    let mut found: Vec<Finding> = columns.iter().enumerate().flat_map(of_column).collect();
    found.extend(similar_names(columns));
    found.sort_by_key(|one| (one.kind, one.column));
    found
}

fn nulls(column: &ColumnReport) -> Option<(Kind, String)> {
    match (column.nulls, column.count) {
        (0, _) => None,
        (nulls, 0) => Some((Kind::Empty, format!("{} nulls", count(nulls)))),
        _ => (column.null_share > MOSTLY).then(|| (Kind::MostlyNull, percent(column.null_share))),
    }
}

fn null_like(column: &ColumnReport) -> Option<(Kind, String)> {
    let values = &column.estimates.as_ref()?.frequent;
    let several = column.min != column.max;
    let stands_for_null = |value: &&Frequent| {
        let text = value.value.trim();
        several
            && (NULL_WORDS.contains(&text.to_lowercase().as_str())
                || NULL_DATES.iter().any(|date| text.starts_with(date) && place_of_text(text).is_some())
                || place_of_text(text).is_some_and(|number| is_null_number(column, number)))
    };
    let value = values.iter().find(stands_for_null)?;
    let share = value.at_least as f64 / column.count.max(1) as f64;
    Some((Kind::NullLike, format!("{} in {} of the values", quoted(&value.value), percent(share))))
}

fn is_null_number(column: &ColumnReport, number: f64) -> bool {
    let is_extreme = |extreme: &Option<Figure>| extreme.as_ref().and_then(place) == Some(number);
    NULL_NUMBERS.contains(&number) && (is_extreme(&column.min) || is_extreme(&column.max))
}

fn outliers(column: &ColumnReport) -> Option<(Kind, String)> {
    let at = |rank: f64| {
        let quantile = column.estimates.as_ref()?.quantiles.iter().find(|quantile| quantile.rank == rank)?;
        Some((place(&quantile.value)?, &quantile.value))
    };
    let ((low, least), (middle, _), (high, greatest)) = (at(0.01)?, at(0.5)?, at(0.99)?);
    if column.count < ENOUGH || low == high {
        return None;
    }
    let (min, max) = (column.min.as_ref()?, column.max.as_ref()?);
    let above = place(max)? - high > FAR * (high - middle).max((middle - low) / FAR);
    let below = low - place(min)? > FAR * (middle - low).max((high - middle) / FAR);
    let text = match (below, above) {
        (false, false) => return None,
        (true, true) => format!(
            "least {} and greatest {}, 98 % are between ≈ {} and {}",
            exact(min, column.column_type),
            exact(max, column.column_type),
            figure(least),
            figure(greatest)
        ),
        (true, false) => format!("least {}, 99 % are above ≈ {}", exact(min, column.column_type), figure(least)),
        (false, true) => format!("greatest {}, 99 % are below ≈ {}", exact(max, column.column_type), figure(greatest)),
    };
    Some((Kind::Outliers, text))
}

/// Texts that have a type of their own but for a few; what widened a type says so itself.
fn mixed(column: &ColumnReport) -> Option<(Kind, String)> {
    let all: u64 = column.sampled.values().sum();
    let texts = *column.sampled.get("text")?;
    if column.column_type != ColumnType::String || column.widened.is_some() || texts * 2 > all {
        return None;
    }
    let mut seen: Vec<(&String, &u64)> = column.sampled.iter().collect();
    seen.sort_by_key(|(_, values)| std::cmp::Reverse(**values));
    let seen: Vec<String> = seen.into_iter().map(|(name, values)| format!("{} {name}", count(*values))).collect();
    Some((Kind::MixedTypes, format!("of {} in the samples: {}", counted(all, "value"), seen.join(", "))))
}

fn widened(column: &ColumnReport) -> Option<(Kind, String)> {
    let widened = column.widened.as_ref()?;
    // Samples without a value show no type: nothing was disproved.
    let first = widened.first.as_ref()?;
    let values = counted(widened.values, "value");
    let are = if widened.values == 1 { "is" } else { "are" };
    let (from, byte) = (widened.from, count(first.record));
    Some((
        Kind::Widened,
        format!("{values} {are} not {from}, the first {} in the record at byte {byte}", quoted(&first.text)),
    ))
}

fn constant(column: &ColumnReport) -> Option<(Kind, String)> {
    let whole = |value: &Figure| !matches!(value, Figure::Text(text) if text.chars().count() >= 64);
    let value = column.min.as_ref()?;
    if column.count > 1 && column.min == column.max && whole(value) {
        return Some((Kind::Constant, format!("always {}", quoted(&exact(value, column.column_type)))));
    }
    let most = column.estimates.as_ref()?.frequent.first()?;
    let share = most.at_least as f64 / column.count.max(1) as f64;
    (share >= ALMOST && most.at_least < column.count)
        .then(|| (Kind::AlmostConstant, format!("{} in {} of the values", quoted(&most.value), percent(share))))
}

fn unique(column: &ColumnReport) -> Option<(Kind, String)> {
    let estimates = column.estimates.as_ref()?;
    // Measures and times are seldom the same twice: that says nothing.
    let may_be_key = matches!(column.column_type, ColumnType::Int64 | ColumnType::String);
    let found = match estimates.frequent.first() {
        _ if column.count < 2 => None,
        // No value occurs more often than the first one, and that occurs once.
        Some(most) if most.at_most == 1 => Some(Kind::Unique),
        Some(most) if most.at_least > 1 => None,
        _ => (may_be_key && estimates.distinct.upper >= column.count).then_some(Kind::NearlyUnique),
    };
    found.map(|kind| (kind, String::new()))
}

/// Columns whose names are the same in lower case and without blanks around them.
fn similar_names(columns: &[ColumnReport]) -> Vec<Finding> {
    let mut known = HashMap::<String, Vec<usize>>::new();
    for (index, column) in columns.iter().enumerate() {
        known.entry(column.name.trim().to_lowercase()).or_default().push(index);
    }
    let finding = |column: usize| Finding { kind: Kind::SimilarNames, column, detail: String::new() };
    known.into_values().filter(|same| same.len() > 1).flatten().map(finding).collect()
}

/// A value of the data within a sentence.
fn quoted(text: &str) -> String {
    format!("“{}”", shortened(text, SHOWN))
}

#[cfg(test)]
mod tests;
