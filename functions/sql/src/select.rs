//! The parts of S3 Select's dialect that DataFusion spells differently: functions of dates, and moments in backticks.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::error::QueryError;

type Made<T> = ControlFlow<QueryError, T>;

/// Units of `DATE_DIFF`, each with its seconds.
const SECONDS: [(&str, u32); 4] = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)];

/// The expression that a function of S3 Select means; `None` where it stands as it is.
pub(crate) fn function(expr: &Expr) -> Made<Option<Expr>> {
    let Expr::Function(function) = expr else { return ControlFlow::Continue(None) };
    let name = function.name.to_string().to_lowercase();
    match (name.as_str(), &arguments(function)[..]) {
        ("utcnow", _) => refuse("UTCNOW()", "it is another time in each chunk: write the time that is meant"),
        ("to_string", [_, _]) => refuse("TO_STRING", "use to_char(time, '%Y-%m-%d')"),
        ("date_add", [part, number, time]) => {
            let part = part.to_string().to_lowercase();
            let number = number.to_string().replace(' ', "");
            if number.parse::<i64>().is_err() {
                return refuse("DATE_ADD", "the number must be written as digits");
            }
            made(&format!("(({time}) + INTERVAL '{number} {}')", part.trim_matches('\'')))
        }
        ("date_diff", [part, from, to]) => {
            let part = part.to_string().to_lowercase();
            let found = SECONDS.iter().find(|(unit, _)| *unit == part.trim_matches('\''));
            let Some((_, seconds)) = found else {
                return refuse("DATE_DIFF", "the part must be day, hour, minute or second");
            };
            made(&format!("CAST(trunc((date_part('epoch', {to}) - date_part('epoch', {from})) / {seconds}) AS BIGINT)"))
        }
        _ => ControlFlow::Continue(None),
    }
}

/// The moment that stands in backticks, as in Ion: `` `2017-01-01T` ``; `None` where it is another name.
pub(crate) fn moment(ident: &Ident, columns: &[String]) -> Option<Made<Expr>> {
    let text = &ident.value;
    let digits = text.get(..4).is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    if ident.quote_style != Some('`') || !digits || columns.contains(text) {
        return None;
    }
    let day = match text.trim_end_matches('T') {
        year if year.len() == 4 => format!("{year}-01-01"),
        month if month.len() == 7 => format!("{month}-01"),
        day => day.to_owned(),
    };
    let found = made(&format!("CAST('{}' AS TIMESTAMP)", day.replace('\'', "")));
    Some(match found {
        ControlFlow::Continue(Some(expr)) => ControlFlow::Continue(expr),
        ControlFlow::Continue(None) => ControlFlow::Continue(Expr::Identifier(ident.clone())),
        ControlFlow::Break(error) => ControlFlow::Break(error),
    })
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
