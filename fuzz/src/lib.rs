//! Fuzzing of everything that reads text that others wrote.

pub mod targets;
