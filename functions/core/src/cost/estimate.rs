//! The estimate of a run before it starts.

use super::Prices;
use super::bill::{EXPRESS_GB, TRANSITIONS};
use crate::message::CostEstimate;
use crate::{Compression, INLINE_CHUNKS};

/// Bytes a second that one function reads and processes at the template's memory.
const BYTES_PER_SECOND: f64 = 70e6;
/// Start, alignment and the writing of results, for one chunk.
const SECONDS_PER_CHUNK: f64 = 0.3;
const PROCESSOR_GB: f64 = 1.769;

/// Bytes of text in a byte of a compressed object, as tables and logs have them at the usual levels. For
/// bzip2 twice as many: its decoder takes twice the time of all that follows it.
fn text_in_compressed(compression: Compression) -> u64 {
    match compression {
        Compression::Gzip | Compression::Zstd | Compression::Zip => 5,
        Compression::Xz => 8,
        Compression::Bzip2 => 14,
    }
}

/// Bytes of the text of `bytes` bytes of an object, roughly where it is compressed.
pub fn text_bytes(bytes: u64, compression: Option<Compression>) -> u64 {
    bytes.saturating_mul(compression.map_or(1, text_in_compressed))
}

/// Estimates a run of `chunks` chunks over `data` bytes of text, `parallelism` at once:
/// the order of magnitude for a person who decides whether to start it.
pub fn estimate(prices: &Prices, data: u64, chunks: u64, parallelism: u64) -> CostEstimate {
    let count = chunks.max(1) as f64;
    let work = data as f64 / BYTES_PER_SECOND + SECONDS_PER_CHUNK * count;
    let at_once = if chunks <= INLINE_CHUNKS { INLINE_CHUNKS } else { parallelism.max(1) };
    let waves = chunks.max(1).div_ceil(at_once) as f64;
    let orchestration = if chunks <= INLINE_CHUNKS {
        prices.state_transition * count
    } else {
        prices.express_request * count + prices.express_gb_second * EXPRESS_GB * work
    };
    CostEstimate {
        seconds: round(2.0 + waves * work / count, 10.0),
        usd: round(
            work * PROCESSOR_GB * prices.lambda_gb_second()
                + count * (prices.lambda_request + 2.0 * prices.s3_get + 3.0 * prices.s3_put)
                + orchestration
                + TRANSITIONS as f64 * prices.state_transition,
            1e6,
        ),
    }
}

fn round(value: f64, steps: f64) -> f64 {
    (value * steps).round() / steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_sizes() {
        let prices = Prices::built_in().unwrap();
        let small = estimate(&prices, 5_000_000, 1, 1000);
        let large = estimate(&prices, 5_000_000_000_000, 9_314, 1000);
        assert!(small.seconds < 5.0 && small.usd < 0.001, "{small:?}");
        let gzip = estimate(&prices, text_bytes(30_000_000_000, Some(Compression::Gzip)), 1, 1000);
        assert!((1_000.0..4_000.0).contains(&gzip.seconds), "{gzip:?}");
        assert!((60.0..600.0).contains(&large.seconds) && (1.0..5.0).contains(&large.usd), "{large:?}");
    }
}
