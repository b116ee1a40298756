//! Words of S3 Select that no parser of SQL knows: paths after the table, `MISSING`, `TRIM(LEADING FROM …)`.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::{Token, TokenWithSpan, Word};

use crate::error::QueryError;
use crate::statement::TABLES;

/// Returns the tokens with other words for these. `MISSING` is null where no column has that name; a path `[*]` after
/// the table means each record, and goes.
///
/// # Errors
///
/// [`QueryError::Refused`] for a path that makes several rows of a record.
pub(crate) fn plain_tokens(tokens: Vec<TokenWithSpan>, columns: &[String]) -> Result<Vec<TokenWithSpan>, QueryError> {
    let has_missing = columns.iter().any(|column| column.eq_ignore_ascii_case("missing"));
    let mut kept: Vec<TokenWithSpan> = Vec::with_capacity(tokens.len());
    let mut tokens = tokens.into_iter().filter(|token| !is_blank(&token.token)).peekable();
    while let Some(mut token) = tokens.next() {
        let last = kept.last().map(|token| &token.token);
        match &token.token {
            Token::LBracket if is_table(&kept) => {
                let star = tokens.next_if(|token| token.token == Token::Mul);
                let end = tokens.next_if(|token| token.token == Token::RBracket);
                match (star, end) {
                    (Some(_), Some(_)) if tokens.peek().is_none_or(|token| token.token != Token::Period) => continue,
                    _ => return Err(QueryError::Refused(PATH.to_owned())),
                }
            }
            Token::Word(word) if is(word, "MISSING") && !has_missing && last != Some(&Token::Period) => {
                token.token = Token::make_keyword("NULL");
            }
            Token::Word(word) if word.keyword == Keyword::FROM && is_side(last) && is_trim(&kept) => continue,
            _ => {}
        }
        kept.push(token);
    }
    Ok(kept)
}

const PATH: &str = "a path after the table makes several rows of a record, or none: the only path is [*]";

fn is_blank(token: &Token) -> bool {
    matches!(token, Token::Whitespace(_))
}

fn is(word: &Word, name: &str) -> bool {
    word.quote_style.is_none() && word.value.eq_ignore_ascii_case(name)
}

/// Tells whether the tokens end in `FROM` and the table.
fn is_table(kept: &[TokenWithSpan]) -> bool {
    let [.., from, table] = kept else { return false };
    matches!(&from.token, Token::Word(word) if word.keyword == Keyword::FROM)
        && matches!(&table.token, Token::Word(word) if TABLES.contains(&word.value.to_lowercase().as_str()))
}

fn is_side(token: Option<&Token>) -> bool {
    const SIDES: [Keyword; 3] = [Keyword::BOTH, Keyword::LEADING, Keyword::TRAILING];
    matches!(token, Some(Token::Word(word)) if SIDES.contains(&word.keyword))
}

/// Tells whether the tokens end in `TRIM(` and a side.
fn is_trim(kept: &[TokenWithSpan]) -> bool {
    match kept {
        [.., name, open, _] => {
            open.token == Token::LParen && matches!(&name.token, Token::Word(word) if word.keyword == Keyword::TRIM)
        }
        _ => false,
    }
}
