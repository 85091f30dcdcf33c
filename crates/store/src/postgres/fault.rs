//! What PostgreSQL says when it fails, and whether the connection outlived it.

use crate::StoreError;
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

/// Why a piece of work was not done.
#[derive(Debug)]
pub(super) enum Bad {
    /// PostgreSQL or the connection to it.
    Said(Error),
    /// A stored value does not read as what it should be.
    Unreadable(String),
}

const LOG_IN: &str = "give the hub's user the right to log in (password=env:NAME or file:PATH), and to create and write in its schema";
const REPORT: &str = "report this with the text above: the hub and its store disagree";

impl From<Error> for Bad {
    fn from(e: Error) -> Self {
        Self::Said(e)
    }
}

impl Bad {
    /// Whether the connection is gone, so that nothing more can be said on it.
    pub(super) fn lost(&self) -> bool {
        let Self::Said(e) = self else { return false };
        match e.as_db_error() {
            Some(said) => matches!(said.severity(), "FATAL" | "PANIC"),
            None => e.is_closed() || io(e),
        }
    }

    /// Whether the values given are at fault, so that the same again fails again.
    pub(super) fn data(&self) -> bool {
        let Self::Said(e) = self else { return false };
        match e.code() {
            Some(code) => matches!(code.code().get(..2), Some("22" | "23" | "54")),
            // The driver could not even write the values.
            None => !self.lost(),
        }
    }

    /// As callers of a store see it.
    pub(super) fn error(&self, what: &str, place: &str) -> StoreError {
        let e = match self {
            Self::Unreadable(why) => return StoreError::damaged(format!("{what}: {why}"), place),
            Self::Said(e) => e,
        };
        let Some(said) = e.as_db_error() else {
            let cause = std::error::Error::source(e).map(|c| format!(": {c}")).unwrap_or_default();
            let text = format!("{what}: {e}{cause}");
            return match e.to_string() {
                _ if self.lost() => lost(text, place),
                // A column that does not read as what it should be.
                said if said.starts_with("error deserializing") => StoreError::damaged(text, place),
                said if said.starts_with("invalid configuration") || said.starts_with("authentication") => {
                    StoreError::new("denied", text, place, LOG_IN)
                }
                _ => StoreError::new("failed", text, place, REPORT),
            };
        };
        let text = format!("{what}: {} (SQLSTATE {})", said.message(), said.code().code());
        let code = said.code();
        let (name, remedy) = match code.code() {
            "53100" => ("full", "free space on the server's volume; the hub goes on by itself"),
            "58030" => ("io", "look at the server's log for its volume; the hub tries again"),
            "55P03" | "40P01" | "40001" => {
                ("busy", "end the other session that holds the hub's rows locked, such as an open psql")
            }
            "42501" | "28000" | "28P01" => ("denied", LOG_IN),
            "3D000" => ("missing", "create the database, or name another one"),
            "XX001" | "XX002" => return StoreError::damaged(text, place),
            _ if self.lost() || *code == SqlState::READ_ONLY_SQL_TRANSACTION => return lost(text, place),
            _ => ("failed", REPORT),
        };
        StoreError::new(name, text, place, remedy)
    }
}

fn lost(what: String, place: &str) -> StoreError {
    StoreError::new(
        "lost",
        what,
        place,
        "look whether the server runs, takes writes and can be reached; the hub connects again by itself",
    )
}

/// Whether a socket failed, or nobody listened.
fn io(e: &Error) -> bool {
    let mut cause = std::error::Error::source(e);
    while let Some(inner) = cause {
        if inner.is::<std::io::Error>() {
            return true;
        }
        cause = inner.source();
    }
    // A host whose name does not resolve, or that does not answer in time, has no cause of its own.
    e.to_string().starts_with("error connecting")
}
