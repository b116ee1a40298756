//! The search for special bytes, 64 bytes in one step.

use wide::u8x16;

/// Bytes looked at in one step.
pub(super) const BLOCK: usize = 64;

/// A bit for each byte of `block` that equals one of `needles`, lowest bit first.
#[inline(always)]
pub(super) fn special_mask<const N: usize>(block: &[u8; BLOCK], needles: &[u8x16; N]) -> u64 {
    let (lanes, _) = block.as_chunks::<16>();
    let mut mask = 0u64;
    for (i, lane) in lanes.iter().enumerate() {
        let lane = u8x16::new(*lane);
        let mut hits = lane.simd_eq(needles[0]);
        for needle in &needles[1..] {
            hits |= lane.simd_eq(*needle);
        }
        mask |= u64::from(hits.to_bitmask()) << (16 * i);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_at_every_position() {
        for at in 0..BLOCK {
            for byte in 0..=255u8 {
                let mut block = [b'x'; BLOCK];
                block[at] = byte;
                let mask = special_mask(&block, &[u8x16::splat(b','), u8x16::splat(b'\n'), u8x16::splat(0xff)]);
                let hit = matches!(byte, b',' | b'\n' | 0xff);
                assert_eq!(mask, u64::from(hit) << at, "byte {byte} at {at}");
            }
        }
    }
}
