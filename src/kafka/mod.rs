//! The only place that names rdkafka. Its types stop here.

pub mod admin;
pub mod client;
pub mod library;
pub mod producer;
pub mod reader;

pub use client::{Cluster, PartitionInfo, TopicInfo};
