//! The outside world of fanout behind one small trait: S3, local folders, memory, and, behind the
//! feature `doubles`, a store that fails on command. Beside it, signed requests to other services of AWS.

mod counting;
mod error;
#[cfg(feature = "doubles")]
mod failing;
mod local;
mod memory;
mod open_writers;
mod s3;
mod select;
mod signed;
mod store;
mod whole_plan;

pub use counting::{CountingStore, Requests};
pub use error::{StoreCause, StoreError};
#[cfg(feature = "doubles")]
pub use failing::{FailingStore, Fault};
pub use local::LocalStore;
pub use memory::MemoryStore;
pub use open_writers::OpenWriters;
pub use s3::{Listed, S3Store, aws_config, connections, connector};
pub use select::{Query, Select, Selected, Selecting};
pub use signed::{Answer, Request, Service, SignedClient, Unanswered};
pub use store::{Body, ObjectWriter, OpenObject, Read, Store, get};
pub use whole_plan::whole_plan;
