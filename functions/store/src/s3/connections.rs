//! Bodies that are fetched over several connections at once, and given in order.

use std::collections::VecDeque;

use bytes::Bytes;
use fanout_core::{Location, ScanRange};
use futures::stream::{self, StreamExt};
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;
use tracing::Instrument;

use crate::{Body, OpenObject, StoreError};

/// Bytes that one of several connections fetches at a time.
pub(crate) const SEGMENT: u64 = 8 << 20;

/// MB of memory that come with the bandwidth of one connection to S3.
const MEMORY_A_CONNECTION: u64 = 2048;

/// Returns the number of connections that a function of so much memory, in MB, has the bandwidth for.
/// A connection to S3 has about 85 MB/s. A function in Lambda has 78 MB/s, and five times as much at
/// 10,240 MB.
pub fn connections(memory_mb: u64) -> usize {
    (memory_mb / MEMORY_A_CONNECTION).clamp(1, 5) as usize
}

/// The segments of a range; the last one may be shorter.
pub(crate) fn segments(range: ScanRange, segment: u64) -> impl Iterator<Item = ScanRange> + Send {
    let starts = (range.start..range.end).step_by(segment as usize);
    starts.map(move |start| ScanRange::new(start, range.end.min(start.saturating_add(segment))))
}

/// The body of a range, fetched in segments: so many at once, each in a task of its own that holds it
/// until those before it have been given. It ends at the first error, after the bytes before it.
/// Once dropped, it lets go of all connections.
pub(crate) fn joined<F>(
    at: Location,
    mut segments: impl Iterator<Item = F> + Send + 'static,
    connections: usize,
) -> Body
where
    F: Future<Output = Result<OpenObject, StoreError>> + Send + 'static,
{
    let mut fetch = move |fetching: &mut VecDeque<_>| {
        while fetching.len() < connections
            && let Some(opening) = segments.next()
        {
            fetching.push_back(AbortOnDropHandle::new(tokio::spawn(pieces(opening).in_current_span())));
        }
    };
    let mut fetching = VecDeque::new();
    fetch(&mut fetching);
    let fetched = stream::unfold((fetch, fetching), move |(mut fetch, mut fetching)| {
        let at = at.clone();
        async move {
            let lost = |error: JoinError| vec![Err(StoreError::Unavailable { at, reason: error.into() })];
            let pieces = fetching.pop_front()?.await.unwrap_or_else(lost);
            // The next one is on its way while these are worked on.
            fetch(&mut fetching);
            Some((pieces, (fetch, fetching)))
        }
    });
    fetched.flat_map(stream::iter).boxed()
}

/// Reads a segment's body whole, up to an error.
async fn pieces(opening: impl Future<Output = Result<OpenObject, StoreError>>) -> Vec<Result<Bytes, StoreError>> {
    let mut body = match opening.await {
        Ok(reading) => reading.body,
        Err(error) => return vec![Err(error)],
    };
    let mut pieces = Vec::new();
    while let Some(piece) = body.next().await {
        let last = piece.is_err();
        pieces.push(piece);
        if last {
            break;
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_the_range() {
        let table = [
            ("nothing", (5, 5), vec![]),
            ("less than one", (5, 7), vec![(5, 7)]),
            ("one", (5, 15), vec![(5, 15)]),
            ("some", (5, 26), vec![(5, 15), (15, 25), (25, 26)]),
        ];
        for (case, (start, end), expected) in table {
            let found: Vec<_> =
                segments(ScanRange::new(start, end), 10).map(|range| (range.start, range.end)).collect();
            assert_eq!(found, expected, "{case}");
        }
    }
}
