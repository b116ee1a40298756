//! The outside world of fanout behind one small trait: S3, local folders, and doubles for tests.

mod ahead;
mod connections;
mod counted;
mod decompress;
mod error;
mod failing;
mod function;
mod local;
mod memory;
mod s3;
mod s3_select;
mod select;
mod store;

pub use counted::{Counted, Requests};
pub use decompress::{Decompress, text_of_prefix};
pub use error::StoreError;
pub use failing::{FailingStore, Fault};
pub use function::{connections, memory_mb};
pub use local::LocalStore;
pub use memory::MemoryStore;
pub use s3::S3Store;
pub use select::{Query, Select, Selected, Selecting};
pub use store::{Body, Read, Reading, Store, Upload, get};
