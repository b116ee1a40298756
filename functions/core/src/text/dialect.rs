//! The grammar of CSV and the bytes that a dataset may choose in it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{Code, Coded};

/// The grammar of a CSV object: the cut of its bytes into records and fields.
///
/// The grammar, in the ABNF of RFC 5234 but for bytes; `DELIMITER`, `QUOTE`, `ESCAPE` and `COMMENT`
/// are the dialect's, and what stands with one that is `null` can't occur:
///
/// ```text
/// object     = [ %xEF.BB.BF ] *( line TERMINATOR ) [ line ]
/// line       = blank / comment / record
/// blank      = ""                                    ; no byte, thus no record
/// comment    = COMMENT *plain                        ; a delimiter or a quote in it means nothing
/// record     = field *( DELIMITER field )            ; at least one byte
/// field      = pad quoted pad / unquoted
/// pad        = *BLANK                                ; with trim, else nothing
/// unquoted   = [ more ]                              ; with trim, no blanks and then a quote
/// quoted     = QUOTE *inner QUOTE [ more ]           ; more with lenient quotes only
/// more       = ( data / escaped ) *( data / QUOTE / escaped )
/// escaped    = ESCAPE                                ; with escape_outside_quotes, ESCAPE OCTET
/// inner      = QUOTE QUOTE / ESCAPE OCTET / literal
/// plain      = any byte that doesn't begin a TERMINATOR
/// data       = any plain byte but DELIMITER, QUOTE and ESCAPE
/// literal    = any byte but QUOTE and ESCAPE, those of a TERMINATOR included
/// TERMINATOR = LF / CR LF     ; auto
///            / LF             ; lf
///            / CR LF          ; crlf
///            / CR             ; cr
///            / LF / CR        ; any: CR LF is two of them with a blank line between
/// ```
///
/// A record that begins with `COMMENT` can't be written without quotes. A field's value is its
/// bytes without the two quotes, with `QUOTE QUOTE` as one and `ESCAPE OCTET` as that octet.
///
/// A record that can't be read costs one record. It ends after its first `TERMINATOR`, whatever quotes that
/// is in, and the next line begins there. These can't be read:
///
/// - a record that doesn't fit the grammar: a quoted field goes on after its closing quote, or its quote
///   never closes
/// - a record longer than the dataset's `max_record`; where its first line is longer than that too, it is
///   the first bytes of it, and the rest of the line is skipped
///
/// The first fault in the order of the bytes is the one that counts. What is read depends on nothing but
/// the text from where the record begins.
///
/// The differences from RFC 4180:
///
/// - *Quotes inside a field.* A quote counts only as the first byte of a field; elsewhere in an
///   unquoted field it is data: `a"b"` is `a"b"`, ` "a"` begins with a space.
/// - *Bytes after a closing quote* refuse the record. With lenient quotes they are data of that field,
///   further quotes too: `"a"b"c"` is `ab"c"`.
/// - *Ragged records.* A record may have any number of fields. Those that differ from the header are
///   cut as all others; the pipeline then refuses them.
/// - *Blank lines* are no records, nor are comments. A line of one space is a record, and so is `""`.
/// - *Escape.* It works inside quotes, beside doubled quotes; outside it is data. With
///   `escape_outside_quotes` it works in unquoted fields too: `a\,b` is one field, `a,b`. An escaped line
///   break then ends no line; this holds for a refused record too. In a comment it means nothing.
/// - *Terminators* other than CR LF, as the dialect says. Where two are possible a text may mix them.
///   What of CR and LF isn't a terminator is data. The one after the last line is optional.
/// - *No trimming.* Spaces belong to their field, and make a quote after them data. With `trim`, blanks
///   between a delimiter and a quote are no part of a field; a blank is a space or a tab without another
///   meaning. Unquoted fields keep theirs, but names and values of declared types are read without.
/// - *Any bytes.* NUL and bytes that aren't UTF-8 are data here; the pipeline then refuses their
///   record, and no other.
/// - *A quote that never closes* before the end of the object refuses the record.
///
/// The first record is the header, unless the dataset says that there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialect {
    /// The byte between two fields. A single ASCII character.
    pub delimiter: u8,
    /// The byte that encloses a field, doubled inside it; `null` for none.
    pub quote: Option<u8>,
    /// The byte that makes the next one literal, inside quotes; `null` (the default) for none.
    pub escape: Option<u8>,
    /// A line that begins with this byte is skipped, up to the next terminator; `null` (the default)
    /// for none.
    pub comment: Option<u8>,
    /// The end of a record.
    pub terminator: Terminator,
    /// The reading of bytes after a closing quote.
    pub quotes: Quotes,
    /// Tells whether the escape works outside quotes too, as UNLOAD of Redshift, MySQL and Hive write it.
    pub escape_outside_quotes: bool,
    /// Tells whether blanks around quotes are no part of a field, nor those around names and numbers.
    pub trim: bool,
}

/// The reading of a quoted field that goes on after its closing quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Quotes {
    /// A refusal of its record: two stray quotes don't swallow the records between them.
    #[default]
    Strict,
    /// The bytes after the closing quote are data, as the `csv` crate and Python read them.
    Lenient,
}

