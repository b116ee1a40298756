//! Words for the things that are detected.

/// The name of a byte, for a person.
pub(super) fn byte_name(byte: u8) -> String {
    let name = match byte {
        b',' => "comma",
        b';' => "semicolon",
        b'\t' => "tab",
        b'|' => "pipe",
        b' ' => "space",
        b':' => "colon",
        b'^' => "caret",
        b'~' => "tilde",
        b'"' => "double quote",
        b'\'' => "single quote",
        b'`' => "backtick",
        b'\\' => "backslash",
        0x21..=0x7e => return char::from(byte).to_string(),
        _ => return format!("byte 0x{byte:02x}"),
    };
    name.to_owned()
}

/// `1 record`, `2 records`.
pub(super) fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
