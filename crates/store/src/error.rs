//! What a store says when it cannot do what it was asked.

use std::fmt;

/// A failure of a store. Nothing was written when a call answers with one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StoreError {
    /// Stable code that programs may act on:
    /// `in_use` another process writes in this folder; `lease_held` another node owns the partition;
    /// `missing` there is no store; `too_new` a later release wrote it, `too_old` an earlier one; `foreign` the file is something else;
    /// `damaged` stored bytes do not read; `full` no space is left; `busy` someone holds the file locked;
    /// `io` the file system refused; `lost` the server is away; `denied` it refuses the user; `unsafe` it may lose
    /// commits; `address` where it is does not read; `tls` it could only be reached in the clear;
    /// `failed` anything else that the database says.
    pub code: &'static str,
    /// What failed.
    pub what: String,
    /// Where: a file, a server with its database and schema (no secret), or `memory`.
    pub place: String,
    /// What a person can do about it.
    pub remedy: String,
}

impl StoreError {
    pub(crate) fn new(
        code: &'static str,
        what: impl Into<String>,
        place: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { code, what: what.into(), place: place.into(), remedy: remedy.into() }
    }

    /// Stored bytes that do not read as what they should be.
    pub(crate) fn damaged(what: impl Into<String>, place: impl Into<String>) -> Self {
        Self::new(
            "damaged",
            what,
            place,
            "stop the hub, run `crossdock verify` on a copy, and restore the last backup if it agrees",
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] in {}: {}", self.what, self.code, self.place, self.remedy)
    }
}

impl std::error::Error for StoreError {}
