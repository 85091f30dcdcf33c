//! Secrets: named by reference in the estate, resolved by the caller, never shown.

use crate::Estate;
use formats::toml::{Fault, Faults};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;

/// Where a secret is to be found. It is no secret itself.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SecretRef {
    /// `env:NAME`: a variable of the environment.
    Env(String),
    /// `file:PATH`: the content of a file; a relative path begins at the folder of the estate file.
    File(String),
}

impl SecretRef {
    /// Reads `env:NAME` or `file:PATH`; `None` for anything else, which may be the secret itself.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(name) = text.strip_prefix("env:") {
            let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            return (begins && plain).then(|| Self::Env(name.to_owned()));
        }
        let path = text.strip_prefix("file:")?;
        let plain = !path.trim().is_empty() && !path.chars().any(char::is_control);
        plain.then(|| Self::File(path.to_owned()))
    }
}

/// As it is written in the estate.
impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
        }
    }
}

impl Serialize for SecretRef {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

/// What a reference stands for. It can be neither printed nor written out; `Debug` shows a mask.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Takes the text, without the line break that editors leave at the end of a file.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let text = text.strip_suffix('\n').unwrap_or(text);
        Self(text.strip_suffix('\r').unwrap_or(text).to_owned())
    }

    /// The secret itself, for the one place that sends or verifies it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether somebody else's text is this secret, or one of several parted by blanks: while one is replaced,
    /// both hold. How long that takes says nothing about what they are.
    #[must_use]
    pub fn matches(&self, given: &str) -> bool {
        let theirs = Sha256::digest(given.as_bytes());
        self.0.split_whitespace().fold(false, |found, one| {
            let mine = Sha256::digest(one.as_bytes());
            let differs = mine.iter().zip(theirs.iter()).fold(0, |differs, (a, b)| differs | (a ^ b));
            found | (differs == 0)
        })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Finds what references stand for. The caller implements it: nothing here reads a file or the environment.
pub trait Resolver {
    /// The secret, or why there is none, in words for the operator (never with any part of a secret).
    ///
    /// # Errors
    /// When the variable is not set, or the file is not there or cannot be read.
    fn resolve(&self, reference: &SecretRef) -> Result<Secret, String>;
}

/// All secrets of an estate, resolved.
#[derive(Clone, Debug, Default)]
pub struct Secrets {
    /// What callers of the hub's own interface must bring.
    pub api_token: Option<Secret>,
    /// By connection and by the name that its connector knows.
    pub connections: BTreeMap<String, BTreeMap<String, Secret>>,
    /// The same for what was before, of those that are being replaced.
    pub before: BTreeMap<String, BTreeMap<String, Secret>>,
}

impl Secrets {
    /// A secret of a connection.
    #[must_use]
    pub fn of(&self, connection: &str, name: &str) -> Option<&Secret> {
        self.connections.get(connection)?.get(name)
    }
}

impl Secrets {
    pub(crate) fn resolve(estate: &Estate, resolver: &dyn Resolver) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut find = |path: &str, reference: &SecretRef| {
            let why = match resolver.resolve(reference) {
                Ok(secret) if !secret.0.trim().is_empty() => return Some(secret),
                Ok(_) => "it is empty".to_owned(),
                Err(why) => why,
            };
            let hint = match reference {
                SecretRef::Env(name) => format!("setting the variable {name} for the hub"),
                SecretRef::File(path) => {
                    format!("writing the secret into the file {path}, readable by the hub alone")
                }
            };
            faults.push(estate.fault(path, format!("{reference} gives no secret: {why}"), hint));
            None
        };
        let api_token = estate.hub.api_token.as_ref().and_then(|r| find("hub.api_token", r));
        let mut connections = BTreeMap::new();
        let mut before = BTreeMap::new();
        for (n, connection) in estate.connections.iter().enumerate() {
            let found = connection.secrets.iter().filter_map(|(name, reference)| {
                Some((name.clone(), find(&format!("connection[{n}].secret.{name}"), reference)?))
            });
            connections.insert(connection.name.clone(), found.collect());
            let found = connection.before.iter().filter_map(|(name, old)| {
                Some((name.clone(), find(&format!("connection[{n}].secret.{name}.before"), &old.secret)?))
            });
            before.insert(connection.name.clone(), found.collect());
        }
        if faults.0.is_empty() {
            Ok(Self { api_token, connections, before })
        } else {
            Err(faults.into_sorted())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_are_read() {
        let written = |text: &str| SecretRef::parse(text).map(|r| r.to_string());
        for good in ["env:STRIPE_KEY", "env:_x1", "file:secrets/key", "file:/run/secrets/a b"] {
            assert_eq!(written(good).as_deref(), Some(good));
        }
        for bad in
            ["", "env:", "env:1X", "env:A-B", "env:A B", "file:", "file: ", "file:a\nb", "sk_live_1", "ENV:X"]
        {
            assert_eq!(written(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_secret_is_masked_and_still_compared() {
        let secret = Secret::new("hush-hush\r\n");
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "Secret(***) Some(Secret(***))");
        assert_eq!(secret.expose(), "hush-hush");
        assert!(secret.matches("hush-hush"));
        assert!(!secret.matches("hush-hus") && !secret.matches("hush-hush\n") && !secret.matches(""));
        let two = Secret::new("old new\n");
        assert!(two.matches("old") && two.matches("new"));
        assert!(!two.matches("old new") && !two.matches("") && !Secret::new("").matches(""));
    }
}
