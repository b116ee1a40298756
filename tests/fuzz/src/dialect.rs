//! Dialects from a byte of the input.

use fanout_core::{Dialect, Quotes, Terminator};

/// A dialect for any byte, the default one for 0.
pub(crate) fn dialect(choice: u8) -> Dialect {
    use Terminator::{Any, Auto, Cr, Crlf, Lf};
    let quote = (choice & 8 == 0).then_some(b'"');
    let (trim, escape) = (choice % 8 == 5, choice & 32 != 0);
    let escape_outside_quotes = escape && choice % 8 >= 6;
    Dialect {
        delimiter: if choice & 16 == 0 { b',' } else { b';' },
        quote,
        escape: (escape && (quote.is_some() || escape_outside_quotes)).then_some(b'\\'),
        comment: (choice & 64 != 0).then_some(b'#'),
        escape_outside_quotes,
        trim,
        quotes: if choice & 128 == 0 { Quotes::Strict } else { Quotes::Lenient },
        terminator: [Auto, Lf, Crlf, Cr, Any, Auto, Auto, Any][usize::from(choice % 8)],
    }
}
