//! `json_field(text, name or place, …)`: a value within the JSON text that a column of JSON lines has where a record
//! has an object or a list. `s.projects[0].name` means it.

use std::sync::{Arc, LazyLock};

use datafusion::arrow::array::{Array, StringViewArray, StringViewBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::common::cast::as_string_view_array;
use datafusion::common::{Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use serde_json::Value;

/// The function. The value is text: a string without its quotes, everything else as JSON; null where there is none.
pub(crate) fn json_field() -> Arc<ScalarUDF> {
    static FUNCTION: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| Arc::new(JsonField::new().into()));
    FUNCTION.clone()
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct JsonField {
    signature: Signature,
}

impl JsonField {
    fn new() -> Self {
        let signature = TypeSignature::Variadic(vec![DataType::Utf8View]);
        Self { signature: Signature::new(signature, Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for JsonField {
    fn name(&self) -> &str {
        "json_field"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let Some((texts, path)) = args.args.split_first() else {
            return Err(DataFusionError::Execution("json_field has no argument".to_owned()));
        };
        let texts = texts.to_array(args.number_rows)?;
        let texts: &StringViewArray = as_string_view_array(&texts)?;
        let mut steps = Vec::with_capacity(path.len());
        for step in path {
            match step {
                ColumnarValue::Scalar(ScalarValue::Utf8View(Some(step))) => steps.push(step.as_str()),
                _ => return Err(DataFusionError::Execution("json_field takes its path as texts".to_owned())),
            }
        }
        let mut found = StringViewBuilder::with_capacity(texts.len());
        for text in texts {
            found.append_option(text.and_then(|text| field(text, &steps)));
        }
        Ok(ColumnarValue::Array(Arc::new(found.finish())))
    }
}

fn field(text: &str, steps: &[&str]) -> Option<String> {
    let whole: Value = serde_json::from_str(text).ok()?;
    let found = steps.iter().try_fold(&whole, |value, step| match value {
        Value::Array(values) => values.get(step.parse::<usize>().ok()?),
        value => value.get(step),
    })?;
    match found {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
