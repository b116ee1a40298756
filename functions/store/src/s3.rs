//! S3, or a server that speaks its protocol: objects, several connections, S3 Select.

mod connections;
mod failure;
mod listing;
mod read_ahead;
mod refusals;
mod s3_select;
mod s3_store;
mod sdk_config;

pub use connections::connections;
pub use listing::Listed;
pub(crate) use s3_store::PART;
pub use s3_store::S3Store;
pub use sdk_config::{aws_config, connector};