/// The end of a record outside quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Terminator {
    /// LF; one CR directly before it belongs to it. A lone CR is data, but not in a header. Reads LF
    /// and CRLF files, mixed too.
    #[default]
    Auto,
    /// LF alone: a CR before it is data.
    Lf,
    /// CR LF alone: a lone CR or LF is data.
    Crlf,
    /// CR alone: LF is data.
    Cr,
    /// LF, CR, or CR LF, as the `csv` crate's default.
    Any,
}

impl Default for Dialect {
    fn default() -> Self {
        Self {
            delimiter: b',',
            quote: Some(b'"'),
            escape: None,
            comment: None,
            terminator: Terminator::Auto,
            quotes: Quotes::Strict,
            escape_outside_quotes: false,
            trim: false,
        }
    }
}

impl Dialect {
    /// The dialect in which every line is a record of one field: it has no quote, and as delimiter
    /// the byte that no JSON text has. The lines are then read by [`crate::JsonLines`].
    ///
    /// ```
    /// use fanout_core::Dialect;
    ///
    /// let lines = Dialect::of_lines();
    /// assert_eq!((lines.delimiter, lines.quote), (0, None));
    /// ```
    pub fn of_lines() -> Self {
        Self { delimiter: 0, quote: None, ..Self::default() }
    }

    /// Refuses dialects in which one byte would have two meanings.
    ///
    /// # Errors
    ///
    /// [`DialectError`] with the first byte that is wrong.
    ///
    /// ```
    /// use fanout_core::Dialect;
    ///
    /// let dialect = Dialect { delimiter: b'\t', quote: None, ..Dialect::default() };
    /// assert!(dialect.validate().is_ok());
    /// let dialect = Dialect { delimiter: b'\'', quote: Some(b'\''), ..Dialect::default() };
    /// assert!(dialect.validate().is_err());
    /// ```
    pub fn validate(&self) -> Result<(), DialectError> {
        let named = [
            ("delimiter", Some(self.delimiter)),
            ("quote", self.quote),
            ("escape", self.escape),
            ("comment", self.comment),
        ];
        for (i, (name, byte)) in named.iter().enumerate() {
            let Some(byte) = *byte else { continue };
            if !byte.is_ascii() || matches!(byte, b'\n' | b'\r' | 0) {
                return Err(DialectError::Byte { name, byte });
            }
            if let Some((other, _)) = named[..i].iter().find(|(_, b)| *b == Some(byte)) {
                return Err(DialectError::Twice { name, other, byte });
            }
        }
        match (self.escape, self.quote, self.escape_outside_quotes) {
            (Some(_), None, false) => Err(DialectError::EscapeWithoutQuote),
            (None, _, true) => Err(DialectError::NoEscape),
            _ => Ok(()),
        }
    }

    /// Tells whether a byte is one that `trim` takes for no part of a field: a space or a tab without
    /// another meaning.
    pub fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t')
            && byte != self.delimiter
            && ![self.quote, self.escape, self.comment].contains(&Some(byte))
    }
}

/// A dialect that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DialectError {
    /// A byte that can't have this role.
    #[error("dialect: {name} is byte 0x{byte:02x}, expected an ASCII character other than NUL, CR and LF")]
    Byte {
        /// The dialect's field.
        name: &'static str,
        /// The byte it was given.
        byte: u8,
    },
    /// A byte in two roles.
    #[error("dialect: {name} and {other} are both byte 0x{byte:02x}")]
    Twice {
        /// The dialect's field.
        name: &'static str,
        /// The other field with the same byte.
        other: &'static str,
        /// The byte.
        byte: u8,
    },
    /// Without quotes an escape works outside them or nowhere.
    #[error("dialect: escape is set but quote is null and escape_outside_quotes is false")]
    EscapeWithoutQuote,
    /// No escape that could work.
    #[error("dialect: escape_outside_quotes is true but escape is null")]
    NoEscape,
}

impl Coded for DialectError {
    fn code(&self) -> Code {
        Code::InvalidJob
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refused_dialects() {
        let d = Dialect::default;
        let table = [
            ("delimiter CR", Dialect { delimiter: b'\r', ..d() }),
            ("delimiter not ASCII", Dialect { delimiter: 0xa7, ..d() }),
            ("quote is delimiter", Dialect { quote: Some(b','), ..d() }),
            ("escape is quote", Dialect { escape: Some(b'"'), ..d() }),
            ("escape without quote", Dialect { escape: Some(b'\\'), quote: None, ..d() }),
            ("no escape outside quotes", Dialect { escape_outside_quotes: true, ..d() }),
        ];
        for (name, dialect) in table {
            assert!(dialect.validate().is_err(), "{name}");
        }
        assert_eq!(d().validate(), Ok(()));
        let outside = Dialect { escape: Some(b'\\'), quote: None, escape_outside_quotes: true, ..d() };
        assert_eq!(outside.validate(), Ok(()));
    }
}
