//! Walks TOML by hand rather than through derived types, so that every fault is found at once, each with its
//! place, and no field is accepted that nobody asked for.
//!
//! ```
//! use formats::toml::read;
//!
//! let text = "name = \"north\"\nretires = 3\n";
//! let read = read("wms.toml", text, |mut fields| {
//!     let name = fields.need("name", "name = \"north\"").and_then(|node| node.text());
//!     let retries = fields.get("retries").and_then(|node| node.count());
//!     fields.done();
//!     Some((name?.value.to_owned(), retries.unwrap_or(5)))
//! });
//! let faults: Vec<String> = read.unwrap_err().iter().map(ToString::to_string).collect();
//! assert_eq!(faults, ["wms.toml:2:1: retires: there is no such field; try: retries"]);
//! ```
//!
//! A reader takes fields with [`Fields::get`] and [`Fields::need`], turns each [`Node`] into a value, and ends
//! with [`Fields::done`], which refuses what was not asked for. A value that cannot be read is `None` and has
//! already said why; a reader goes on with the rest, so that a file is corrected in one go.

mod fault;
mod fields;
mod node;
mod positions;
mod reading;

pub use fault::{Fault, Faults, Source, nearest};
pub use fields::Fields;
pub use node::{Node, Text, parse_span_ms};
pub use positions::Positions;
pub use reading::{Reading, read};
