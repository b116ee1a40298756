//! Integers that never wrap: the engine's own `+`, `-`, `*` and `sum` of `int64` begin again at the least number where
//! they overflow. Here an overflow is an error.

use std::hash::Hash;
use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::Datum;
use datafusion::arrow::compute::kernels::numeric;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::config::ConfigOptions;
use datafusion::common::tree_node::{Transformed, TreeNode};
use datafusion::common::{Column, DFSchema, ExprSchema, Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::expr::AggregateFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::{
    BinaryExpr, Cast, ColumnarValue, Expr, ExprSchemable, LogicalPlan, Operator, ScalarFunctionArgs, ScalarUDF,
    ScalarUDFImpl, Signature, Volatility,
};
use datafusion::optimizer::AnalyzerRule;

/// The type in which integers are summed: those of `int64` have 19 digits.
const SUMMED: DataType = DataType::Decimal128(19, 0);
/// The type of such a sum, as DataFusion has it.
const SUM: DataType = DataType::Decimal128(29, 0);

/// Sums `int64` as decimals, and makes an `int64` of the sum where it is used.
#[derive(Debug)]
pub(crate) struct CheckedSum;

impl AnalyzerRule for CheckedSum {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up(|plan| match &plan {
            LogicalPlan::Aggregate(aggregate) => {
                let schema = aggregate.input.schema().clone();
                mapped(plan, &|expr| sum(expr, &schema))
            }
            other => match &other.inputs()[..] {
                [input] if sums(input.schema()).next().is_some() => {
                    let schema = input.schema().clone();
                    mapped(plan, &|expr| integer(expr, &schema))
                }
                _ => Ok(Transformed::no(plan)),
            },
        })?;
        Ok(rewritten.data)
    }

    fn name(&self) -> &str {
        "checked_sum"
    }
}

/// The columns of an aggregate that are sums of `int64`.
fn sums(schema: &DFSchema) -> impl Iterator<Item = Column> + '_ {
    let is_sum =
        |field: &datafusion::arrow::datatypes::FieldRef| *field.data_type() == SUM && field.name().starts_with("sum(");
    schema.iter().filter(move |(_, field)| is_sum(field)).map(Column::from)
}

/// Applies a rewrite to each expression of a plan, whose columns keep their names.
pub(crate) fn mapped(
    plan: LogicalPlan,
    rewrite: &dyn Fn(Expr) -> Result<Transformed<Expr>>,
) -> Result<Transformed<LogicalPlan>> {
    let names = NamePreserver::new(&plan);
    let done = plan.map_expressions(|expr| {
        let name = names.save(&expr);
        let rewritten = expr.transform_up(rewrite)?;
        Ok(rewritten.update_data(|expr| name.restore(expr)))
    })?;
    done.map_data(LogicalPlan::recompute_schema)
}

fn sum(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::AggregateFunction(AggregateFunction { func, mut params }) = expr else {
        return Ok(Transformed::no(expr));
    };
    let is_integer = |expr: &Expr| expr.get_type(schema).is_ok_and(|found| found == DataType::Int64);
    let summed = func.name() == "sum" && matches!(&params.args[..], [arg] if is_integer(arg));
    if summed && let Some(arg) = params.args.pop() {
        params.args.push(Expr::Cast(Cast::new(Box::new(arg), SUMMED)));
    }
    Ok(Transformed::new_transformed(Expr::AggregateFunction(AggregateFunction { func, params }), summed))
}

/// Makes an `int64` of a sum again.
fn integer(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let is_sum = match &expr {
        Expr::Column(column) => {
            column.name.starts_with("sum(")
                && schema.field_from_column(column).is_ok_and(|field| *field.data_type() == SUM)
        }
        _ => false,
    };
    if is_sum {
        return Ok(Transformed::yes(Expr::Cast(Cast::new(Box::new(expr), DataType::Int64))));
    }
    Ok(Transformed::no(expr))
}

/// Gives `+`, `-` and `*` of `int64` an error where they overflow. Types must have been settled.
#[derive(Debug)]
pub(crate) struct CheckedArithmetic;

impl AnalyzerRule for CheckedArithmetic {
    fn analyze(&self, plan: LogicalPlan, _: &ConfigOptions) -> Result<LogicalPlan> {
        let rewritten = plan.transform_up(|plan| match &plan.inputs()[..] {
            [input] => {
                let schema = input.schema().clone();
                mapped(plan, &|expr| arithmetic(expr, &schema))
            }
            _ => Ok(Transformed::no(plan)),
        })?;
        Ok(rewritten.data)
    }

    fn name(&self) -> &str {
        "checked_arithmetic"
    }
}

fn arithmetic(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    let Expr::BinaryExpr(BinaryExpr { left, op, right }) = &expr else { return Ok(Transformed::no(expr)) };
    let checked = match op {
        Operator::Plus => &*ADD,
        Operator::Minus => &*SUBTRACT,
        Operator::Multiply => &*MULTIPLY,
        _ => return Ok(Transformed::no(expr)),
    };
    let is_integer = |side: &Expr| side.get_type(schema).is_ok_and(|found| found == DataType::Int64);
    if !is_integer(left) || !is_integer(right) {
        return Ok(Transformed::no(expr));
    }
    Ok(Transformed::yes(checked.call(vec![Expr::clone(left), Expr::clone(right)])))
}

static ADD: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(Checked::new("checked_add", numeric::add).into()));
static SUBTRACT: LazyLock<Arc<ScalarUDF>> =
    LazyLock::new(|| Arc::new(Checked::new("checked_sub", numeric::sub).into()));
static MULTIPLY: LazyLock<Arc<ScalarUDF>> =
    LazyLock::new(|| Arc::new(Checked::new("checked_mul", numeric::mul).into()));

type Kernel = fn(
    &dyn Datum,
    &dyn Datum,
) -> std::result::Result<datafusion::arrow::array::ArrayRef, datafusion::arrow::error::ArrowError>;

/// An operation on two numbers of `int64` that fails where it overflows.
#[derive(Debug)]
struct Checked {
    name: &'static str,
    kernel: Kernel,
    signature: Signature,
}

impl Checked {
    fn new(name: &'static str, kernel: Kernel) -> Self {
        let types = vec![DataType::Int64, DataType::Int64];
        Self { name, kernel, signature: Signature::exact(types, Volatility::Immutable) }
    }
}

impl PartialEq for Checked {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Checked {}

impl Hash for Checked {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for Checked {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int64)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let applied = match &args.args[..] {
            [ColumnarValue::Array(left), ColumnarValue::Array(right)] => (self.kernel)(left, right)?,
            [ColumnarValue::Array(left), ColumnarValue::Scalar(right)] => (self.kernel)(left, &right.to_scalar()?)?,
            [ColumnarValue::Scalar(left), ColumnarValue::Array(right)] => (self.kernel)(&left.to_scalar()?, right)?,
            [ColumnarValue::Scalar(left), ColumnarValue::Scalar(right)] => {
                let found = (self.kernel)(&left.to_scalar()?, &right.to_scalar()?)?;
                return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&found, 0)?));
            }
            other => return Err(DataFusionError::Internal(format!("{} of {} numbers", self.name, other.len()))),
        };
        Ok(ColumnarValue::Array(applied))
    }
}
