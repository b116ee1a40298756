//! Functions of dates.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{DataType, DateTimeField, Expr, Value};

use super::moment::written;
use super::pattern::to_string;
use super::{Made, arguments, made, refuse};

/// Units of `DATE_DIFF` of one length, each with its seconds.
const SECONDS: [(&str, u32); 4] = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

/// The expression that a function of S3 Select means; `None` where it stands as it is.
pub(crate) fn function(expr: &Expr) -> Made<Option<Expr>> {
    let Expr::Function(function) = expr else { return ControlFlow::Continue(None) };
    let name = function.name.to_string().to_lowercase();
    match (name.as_str(), &arguments(function)[..]) {
        ("utcnow", []) => made("now()"),
        ("to_string", [time, pattern]) => string(time, pattern),
        ("to_timestamp", [time]) => match written(time) {
            Some(moment) => made(&moment.literal()),
            None => ControlFlow::Continue(None),
        },
        ("date_add", [part, number, time]) => {
            let part = unit(part);
            let number = number.to_string().replace(' ', "");
            if number.parse::<i64>().is_err() {
                return refuse("DATE_ADD", "the number must be written as digits");
            }
            // A date has no hours to add to.
            let time = match part.as_str() {
                "year" | "month" | "day" => utc(time),
                _ => format!("CAST({} AS TIMESTAMP(6))", utc(time)),
            };
            made(&format!("(({time}) + INTERVAL '{number} {part}')"))
        }
        ("date_diff", [part, from, to]) => difference(&unit(part), &utc(from), &utc(to)),
        _ => ControlFlow::Continue(None),
    }
}

/// The expression that `EXTRACT` of S3 Select means; `None` where it stands as it is. A moment that is written with an
/// offset has the hours of its place; all others are in UTC.
pub(crate) fn extract(field: &DateTimeField, expr: &Expr) -> Made<Option<Expr>> {
    let moment = written(expr);
    let offset = moment.as_ref().map_or(0, |moment| moment.offset);
    match field {
        DateTimeField::TimezoneHour => made(&format!("CASE WHEN {expr} IS NOT NULL THEN {} END", offset / 60)),
        DateTimeField::TimezoneMinute => made(&format!("CASE WHEN {expr} IS NOT NULL THEN {} END", offset % 60)),
        _ => match moment {
            Some(moment) => made(&format!("EXTRACT({field} FROM {})", moment.local_literal())),
            None => ControlFlow::Continue(None),
        },
    }
}

/// The unit of a time, however it is written.
fn unit(expr: &Expr) -> String {
    expr.to_string().to_lowercase().trim_matches('\'').to_owned()
}

/// The text of an expression, with a moment that stands there as one in UTC.
fn utc(expr: &Expr) -> String {
    written(expr).map_or_else(|| expr.to_string(), |moment| moment.literal())
}

fn string(time: &Expr, pattern: &Expr) -> Made<Option<Expr>> {
    let pattern = match pattern {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(pattern) => pattern,
            _ => return refuse("TO_STRING", "the pattern must be a text"),
        },
        _ => return refuse("TO_STRING", "the pattern must be a text"),
    };
    match to_string(&utc(time), pattern, written(time).as_ref()) {
        Ok(text) => made(&text),
        Err(letter) => refuse("TO_STRING", &format!("{letter:?} in {pattern:?} is no part of a pattern")),
    }
}

/// Whole units from one moment to another; negative where the other is before.
fn difference(part: &str, from: &str, to: &str) -> Made<Option<Expr>> {
    if let Some((_, seconds)) = SECONDS.iter().find(|(unit, _)| *unit == part) {
        return made(&format!(
            "CAST(trunc((date_part('epoch', {to}) - date_part('epoch', {from})) / {seconds}) AS BIGINT)"
        ));
    }
    let months = match part {
        "month" => 1,
        "year" => 12,
        _ => return refuse("DATE_DIFF", "the part must be year, month, day, hour, minute or second"),
    };
    let number = |time: &str| format!("CAST(date_part('year', {time}) * 12 + date_part('month', {time}) AS BIGINT)");
    // A month is whole at the day and time of the first one.
    let within =
        |time: &str| format!("(CAST({time} AS TIMESTAMP(6)) - date_trunc('month', CAST({time} AS TIMESTAMP(6))))");
    let (first, second) = (within(from), within(to));
    made(&format!(
        "(({} - {} - CASE WHEN {to} >= {from} AND {second} < {first} THEN 1 WHEN {to} < {from} AND {second} > {first} THEN -1 \
         ELSE 0 END) / {months})",
        number(to),
        number(from)
    ))
}

/// The moment that a cast of a text to a timestamp means, where only Ion writes it so; `None` for every other cast.
pub(crate) fn time(data_type: &DataType, text: &Expr) -> Made<Option<Expr>> {
    match (data_type, written(text)) {
        (DataType::Timestamp(..), Some(moment)) => made(&moment.literal()),
        _ => ControlFlow::Continue(None),
    }
}
