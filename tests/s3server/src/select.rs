//! SelectObjectContent over CSV and JSON lines, as AWS documents it: enough of its SQL for projections
//! and a WHERE of comparisons that are joined by AND.

use s3s::dto::{CSVInput, CSVOutput, FileHeaderInfo, JSONType, SelectObjectContentRequest};
use s3s::{S3Error, S3ErrorCode, S3Result};
use serde_json::{Map, Value};

/// Bytes of a record, at most.
const MAX_RECORD: usize = 1 << 20;

/// A reading of `Start` of a ScanRange. AWS's own words say both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StartReading {
    /// A record that begins at `Start` counts.
    #[default]
    At,
    /// A record counts only if it begins after `Start`, or at the object's first byte.
    After,
}

/// The outcome of a request.
pub(crate) struct Selection {
    /// The records that come back.
    pub(crate) bytes: Vec<u8>,
    /// Bytes of the records that were looked at.
    pub(crate) scanned: u64,
    /// The error that ends it before all of them came.
    pub(crate) error: Option<S3Error>,
}

fn error(code: &str, message: String) -> S3Error {
    let code = S3ErrorCode::from_bytes(code.as_bytes()).expect("a code of S3");
    S3Error::with_message(code, message)
}

fn byte(text: Option<&String>, default: u8) -> u8 {
    text.map_or(default, |text| match text.as_bytes() {
        [byte] => *byte,
        _ => panic!("one character, not {text:?}"),
    })
}

/// The records of `body` that the request asks for.
pub(crate) fn select(body: &[u8], request: &SelectObjectContentRequest, reading: StartReading) -> S3Result<Selection> {
    let invalid = |message: &str| Err(error("InvalidRequestParameter", message.to_owned()));
    let size = body.len() as i64;
    let (start, end) = match request.scan_range.as_ref().map(|range| (range.start, range.end)) {
        None | Some((None, None)) => (0, size - 1),
        Some((Some(start), end)) => (start, end.unwrap_or(size - 1)),
        Some((None, Some(last))) => (size - last, size - 1),
    };
    if start < 0 || end < start || start >= size {
        return Err(error("InvalidScanRange", format!("{start} to {end} of {size} bytes")));
    }
    let counts = |offset: usize| {
        let offset = offset as i64;
        offset <= end && offset >= start && (reading == StartReading::At || offset > start || start == 0)
    };
    let (input, output) = (&request.input_serialization, &request.output_serialization);
    match (&input.csv, &output.csv, &input.json, &output.json) {
        (Some(input), Some(output), None, None) => {
            if input.allow_quoted_record_delimiter == Some(true) && request.scan_range.is_some() {
                return invalid("AllowQuotedRecordDelimiter and ScanRange exclude each other");
            }
            select_csv(body, &request.expression, counts, input, output)
        }
        (None, None, Some(input), Some(_)) => match input.type_.as_ref().map(JSONType::as_str) {
            Some(JSONType::LINES) => select_json(body, &request.expression, counts),
            _ => invalid("a JSON document and ScanRange exclude each other"),
        },
        _ => invalid("one kind of records is read and written here"),
    }
}

fn select_csv(
    body: &[u8],
    expression: &str,
    counts: impl Fn(usize) -> bool,
    input: &CSVInput,
    output: &CSVOutput,
) -> S3Result<Selection> {
    let terminator = input.record_delimiter.clone().unwrap_or_else(|| "\n".to_owned());
    if !(1..=2).contains(&terminator.len()) {
        return Err(error("InvalidRequestParameter", "RecordDelimiter".to_owned()));
    }
    let mut records = records(body, terminator.as_bytes(), byte(input.comments.as_ref(), b'#'));
    let header = match input.file_header_info.as_ref().map_or(FileHeaderInfo::NONE, FileHeaderInfo::as_str) {
        FileHeaderInfo::USE => records.next().map(|(_, record)| fields(record, input)).unwrap_or_default(),
        FileHeaderInfo::IGNORE => {
            records.next();
            Vec::new()
        }
        _ => Vec::new(),
    };
    let query = Query::parse(expression, &header)?;
    let mut selection = Selection { bytes: Vec::new(), scanned: 0, error: None };
    for (_, record) in records.filter(|(offset, _)| counts(*offset)) {
        if !selection.takes(record) {
            break;
        }
        let values = fields(record, input);
        if query.keeps(&values) {
            write(&mut selection.bytes, &query.project(&values), output);
        }
    }
    Ok(selection)
}

