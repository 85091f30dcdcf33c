//! Pure codecs: text and bytes on one side, plain trees on the other. Whoever reads a file that people write
//! gets every fault at once, each with its line and column.
//!
//! - [`toml`]: a walker over TOML, for manifests, estates and whatever else is written by hand.
//!
//! **Must never know** an order, a vendor, a connector or a setting: nothing here means anything. It opens no
//! file and no socket, reads no clock, and depends on no other room, so that two rooms that must not share a
//! misreading may share it all the same.

pub mod toml;
