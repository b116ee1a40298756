//! The faults that a test asks for, in their order.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;

/// The operations that can fail, and that are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // S3's own names.
pub enum Op {
    Get,
    Head,
    Put,
    Delete,
    List,
    ListUploads,
    CreateUpload,
    UploadPart,
    CompleteUpload,
    AbortUpload,
    Select,
}

/// The fault of one request. Those with a number of bytes are for GET, where they let so many
/// bytes of the body through, and for SelectObjectContent, where they count bytes of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// An answer with this error code of S3 and the HTTP status that goes with it.
    Error(&'static str),
    /// No answer at all.
    Silence,
    /// The connection is cut.
    BreakAfter(u64),
    /// The body ends there in good order, with a Content-Length that says so; Content-Range has
    /// promised more. Without a range nothing could have: then the connection is cut. An answer of
    /// SelectObjectContent ends without Stats and End.
    ShortAfter(u64),
    /// Nothing more comes, and the connection stays.
    StallAfter(u64),
    /// The object is overwritten, then the connection is cut.
    OverwriteAfter(u64, Bytes),
    /// The body comes in pieces of so many bytes, each that many milliseconds after the one before.
    Slow(usize, u64),
    /// The answer of SelectObjectContent ends with an event that has this error code.
    ErrorAfter(u64, &'static str),
    /// The request is carried out, but the answer is lost: the connection is cut instead.
    LostAnswer,
}

/// The faults to come, for each operation.
#[derive(Default)]
pub(crate) struct Faults {
    next: HashMap<(Op, String), VecDeque<Fault>>,
    always: HashMap<Op, Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, op: Op, key: &str, faults: impl IntoIterator<Item = Fault>) {
        self.next.entry((op, key.to_owned())).or_default().extend(faults);
    }

    pub(crate) fn always(&mut self, op: Op, fault: Fault) {
        self.always.insert(op, fault);
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// The fault of this request.
    pub(crate) fn take(&mut self, op: Op, key: &str) -> Fault {
        let next = self.next.get_mut(&(op, key.to_owned())).and_then(VecDeque::pop_front);
        next.or_else(|| self.always.get(&op).cloned()).unwrap_or(Fault::None)
    }
}