/// Each record is written anew: without spaces, its keys in their order.
fn select_json(body: &[u8], expression: &str, counts: impl Fn(usize) -> bool) -> S3Result<Selection> {
    // No line begins with this byte, so that none is a comment.
    let lines: Vec<_> = records(body, b"\n", 0xff).collect();
    let object = |line: &[u8]| serde_json::from_slice::<Map<String, Value>>(line);
    // Any key that a record has can be named.
    let mut names: Vec<String> = Vec::new();
    for (_, line) in &lines {
        let keys = object(line).unwrap_or_default().into_iter().map(|(key, _)| key);
        names.extend(keys.filter(|key| !names.contains(key)).collect::<Vec<_>>());
    }
    let query = Query::parse(expression, &names)?;
    let mut selection = Selection { bytes: Vec::new(), scanned: 0, error: None };
    for (_, line) in lines.into_iter().filter(|(offset, _)| counts(*offset)) {
        if !selection.takes(line) {
            break;
        }
        let Ok(object) = object(line) else {
            selection.error = Some(error("JSONParsingError", "Error parsing JSON file.".to_owned()));
            break;
        };
        let text = |name: &String| match object.get(name) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        if query.keeps(&names.iter().map(text).collect::<Vec<_>>()) {
            let all = || object.keys().cloned().collect::<Vec<_>>();
            let kept =
                query.columns.iter().flat_map(|column| column.map_or_else(all, |column| vec![names[column].clone()]));
            let kept = kept.filter_map(|name| object.get(&name).map(|value| (name.clone(), value.clone())));
            selection.bytes.extend(serde_json::to_vec(&Map::from_iter(kept)).expect("JSON"));
            selection.bytes.push(b'\n');
        }
    }
    Ok(selection)
}

impl Selection {
    /// Counts a record, if it isn't too long.
    fn takes(&mut self, record: &[u8]) -> bool {
        self.scanned += record.len() as u64;
        if record.len() > MAX_RECORD {
            let message = "The length of a record in the input or result is greater than maxCharsPerRecord of 1 MB.";
            self.error = Some(error("OverMaxRecordSize", message.to_owned()));
        }
        self.error.is_none()
    }
}

/// Lines with their offsets, whatever quotes say; neither blank ones nor comments.
fn records<'b>(body: &'b [u8], terminator: &'b [u8], comment: u8) -> impl Iterator<Item = (usize, &'b [u8])> {
    let mut at = if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let lines = std::iter::from_fn(move || {
        if at >= body.len() {
            return None;
        }
        let start = at;
        let length = body[start..].windows(terminator.len()).position(|window| window == terminator);
        let length = length.unwrap_or(body.len() - start);
        at = start + length + terminator.len();
        Some((start, &body[start..start + length]))
    });
    lines.filter(move |(_, line)| !line.is_empty() && line[0] != comment)
}

fn fields(record: &[u8], input: &CSVInput) -> Vec<String> {
    let delimiter = byte(input.field_delimiter.as_ref(), b',');
    let quote = byte(input.quote_character.as_ref(), b'"');
    let mut fields = vec![Vec::new()];
    let (mut quoted, mut at) = (false, 0);
    while at < record.len() {
        let field = fields.last_mut().expect("there is always one");
        let byte = record[at];
        if quoted && byte == quote && record.get(at + 1) == Some(&quote) {
            field.push(byte);
            at += 1;
        } else if byte == quote && (quoted || field.is_empty()) {
            quoted = !quoted;
        } else if byte == delimiter && !quoted {
            fields.push(Vec::new());
        } else {
            field.push(byte);
        }
        at += 1;
    }
    fields.into_iter().map(|field| String::from_utf8(field).expect("UTF-8")).collect()
}

/// Writes a record; fields have quotes where they need them.
fn write(bytes: &mut Vec<u8>, values: &[String], output: &CSVOutput) {
    let delimiter = byte(output.field_delimiter.as_ref(), b',');
    let quote = byte(output.quote_character.as_ref(), b'"');
    let terminator = output.record_delimiter.clone().unwrap_or_else(|| "\n".to_owned());
    for (index, value) in values.iter().enumerate() {
        if index > 0 {
            bytes.push(delimiter);
        }
        let needed = value.bytes().any(|byte| byte == delimiter || byte == quote || byte == b'\n' || byte == b'\r');
        if needed {
            let quote = char::from(quote).to_string();
            bytes.extend(format!("{quote}{}{quote}", value.replace(&quote, &quote.repeat(2))).bytes());
        } else {
            bytes.extend(value.bytes());
        }
    }
    bytes.extend(terminator.bytes());
}

/// An expression, understood.
struct Query {
    /// Columns by number; `None` for all.
    columns: Vec<Option<usize>>,
    conditions: Vec<(Operand, String, Operand)>,
}

enum Operand {
    Column(usize),
    Number(usize),
    Text(String),
    Literal(f64),
}

