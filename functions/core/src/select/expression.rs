//! The columns that an expression of S3 Select returns.

use super::SelectError;
use crate::Format;

/// The expression for S3 Select where the dataset has none.
pub const DEFAULT_EXPRESSION: &str = "SELECT * FROM S3Object";

/// The columns that an expression returns of an object with these columns.
///
/// Only S3 can judge the expression as a whole. Its list of columns is read for their names.
/// Aggregates and `LIMIT` are refused, as they would hold for each chunk alone. A column of JSON lines
/// must have a name, as its values are found by it.
///
/// # Errors
///
/// [`SelectError::Expression`] if the expression cannot be used for a run in chunks.
pub fn projected(expression: &str, header: &[String], format: Format) -> Result<Vec<String>, SelectError> {
    let refuse = |reason: String| Err(SelectError::Expression { reason });
    let tokens = tokens(expression)?;
    let is = |index: usize, word: &str| tokens.get(index).is_some_and(|token| token.eq_ignore_ascii_case(word));
    if !is(0, "select") {
        return refuse(format!("{expression:?} does not begin with SELECT"));
    }
    let mut depth = 0;
    let mut items: Vec<Vec<&str>> = vec![Vec::new()];
    let mut from = None;
    for (index, token) in tokens.iter().enumerate().skip(1) {
        match token.as_str() {
            "(" => depth += 1,
            ")" => depth -= 1,
            "," if depth == 0 => {
                items.push(Vec::new());
                continue;
            }
            word if depth == 0 && word.eq_ignore_ascii_case("from") => {
                from = Some(index);
                break;
            }
            _ => {}
        }
        if let Some(item) = items.last_mut() {
            item.push(token);
        }
    }
    let Some(from) = from else { return refuse(format!("{expression:?} has no FROM")) };
    if tokens[from..].iter().any(|token| token.eq_ignore_ascii_case("limit")) {
        return refuse("LIMIT would hold for each chunk alone".into());
    }
    let mut columns = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let call = item.windows(2).find(|pair| pair[1] == "(" && is_aggregate(pair[0]));
        if let Some(call) = call {
            return refuse(format!(
                "{} would hold for each chunk alone: select the columns, the outputs add up",
                call[0]
            ));
        }
        match item.as_slice() {
            [] => return refuse(format!("column {} has no expression", index + 1)),
            ["*"] | [_, ".", "*"] => columns.extend_from_slice(header),
            item => match name(item, header) {
                Some(name) => columns.push(name),
                None if format == Format::Csv => columns.push(format!("column_{}", index + 1)),
                None => return refuse(format!("column {} has no name: give it one with AS", index + 1)),
            },
        }
    }
    for (index, column) in columns.iter().enumerate() {
        if columns[..index].contains(column) {
            return refuse(format!("it returns the column {column:?} twice: name one of them with AS"));
        }
    }
    Ok(columns)
}

fn is_aggregate(word: &str) -> bool {
    ["count", "sum", "avg", "min", "max"].iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// The name of a column of the result: the word after AS, or the name of the column itself.
fn name(item: &[&str], header: &[String]) -> Option<String> {
    let plain = |word: &str| word.trim_matches('"').to_owned();
    match item {
        [.., word, alias] if word.eq_ignore_ascii_case("as") => Some(plain(alias)),
        [column] | [_, ".", column] => {
            let by_number = column.strip_prefix('_').and_then(|number| number.parse::<usize>().ok());
            let numbered = by_number.and_then(|number| header.get(number.checked_sub(1)?));
            // Names without quotes have no case.
            let named = || header.iter().find(|name| name.eq_ignore_ascii_case(column));
            Some(numbered.or_else(named).cloned().unwrap_or_else(|| plain(column)))
        }
        _ => None,
    }
}

/// Words, quoted names, texts and single characters of an expression.
fn tokens(expression: &str) -> Result<Vec<String>, SelectError> {
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => match rest[1..].find(first) {
                Some(at) => at + 2,
                None => {
                    let reason = format!("{expression:?} has a quote that never closes");
                    return Err(SelectError::Expression { reason });
                }
            },
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| name.to_string()).collect()
    }

    #[test]
    fn the_columns_of_an_expression() {
        let table: [(&str, Result<&[&str], &str>); 16] = [
            (DEFAULT_EXPRESSION, Ok(&["id", "Name", "pay"])),
            ("select s.* from S3Object s", Ok(&["id", "Name", "pay"])),
            ("SELECT id, s.name FROM S3Object s WHERE s.pay = 'a, b FROM c'", Ok(&["id", "Name"])),
            ("SELECT s.\"pay\", _1 FROM S3Object s", Ok(&["pay", "id"])),
            ("SELECT CAST(s.id AS INT) AS number, SUBSTRING(name, 1, 2) FROM S3Object s", Ok(&["number", "column_2"])),
            ("SELECT id AS \"from\" FROM S3Object", Ok(&["from"])),
            ("SELECT counts, s.max FROM S3Object s", Ok(&["counts", "max"])),
            ("SELECT _9 FROM S3Object", Ok(&["_9"])),
            ("DELETE FROM S3Object", Err("does not begin with SELECT")),
            ("SELECT id", Err("has no FROM")),
            ("SELECT FROM S3Object", Err("column 1 has no expression")),
            ("SELECT COUNT(*) FROM S3Object", Err("COUNT would hold for each chunk alone")),
            ("SELECT 1 + max (id) FROM S3Object", Err("max would hold for each chunk alone")),
            ("SELECT * FROM S3Object LIMIT 5", Err("LIMIT would hold for each chunk alone")),
            ("SELECT id, _1 FROM S3Object", Err("returns the column \"id\" twice")),
            ("SELECT 'x FROM S3Object", Err("a quote that never closes")),
        ];
        let header = header(&["id", "Name", "pay"]);
        for (expression, expected) in table {
            match (projected(expression, &header, Format::Csv), expected) {
                (Ok(columns), Ok(expected)) => assert_eq!(columns, expected, "{expression}"),
                (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{expression}: {error}"),
                (found, _) => panic!("{expression}: {found:?}"),
            }
        }
        let json = |expression| projected(expression, &header, Format::JsonLines);
        assert_eq!(json("SELECT s.id, s.a.b AS c FROM S3Object s").unwrap(), ["id", "c"]);
        let error = json("SELECT s.id, s.a.b FROM S3Object s").unwrap_err().to_string();
        assert_eq!(error, "expression: column 2 has no name: give it one with AS");
    }
}
