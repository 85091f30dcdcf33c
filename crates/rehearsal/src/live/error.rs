//! What can go wrong in a live rehearsal.

use std::fmt;
use std::path::{Path, PathBuf};

/// Why a live rehearsal stopped. The text says what to look at.
#[derive(Debug)]
pub enum LiveError {
    /// A file or folder could not be read or written.
    File { path: PathBuf, cause: String },
    /// The trade file or its column map is wrong.
    Trade(String),
    /// The folder holds an earlier run.
    NotFresh(PathBuf),
    /// A process could not be started, or ended before it listened.
    Start { what: &'static str, cause: String, log: PathBuf },
    /// A process answered with something that is not in its interface.
    Answer { url: String, status: u16, body: String },
    /// No answer for a long time.
    NoAnswer { url: String, cause: String, log: Option<PathBuf> },
    /// Nothing has moved for minutes and yet it is not at rest.
    Stuck { hub: String, lookalikes: String },
    /// Webhooks were given up by a look-alike.
    GivenUp { failed: u64 },
}

impl LiveError {
    pub(crate) fn file(path: &Path, cause: &dyn fmt::Display) -> Self {
        Self::File { path: path.to_owned(), cause: cause.to_string() }
    }
}

impl fmt::Display for LiveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, cause } => write!(f, "{}: {cause}", path.display()),
            Self::Trade(what) => f.write_str(what),
            Self::NotFresh(path) => {
                write!(
                    f,
                    "{} holds an earlier run; name an empty folder or one that is not there yet",
                    path.display()
                )
            }
            Self::Start { what, cause, log } => {
                write!(f, "the {what} did not start: {cause}; see {}", log.display())
            }
            Self::Answer { url, status, body } => write!(f, "{url} answered {status}: {body}"),
            Self::NoAnswer { url, cause, log: None } => write!(f, "{url} does not answer: {cause}"),
            Self::NoAnswer { url, cause, log: Some(log) } => {
                write!(f, "{url} does not answer: {cause}; see {}", log.display())
            }
            Self::Stuck { hub, lookalikes } => write!(
                f,
                "nothing has moved for minutes and yet it is not at rest; the hub says {hub}, the look-alikes {lookalikes}"
            ),
            Self::GivenUp { failed } => {
                write!(
                    f,
                    "the look-alikes gave up {failed} webhooks; POST /{{system}}/_lab/resend sends them again"
                )
            }
        }
    }
}

impl std::error::Error for LiveError {}