impl Query {
    fn parse(expression: &str, header: &[String]) -> S3Result<Self> {
        let wrong = |what: &str| error("ParseUnexpectedToken", format!("{what} in {expression:?}"));
        let mut tokens = tokens(expression).into_iter().peekable();
        let mut take = |word: &str| tokens.next().filter(|token| token.eq_ignore_ascii_case(word));
        take("select").ok_or_else(|| wrong("no SELECT"))?;
        let mut list: Vec<Vec<String>> = vec![Vec::new()];
        let mut rest = Vec::new();
        let mut tokens = tokens.peekable();
        for token in tokens.by_ref() {
            match token.as_str() {
                "," => list.push(Vec::new()),
                word if word.eq_ignore_ascii_case("from") => break,
                _ => list.last_mut().expect("there is always one").push(token),
            }
        }
        rest.extend(tokens);
        let column = |name: &str| -> S3Result<usize> {
            let number = name.strip_prefix('_').and_then(|number| number.parse::<usize>().ok());
            let plain = name.trim_matches('"');
            let named = header.iter().position(|column| column.eq_ignore_ascii_case(plain));
            let found = number.map(|number| number - 1).or(named);
            found.ok_or_else(|| error("MissingHeaders", format!("no column {name}")))
        };
        let mut columns = Vec::new();
        for item in &list {
            let item: Vec<&str> = item.iter().map(String::as_str).collect();
            columns.push(match item.as_slice() {
                ["*"] | [_, ".", "*"] => None,
                [_, ".", name, ..] | [name, ..] => Some(column(name)?),
                [] => return Err(wrong("an empty column")),
            });
        }
        let from = rest.first().filter(|table| table.eq_ignore_ascii_case("s3object"));
        from.ok_or_else(|| error("InvalidDataSource", "no S3Object".to_owned()))?;
        let conditions = rest.iter().position(|token| token.eq_ignore_ascii_case("where"));
        let conditions = conditions.map_or(&[][..], |at| &rest[at + 1..]);
        let each = conditions.split(|token| token.eq_ignore_ascii_case("and")).filter(|each| !each.is_empty());
        let mut parsed = Vec::new();
        for each in each {
            let operator = each.iter().position(|token| token.starts_with(['<', '>', '=', '!']));
            let at = operator.ok_or_else(|| wrong("no comparison"))?;
            let operand = |tokens: &[String]| operand(tokens, &column);
            parsed.push((operand(&each[..at])?, each[at].clone(), operand(&each[at + 1..])?));
        }
        Ok(Query { columns, conditions: parsed })
    }

    fn keeps(&self, values: &[String]) -> bool {
        self.conditions.iter().all(|(left, operator, right)| {
            let text = |operand: &Operand| match operand {
                Operand::Column(column) | Operand::Number(column) => values.get(*column).cloned().unwrap_or_default(),
                Operand::Text(text) => text.clone(),
                Operand::Literal(number) => number.to_string(),
            };
            let is_number = |operand: &Operand| matches!(operand, Operand::Number(_) | Operand::Literal(_));
            let order = if is_number(left) || is_number(right) {
                let number = |operand: &Operand| text(operand).parse::<f64>().unwrap_or(f64::NAN);
                number(left).partial_cmp(&number(right))
            } else {
                Some(text(left).cmp(&text(right)))
            };
            order.is_some_and(|order| match operator.as_str() {
                "=" => order.is_eq(),
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                ">=" => order.is_ge(),
                _ => order.is_ne(),
            })
        })
    }

    fn project(&self, values: &[String]) -> Vec<String> {
        let mut projected = Vec::new();
        for column in &self.columns {
            match column {
                None => projected.extend_from_slice(values),
                Some(column) => projected.push(values.get(*column).cloned().unwrap_or_default()),
            }
        }
        projected
    }
}

fn operand(tokens: &[String], column: &impl Fn(&str) -> S3Result<usize>) -> S3Result<Operand> {
    let tokens: Vec<&str> = tokens.iter().map(String::as_str).collect();
    match tokens.as_slice() {
        [cast, "(", inner @ .., _as, _kind, ")"] if cast.eq_ignore_ascii_case("cast") => {
            Ok(Operand::Number(column(inner.last().copied().unwrap_or_default())?))
        }
        [text] if text.starts_with('\'') => Ok(Operand::Text(text.trim_matches('\'').to_owned())),
        [number] if number.parse::<f64>().is_ok() => Ok(Operand::Literal(number.parse().unwrap_or(f64::NAN))),
        [name] | [_, ".", name] => Ok(Operand::Column(column(name)?)),
        _ => Err(error("ParseUnexpectedToken", format!("{tokens:?}"))),
    }
}

fn tokens(expression: &str) -> Vec<String> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut tokens = Vec::new();
    let mut rest = expression.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' | '\'' => rest[1..].find(first).expect("a closing quote") + 2,
            '<' | '>' | '!' | '=' => rest.find(|c| !"<>!=".contains(c)).unwrap_or(rest.len()),
            first if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            first => first.len_utf8(),
        };
        tokens.push(rest[..length].to_owned());
        rest = rest[length..].trim_start();
    }
    tokens
}
