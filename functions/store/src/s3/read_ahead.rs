//! Reading ahead of a body's reader. A body without a byte for too long ends with an error.

use fanout_core::Location;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::sync::mpsc;
use tokio::time::timeout;

use crate::{Body, StoreError};

/// Pieces that are read ahead of the reader. One from the network has at most some hundred KiB.
const AHEAD: usize = 8;

/// Reads a body ahead in a task of its own, so that reading overlaps the work on what was read; and
/// ends it with an error where no byte comes for as long as `idle`. Time in which the reader is
/// busy with earlier pieces doesn't count. Once dropped, it lets go of the body.
pub(crate) fn read_ahead(mut body: Body, at: Location, idle: Duration) -> Body {
    let (sender, receiver) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        loop {
            let piece = tokio::select! {
                () = sender.closed() => return,
                piece = timeout(idle, body.next()) => piece,
            };
            let piece = match piece {
                Ok(None) => return,
                Ok(Some(piece)) => piece,
                Err(_) => Err(StoreError::Unavailable {
                    at: at.clone(),
                    reason: format!("no byte of the body came for {} s", idle.as_secs_f64()).into(),
                }),
            };
            let last = piece.is_err();
            if sender.send(piece).await.is_err() || last {
                return;
            }
        }
    });
    stream::unfold(receiver, |mut receiver| async { receiver.recv().await.map(|piece| (piece, receiver)) }).boxed()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::time::sleep;

    use super::*;

    const IDLE: Duration = Duration::from_secs(15);

    fn at() -> Location {
        Location { bucket: "b".into(), key: "k".into() }
    }

    /// Pieces of one byte, each after so many seconds, and then silence.
    fn body(seconds: &'static [u64]) -> Body {
        let pieces = stream::iter(seconds).then(|seconds| async move {
            sleep(Duration::from_secs(*seconds)).await;
            Ok(Bytes::from_static(b"x"))
        });
        pieces.chain(stream::pending()).boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_body_ends_with_an_error_and_a_slow_one_does_not() {
        let mut body = read_ahead(body(&[0, 14, 14, 14]), at(), IDLE);
        for _ in 0..4 {
            assert_eq!(body.next().await.unwrap().unwrap(), "x");
        }
        let error = body.next().await.unwrap().unwrap_err();
        assert_eq!(error.to_string(), "b/k: unavailable: no byte of the body came for 15 s");
        assert!(body.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_no_silence() {
        const PIECES: usize = 4 * AHEAD;
        let pieces = stream::iter((0..PIECES).map(|_| Ok(Bytes::from_static(b"x")))).boxed();
        let mut body = read_ahead(pieces, at(), IDLE);
        for _ in 0..PIECES {
            sleep(2 * IDLE).await;
            assert_eq!(body.next().await.unwrap().unwrap(), "x");
        }
        assert!(body.next().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_nobody_reads_is_let_go() {
        struct Dropped(Option<tokio::sync::oneshot::Sender<()>>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.take().unwrap().send(()).unwrap();
            }
        }
        let (sender, receiver) = tokio::sync::oneshot::channel();
        let held = Dropped(Some(sender));
        let pieces = stream::pending().inspect(move |_: &Result<Bytes, StoreError>| {
            let _ = &held;
        });
        let body = read_ahead(pieces.boxed(), at(), IDLE);
        tokio::task::yield_now().await;
        drop(body);
        // Long before the time-out, which would let it go as well.
        timeout(Duration::from_secs(1), receiver).await.unwrap().unwrap();
    }
}
