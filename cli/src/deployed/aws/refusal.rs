//! The refusal in an answer of AWS: a code and a sentence, as JSON or as XML.

use serde::Deserialize;

use super::xml::{each, read, text};

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The code of the service.
    pub(super) code: String,
    /// The sentence.
    pub(super) message: String,
}

/// The fields of a refusal as JSON.
#[derive(Deserialize)]
struct Json {
    #[serde(rename = "__type", default)]
    kind: String,
    #[serde(alias = "Message", default)]
    message: String,
}

/// Reads the refusal of an answer; `header` is that of its code, where it has one.
pub(super) fn refusal(header: Option<&str>, body: &[u8]) -> Refusal {
    if let Ok(Json { kind, message }) = serde_json::from_slice(body) {
        return Refusal { code: short(header.unwrap_or(&kind)), message };
    }
    let answer = String::from_utf8_lossy(body);
    of_xml(&answer).unwrap_or_else(|| Refusal {
        code: short(header.unwrap_or_default()),
        message: answer.trim().chars().take(200).collect(),
    })
}

fn of_xml(answer: &str) -> Option<Refusal> {
    let mut found = None;
    read(answer, |root| {
        each(root, |name, error| {
            if name == "Error" {
                let refusal: &mut Refusal = found.insert(Refusal { code: String::new(), message: String::new() });
                each(error, |name, element| match name {
                    "Code" => refusal.code = text(element),
                    "Message" => refusal.message = text(element),
                    _ => {}
                });
            }
        });
    })
    .ok()?;
    found
}

/// A code without its namespace before `#` and its URL after `:`.
fn short(code: &str) -> String {
    let code = code.rsplit('#').next().unwrap_or(code);
    code.split(':').next().unwrap_or(code).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals() {
        let xml = "<ErrorResponse xmlns=\"x\"><Error><Type>Sender</Type><Code>ValidationError</Code>\
                   <Message>Stack with id a &amp; b does not exist</Message></Error></ErrorResponse>";
        let table: [(Option<&str>, &str, &str, &str); 5] = [
            (
                None,
                r#"{"__type":"com.amazonaws.x#ExecutionDoesNotExist","message":"no"}"#,
                "ExecutionDoesNotExist",
                "no",
            ),
            (None, r#"{"__type":"ExpiredTokenException","Message":"old"}"#, "ExpiredTokenException", "old"),
            (Some("Throttling:http://x/"), r#"{"message":"slow"}"#, "Throttling", "slow"),
            (None, xml, "ValidationError", "Stack with id a & b does not exist"),
            (None, " Bad Gateway\n", "", "Bad Gateway"),
        ];
        for (header, body, code, message) in table {
            let expected = Refusal { code: code.into(), message: message.into() };
            assert_eq!(refusal(header, body.as_bytes()), expected, "{body}");
        }
    }
}
