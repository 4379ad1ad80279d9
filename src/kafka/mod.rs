//! The only place that names rdkafka. Its types stop here.
//!
//! [`client`] reaches a cluster, [`reader`] reads without a trace, [`producer`] sends, [`admin`] creates and describes
//! topics, [`groups`] looks at consumer groups, [`ages`] at single records. `ffi` is librdkafka's C interface, `settings`
//! its properties, `explain` turns its errors into ours.

pub mod admin;
pub mod ages;
pub mod client;
mod explain;
mod ffi;
pub mod groups;
pub mod library;
mod link;
pub mod logs;
mod offsets;
pub mod producer;
pub mod reader;
mod settings;
mod spans;

pub use client::{Cluster, PartitionInfo, TopicInfo};
