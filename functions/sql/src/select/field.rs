//! Paths into a column's JSON: `s.projects[0].name`.

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgumentList, FunctionArguments, Ident,
    ObjectName, Subscript, Value,
};

use super::as_text;

/// A path: the names that it begins with, and the steps after these.
pub(crate) struct Path {
    pub(crate) names: Vec<Ident>,
    steps: Vec<String>,
}

impl Path {
    /// The last step, a name for the value.
    pub(crate) fn last(&self) -> Option<&str> {
        match self.steps.iter().rev().find(|step| step.parse::<usize>().is_err()) {
            Some(step) => Some(step),
            None => self.names.last().map(|ident| ident.value.as_str()),
        }
    }

    /// The expression that reads the value, from the column with the table before it or without.
    pub(crate) fn to_expr(&self, table: Option<Ident>, column: Ident, fields: &[Ident]) -> Expr {
        let mut text = match table {
            Some(table) => Expr::CompoundIdentifier(vec![table, column]),
            None => Expr::Identifier(column),
        };
        as_text(&mut text);
        let fields = fields.iter().map(|ident| ident.value.clone());
        let literal = |step: String| Expr::value(Value::SingleQuotedString(step));
        let steps = fields.chain(self.steps.iter().cloned()).map(literal);
        let argument = |expr| FunctionArg::Unnamed(FunctionArgExpr::Expr(expr));
        let args = std::iter::once(text).chain(steps).map(argument).collect();
        Expr::Function(Function {
            name: ObjectName::from(vec![Ident::new("json_field")]),
            uses_odbc_syntax: false,
            parameters: FunctionArguments::None,
            args: FunctionArguments::List(FunctionArgumentList {
                duplicate_treatment: None,
                args,
                clauses: Vec::new(),
            }),
            filter: None,
            null_treatment: None,
            over: None,
            within_group: Vec::new(),
        })
    }

    /// Tells whether there is a step after the names.
    pub(crate) fn has_steps(&self) -> bool {
        !self.steps.is_empty()
    }
}

/// The path that an expression is; `None` where it is another one.
pub(crate) fn path(expr: &Expr) -> Option<Path> {
    match expr {
        Expr::CompoundIdentifier(names) => Some(Path { names: names.clone(), steps: Vec::new() }),
        Expr::CompoundFieldAccess { root, access_chain } => {
            let mut names = match &**root {
                Expr::Identifier(name) => vec![name.clone()],
                Expr::CompoundIdentifier(names) => names.clone(),
                _ => return None,
            };
            let mut steps = Vec::new();
            for access in access_chain {
                match access {
                    AccessExpr::Dot(Expr::Identifier(name)) if steps.is_empty() => names.push(name.clone()),
                    AccessExpr::Dot(Expr::Identifier(name)) => steps.push(name.value.clone()),
                    AccessExpr::Subscript(Subscript::Index { index: Expr::Value(value) }) => match &value.value {
                        Value::Number(number, _) => steps.push(number.to_string()),
                        Value::SingleQuotedString(name) => steps.push(name.clone()),
                        _ => return None,
                    },
                    _ => return None,
                }
            }
            Some(Path { names, steps })
        }
        _ => None,
    }
}
