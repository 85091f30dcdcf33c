//! JSON as the engine needs it: strict reading into jq values with every digit kept, duplicate keys and
//! deep nesting refused, writing that lets no floating-point number through, and finding one member in a
//! text without building it.

mod find;
mod read;
mod same;
mod write;

pub(crate) use find::{find, members, pieces, text_of};
pub use read::Malformed;
pub(crate) use read::{check, parse};
pub use same::same;
pub(crate) use write::write;

/// Deeper than this is refused: no retail message needs it, and readers recurse.
pub const DEPTH: usize = 128;
