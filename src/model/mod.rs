//! What a record, a contract and a position are: no I/O, no clock, no environment.

pub mod catalogue;
pub mod correlate;
pub mod date_time;
pub mod duration;
pub mod filter;
pub mod fixture;
pub mod group;
pub mod headers;
pub mod json;
pub mod lag;
pub mod line;
pub mod mask;
pub mod matching;
mod pattern;
pub mod payload;
pub mod position;
pub mod record;
pub mod reset;
pub mod schema;
pub mod shown;
pub mod template;
