//! How what is stored is read and written: strictly, with a version, and brought up to date when it is older.
//!
//! To change a stored shape: raise its `VERSION`, append to its `UPGRADES` what makes the new version out of the one
//! before, and keep the old bytes as a golden file. What was written once must be readable for ever.

use crate::out::Res;
use hub::process::Fault;
use retail::envelope::Json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A stored object's members, each as it was written: what an upgrade leaves alone keeps its bytes.
pub(crate) type Members = BTreeMap<String, Json>;

/// Makes a version out of the one before. `v` is set by the reader.
pub(crate) type Upgrade = fn(&mut Members) -> Result<(), String>;

/// A JSON object that is kept. Its version is the member `v`; without one it is of version 1.
pub(crate) trait Stored: Serialize + DeserializeOwned {
    /// What it is, as a message says it: `the order's body`.
    const WHAT: &'static str;
    /// What is written today.
    const VERSION: u8;
    /// `UPGRADES[n]` makes version `n + 2` out of version `n + 1`.
    const UPGRADES: &'static [Upgrade] = &[];

    /// The version that this value says it has.
    fn version(&self) -> u8;
}

/// Only what tells the version.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "v", default = "first")]
    version: u8,
}

const fn first() -> u8 {
    1
}

fn bad<T: Stored>(why: impl std::fmt::Display) -> Fault {
    Fault::new("bad_state", format!("{}: {why}", T::WHAT))
}

/// Reads what is stored, upgrading it from an older version. Today's version costs one reading and no more.
///
/// # Errors
/// `bad_state` when the bytes are of a later version, or do not read as the version that they say they are.
pub(crate) fn decode<T: Stored>(bytes: &[u8]) -> Res<T> {
    const {
        assert!(
            T::UPGRADES.len() + 1 == T::VERSION as usize,
            "each version after the first needs its upgrade from the one before"
        );
    }
    let error = match serde_json::from_slice::<T>(bytes) {
        Ok(value) if value.version() == T::VERSION => return Ok(value),
        Ok(_) => None,
        Err(e) => Some(e),
    };
    let head: Head =
        serde_json::from_slice(bytes).map_err(|e| bad::<T>(format_args!("it is no JSON object: {e}")))?;
    let steps = match head.version {
        0 => return Err(bad::<T>("version 0 was never written")),
        v if v > T::VERSION => {
            return Err(bad::<T>(format_args!(
                "version {v} is later than {}, the last known here",
                T::VERSION
            )));
        }
        v => &T::UPGRADES[usize::from(v) - 1..],
    };
    if steps.is_empty() {
        return Err(error.map_or_else(|| bad::<T>("its version is not what it says"), bad::<T>));
    }
    let mut members: Members = serde_json::from_slice(bytes).map_err(bad::<T>)?;
    for (from, upgrade) in (head.version..).zip(steps) {
        let step = |why: &str| bad::<T>(format_args!("upgrade from version {from}: {why}"));
        upgrade(&mut members).map_err(|e| step(&e))?;
        members.insert("v".to_owned(), crate::out::raw(&(from + 1))?);
    }
    let upgraded = encode(&members)?;
    let value: T = serde_json::from_slice(&upgraded)
        .map_err(|e| bad::<T>(format_args!("after its upgrade from version {}: {e}", head.version)))?;
    Ok(value)
}

/// Reads what may not be there.
pub(crate) fn decode_if<T: Stored>(bytes: Option<&[u8]>) -> Res<Option<T>> {
    bytes.map(decode).transpose()
}

/// Two stored parts that do not belong together.
pub(crate) fn torn(what: &str, why: &str) -> Fault {
    Fault::new("bad_state", format!("{what}: {why}"))
}

/// Writes a value as it is stored.
///
/// # Errors
/// `unwritable` when it has no JSON, which is a bug.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Res<Vec<u8>> {
    serde_json::to_vec(value).map_err(|e| Fault::new("unwritable", format!("a state cannot be written: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Version 1 had `name`; version 2 calls it `n`; version 3 has `q` beside it.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        v: u8,
        n: String,
        q: i64,
        #[serde(default)]
        d: Option<Json2>,
    }

    /// A text that must come through an upgrade as it was.
    #[derive(Debug, Serialize, Deserialize)]
    struct Json2(Json);

    impl PartialEq for Json2 {
        fn eq(&self, other: &Self) -> bool {
            self.0.get() == other.0.get()
        }
    }

    impl Stored for Thing {
        const WHAT: &'static str = "the thing";
        const VERSION: u8 = 3;
        const UPGRADES: &'static [Upgrade] = &[
            |m| m.remove("name").map(|n| drop(m.insert("n".into(), n))).ok_or_else(|| "no `name`".to_owned()),
            |m| {
                m.insert("q".into(), crate::out::raw(&7).map_err(|e| e.why)?);
                Ok(())
            },
        ];

        fn version(&self) -> u8 {
            self.v
        }
    }

    #[test]
    fn every_older_version_is_brought_up_to_today() {
        let today: Thing = decode(br#"{"v":3,"n":"x","q":7}"#).unwrap();
        for old in [r#"{"name":"x"}"#, r#"{"v":1,"name":"x"}"#, r#"{"v":2,"n":"x"}"#] {
            assert_eq!(decode::<Thing>(old.as_bytes()).unwrap(), today, "{old}");
        }
        assert_eq!(encode(&today).unwrap(), br#"{"v":3,"n":"x","q":7,"d":null}"#);
    }

    #[test]
    fn what_an_upgrade_leaves_alone_keeps_its_bytes() {
        let old = br#"{"v":1,"name":"x","d":{"price":1.10,"big":12345678901234567890123}}"#;
        let d = decode::<Thing>(old).unwrap().d.unwrap();
        assert_eq!(d.0.get(), r#"{"price":1.10,"big":12345678901234567890123}"#);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (bytes, why) in [
            (r#"{"v":4,"n":"x"}"#, "version 4 is later than 3"),
            (r#"{"v":0}"#, "version 0"),
            (r#"{"v":3,"n":"x","q":7,"z":1}"#, "unknown field `z`"),
            (r#"{"v":1,"n":"x"}"#, "upgrade from version 1: no `name`"),
            (r#"{"v":2,"n":1}"#, "after its upgrade from version 2: invalid type"),
            (r#"{"v":3,"n":"#, "EOF"),
            ("[]", "expected a map"),
            ("7", "no JSON object"),
        ] {
            let fault = decode::<Thing>(bytes.as_bytes()).unwrap_err();
            assert_eq!(fault.code, "bad_state", "{bytes}");
            assert!(fault.why.starts_with("the thing: ") && fault.why.contains(why), "{}", fault.why);
        }
    }
}
