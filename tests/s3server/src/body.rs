//! The body of an answer, with its speed and the way in which it ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use s3s::dto::StreamingBlob;
use tokio::time::{Instant, sleep, sleep_until};

/// Bytes of a piece of a body where nothing else is asked for.
const PIECE: usize = 64 << 10;

/// The end of a body after its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// A clean end.
    Ends,
    /// A failure: the connection is cut.
    Breaks,
    /// Nothing more comes.
    Stalls,
}

/// A body on its way.
pub(crate) struct Delivery {
    pub(crate) bytes: Bytes,
    pub(crate) end: End,
    /// Bytes of a piece, and the time between two.
    pub(crate) slow: Option<(usize, Duration)>,
    /// Bytes a second at most.
    pub(crate) rate: Option<u64>,
    pub(crate) sent: Arc<AtomicU64>,
    /// A function that is called before the body fails.
    pub(crate) before_end: Option<Box<dyn FnOnce() + Send + Sync>>,
}

impl Delivery {
    /// The body as s3s takes it.
    pub(crate) fn stream(self) -> StreamingBlob {
        let start = Instant::now();
        StreamingBlob::wrap(stream::unfold((self, 0), move |(mut delivery, at)| async move {
            if at == delivery.bytes.len() {
                if let Some(action) = delivery.before_end.take() {
                    action();
                }
                match delivery.end {
                    End::Ends => return None,
                    // What was handed over is written before the connection is cut.
                    End::Breaks => sleep(Duration::from_millis(1)).await,
                    End::Stalls => std::future::pending().await,
                }
                delivery.end = End::Ends;
                return Some((Err(std::io::Error::other("cut on purpose")), (delivery, at)));
            }
            let (piece, delay) = delivery.slow.unwrap_or((PIECE, Duration::ZERO));
            if !delay.is_zero() {
                sleep(delay).await;
            }
            if let Some(rate) = delivery.rate {
                sleep_until(start + Duration::from_secs_f64(at as f64 / rate as f64)).await;
            }
            let bytes = delivery.bytes.slice(at..delivery.bytes.len().min(at + piece));
            let at = at + bytes.len();
            delivery.sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
            Some((Ok(bytes), (delivery, at)))
        }))
    }
}
