//! The parts of S3 Select's dialect that DataFusion spells differently. The rules are those of the "SQL reference for
//! Amazon S3 Select" in AWS's documentation.

mod dates;
mod field;
mod json_field;
mod moment;
mod pattern;
mod tokens;

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    CastKind, DataType, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, TimezoneInfo, Value,
    ValueWithSpan,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::error::QueryError;

pub(crate) use dates::{extract, function, time};
pub(crate) use field::{Path, path};
pub(crate) use json_field::json_field;
pub(crate) use moment::moment;
pub(crate) use tokens::plain_tokens;

/// An expression, or the reason why there is none.
pub(crate) type Made<T> = ControlFlow<QueryError, T>;

/// Functions whose first argument is text, whatever the column's type is.
const OF_TEXT: [&str; 4] = ["char_length", "character_length", "lower", "upper"];

/// The text that an expression reads, to be made text where it is a number; `None` where it reads none.
pub(crate) fn text_of(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Substring { expr, .. } | Expr::Trim { expr, .. } => Some(expr),
        Expr::Like { expr, .. } | Expr::ILike { expr, .. } => Some(expr),
        Expr::Function(Function { name, args: FunctionArguments::List(list), .. })
            if OF_TEXT.contains(&name.to_string().to_lowercase().as_str()) =>
        {
            match list.args.first_mut() {
                Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(text))) => Some(text),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Casts an expression to text, which is nothing where it is text.
pub(crate) fn as_text(expr: &mut Expr) {
    let inner = std::mem::replace(expr, Expr::Identifier(Ident::new("")));
    *expr = Expr::Cast {
        kind: CastKind::Cast,
        expr: Box::new(inner),
        data_type: DataType::Varchar(None),
        array: false,
        format: None,
    };
}

/// The types of casts and literals as those of columns: integers have 64 bits, floats are doubles, timestamps are in
/// microseconds.
pub(crate) fn widest(data_type: &mut DataType) {
    match data_type {
        DataType::Int(None) | DataType::Integer(None) => *data_type = DataType::BigInt(None),
        DataType::Float(_) | DataType::Real => *data_type = DataType::DoublePrecision,
        DataType::Timestamp(precision @ None, TimezoneInfo::None) => *precision = Some(6),
        _ => {}
    }
}

/// Writes a pattern of `LIKE` with a backslash before what is meant as it stands, the only one that the engine knows.
pub(crate) fn escape(pattern: &mut Expr, character: &mut Option<ValueWithSpan>) {
    let Some(Value::SingleQuotedString(escape)) = character.as_ref().map(|value| &value.value) else { return };
    let (Some(escape), Expr::Value(pattern)) = (escape.chars().next(), pattern) else { return };
    let Value::SingleQuotedString(text) = &mut pattern.value else { return };
    let mut escaped = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            _ if letter == escape => escaped.extend(['\\'].into_iter().chain(letters.next())),
            '\\' => escaped.push_str("\\\\"),
            _ => escaped.push(letter),
        }
    }
    *text = escaped;
    *character = None;
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let plain = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Some(expr),
        _ => None,
    };
    list.args.iter().filter_map(plain).collect()
}

fn made(text: &str) -> Made<Option<Expr>> {
    let parsed = Parser::new(&GenericDialect {}).try_with_sql(text).and_then(|mut parser| parser.parse_expr());
    match parsed {
        Ok(expr) => ControlFlow::Continue(Some(expr)),
        Err(error) => ControlFlow::Break(QueryError::Syntax(error.to_string())),
    }
}

fn refuse(function: &str, reason: &str) -> Made<Option<Expr>> {
    ControlFlow::Break(QueryError::Refused(format!("{function}: {reason}")))
}
