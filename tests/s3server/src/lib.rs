//! An S3 server in the process of a test: it speaks S3 over HTTP to any client, checks signatures,
//! keeps objects in memory, does on command what S3 does on bad days, and records every request.
//!
//! Operations: GET (`Range`, `If-Match`, `versionId`), HEAD, PUT, DELETE, ListObjectsV2, multipart
//! uploads and their list, SelectObjectContent over CSV. Not there: copies, ACLs, tags, encryption, delete markers.
#![allow(clippy::unwrap_used, clippy::expect_used)] // Only tests use it.

mod body;
mod fault;
mod objects;
mod request;
mod s3;
mod select;
mod server;

pub use fault::{Fault, Op};
pub use request::Request;
pub use select::StartReading;
pub use server::{ACCESS_KEY, REGION, S3Server, SECRET_KEY};
