//! Numbers beside texts. A number and a text that is none, as in `code = 'N/A'` where all codes of the file are numbers,
//! differ. A column of texts beside a number, as in `amount > 100` where some amounts are `N/A`, is compared as a number,
//! and a text that is none is null. The engine's own rule makes a number of every text, and fails.

use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{DFSchema, Result};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{BinaryExpr, Cast, Expr, ExprSchemable, LogicalPlan, Operator, TryCast};
use datafusion::optimizer::AnalyzerRule;

use crate::checked::mapped;

/// Compares them so; `NULLIF` of a number and a text that is none is its first argument.
#[derive(Debug)]
pub(crate) struct ComparedWithText;

impl AnalyzerRule for ComparedWithText {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up(|plan| match &plan.inputs()[..] {
            [input] => {
                let schema = input.schema().clone();
                mapped(plan, &|expr| compared(expr, &schema))
            }
            _ => Ok(Transformed::no(plan)),
        })?;
        Ok(rewritten.data)
    }

    fn name(&self) -> &str {
        "compared_with_text"
    }
}

fn compared(mut expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let differ = |one: &Expr, other: &Expr| is_number(one, schema) && is_word(other);
    let mixed = |one: &Expr, other: &Expr| is_text(one, schema) && is_written_number(other);
    match &mut expr {
        Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(*op) => {
            let is_equality = matches!(op, Operator::Eq | Operator::NotEq);
            match () {
                () if is_equality && differ(left, right) => as_text(left),
                () if is_equality && differ(right, left) => as_text(right),
                () if mixed(left, right) => as_number(left),
                () if mixed(right, left) => as_number(right),
                () => return Ok(Transformed::no(expr)),
            }
            Ok(Transformed::yes(expr))
        }
        Expr::ScalarFunction(ScalarFunction { func, args }) if func.name() == "nullif" => match &mut args[..] {
            [left, right] if differ(left, right) || differ(right, left) => Ok(Transformed::yes(std::mem::take(left))),
            _ => Ok(Transformed::no(expr)),
        },
        _ => Ok(Transformed::no(expr)),
    }
}

fn is_comparison(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

fn is_number(expr: &Expr, schema: &DFSchema) -> bool {
    expr.get_type(schema).is_ok_and(|found| found.is_numeric())
}

fn is_text(expr: &Expr, schema: &DFSchema) -> bool {
    !matches!(expr, Expr::Literal(..)) && expr.get_type(schema).is_ok_and(|found| found.is_string())
}

fn is_written_number(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(value, _) if value.data_type().is_numeric())
}

/// Tells whether an expression is a text that stands in the query and is no number.
fn is_word(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(value, _) => value.try_as_str().flatten().is_some_and(|text| text.trim().parse::<f64>().is_err()),
        _ => false,
    }
}

fn as_text(expr: &mut Expr) {
    let number = std::mem::take(expr);
    *expr = Expr::Cast(Cast::new(Box::new(number), DataType::Utf8View));
}

fn as_number(expr: &mut Expr) {
    let text = std::mem::take(expr);
    *expr = Expr::TryCast(TryCast::new(Box::new(text), DataType::Float64));
}
