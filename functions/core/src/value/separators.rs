//! The separators in numbers: a decimal sign, and a sign between groups of three digits.

/// The longest text of a number with separators.
pub(super) const LONGEST: usize = 64;

/// The separators in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Separators {
    /// The sign before the fraction.
    pub(crate) decimal: u8,
    /// The sign between groups of three digits. A blank stands for every kind of blank that is no line break, an
    /// apostrophe for both kinds of it.
    pub(crate) thousands: Option<char>,
}

impl Separators {
    /// A point, and no groups.
    pub(crate) const PLAIN: Self = Self { decimal: b'.', thousands: None };

    /// The number with a point and without groups. `None` where groups are not of three digits, and where a
    /// point would come from another sign.
    #[inline]
    pub(super) fn plain<'b>(&self, text: &[u8], buffer: &'b mut [u8; LONGEST]) -> Option<&'b [u8]> {
        let mut length = 0;
        let mut push = |byte: u8| {
            let place = buffer.get_mut(length)?;
            *place = byte;
            length += 1;
            Some(())
        };
        let mut at = 0;
        if let Some(sign @ (b'-' | b'+')) = text.first() {
            push(*sign)?;
            at = 1;
        }
        let (mut group, mut groups) = (0, 0);
        while at < text.len() {
            let byte = text[at];
            if byte.is_ascii_digit() {
                push(byte)?;
                group += 1;
                at += 1;
            } else if let Some(sign) = self.thousands_at(&text[at..]) {
                // 0,500 and 1234,567 have no groups.
                let whole = match groups {
                    0 => (1..=3).contains(&group) && text[at - group] != b'0',
                    _ => group == 3,
                };
                if !whole {
                    return None;
                }
                (groups, group) = (groups + 1, 0);
                at += sign;
            } else {
                break;
            }
        }
        if groups > 0 && group != 3 {
            return None;
        }
        if text.get(at) == Some(&self.decimal) {
            push(b'.')?;
            at += 1;
        }
        for byte in &text[at..] {
            match byte {
                b'0'..=b'9' | b'e' | b'E' | b'+' | b'-' => push(*byte)?,
                _ => return None,
            }
        }
        Some(&buffer[..length])
    }

    /// Bytes of the thousands separator at the beginning of a text.
    #[inline]
    fn thousands_at(&self, text: &[u8]) -> Option<usize> {
        let same: &[&str] = match self.thousands? {
            ' ' => &[" ", "\u{a0}", "\u{202f}", "\u{2009}"],
            '\'' => &["'", "\u{2019}"],
            other => return text.starts_with(other.encode_utf8(&mut [0; 4]).as_bytes()).then_some(other.len_utf8()),
        };
        same.iter().find(|sign| text.starts_with(sign.as_bytes())).map(|sign| sign.len())
    }
}
