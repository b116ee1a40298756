//! Alignment on any bytes.

use fanout_core::{Alignment, LOOK_BACK, align};

use super::dialect::dialect;

/// A dialect, a start, whether the object ends, and its bytes: a place lies between the start and
/// the last byte that was seen, and right after a terminator unless it is the object's end.
pub fn alignment(input: &[u8]) {
    let [choice, start, ends, text @ ..] = input else { return };
    let start = usize::from(*start).min(text.len());
    let back = start.min(LOOK_BACK as usize);
    let (ends, dialect) = (ends % 2 == 0, dialect(*choice));
    match align(&text[start - back..], back as u64, start as u64, ends, &dialect, 1 + usize::from(choice % 3)) {
        Alignment::Unseen => {}
        Alignment::Boundary(place) => {
            let place = place as usize;
            assert!((start..=text.len()).contains(&place), "place {place} for start {start}");
            let terminated = place > 0 && b"\r\n".contains(&text[place - 1]);
            assert!(terminated || (ends && place == text.len()), "place {place} for start {start}");
        }
    }
}
