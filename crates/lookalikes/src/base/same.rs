//! Whether two JSON bodies say the same: a number that ignores blanks and the order of members.

use crate::base::luck::{hash, mix};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The sameness number of one JSON value, read without building the value.
struct Sameness(u64);

fn of(kind: &str, text: &str) -> u64 {
    hash(0, &[kind, text])
}

fn chain(state: u64, next: u64) -> u64 {
    mix(state.rotate_left(5) ^ mix(next))
}

impl<'de> Deserialize<'de> for Sameness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Sameness;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E: Error>(self) -> Result<Sameness, E> {
                Ok(Sameness(of("null", "")))
            }
            fn visit_bool<E: Error>(self, v: bool) -> Result<Sameness, E> {
                Ok(Sameness(of("bool", if v { "t" } else { "f" })))
            }
            fn visit_u64<E: Error>(self, v: u64) -> Result<Sameness, E> {
                Ok(Sameness(chain(of("number", ""), v)))
            }
            fn visit_i64<E: Error>(self, v: i64) -> Result<Sameness, E> {
                Ok(Sameness(chain(of("number", ""), v.cast_unsigned())))
            }
            fn visit_f64<E: Error>(self, v: f64) -> Result<Sameness, E> {
                Ok(Sameness(chain(of("float", ""), v.to_bits())))
            }
            fn visit_str<E: Error>(self, v: &str) -> Result<Sameness, E> {
                Ok(Sameness(of("text", v)))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Sameness, A::Error> {
                let mut state = of("list", "");
                while let Some(Sameness(next)) = seq.next_element()? {
                    state = chain(state, next);
                }
                Ok(Sameness(state))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Sameness, A::Error> {
                // A sum does not depend on the order of the members.
                let mut state = of("object", "");
                while let Some((Sameness(name), Sameness(value))) = map.next_entry()? {
                    state = state.wrapping_add(chain(chain(of("member", ""), name), value).rotate_left(17));
                }
                Ok(Sameness(state))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// The sameness number of a body. What is no JSON is compared byte by byte.
pub(crate) fn sameness(body: &[u8]) -> u64 {
    match serde_json::from_slice::<Sameness>(body) {
        Ok(Sameness(number)) => number,
        Err(_) => of("bytes", &String::from_utf8_lossy(body)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_members_and_blanks_do_not_matter() {
        let one = br#"{"id":"a","lines":[{"line":"1","quantity":2}]}"#;
        let two = br#"{ "lines": [ {"quantity": 2, "line": "1"} ], "id": "a" }"#;
        assert_eq!(sameness(one), sameness(two));
    }

    #[test]
    fn everything_else_matters() {
        let base = sameness(br#"{"id":"a","q":[1,2]}"#);
        for other in [
            r#"{"id":"a","q":[2,1]}"#,
            r#"{"id":"a","q":[1,2],"x":null}"#,
            r#"{"id":"a","q":["1",2]}"#,
            r#"{"id":"b","q":[1,2]}"#,
            r#"{"q":"a","id":[1,2]}"#,
            r#"{"id":"a","q":[1,2.5]}"#,
            r#"{"id":"a","q":[1,-2]}"#,
        ] {
            assert_ne!(base, sameness(other.as_bytes()), "{other}");
        }
    }
}
