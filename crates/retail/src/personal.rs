//! Personal data has a type of its own, so that it cannot slip into a log, an error or a journal row.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Something about a person. Shown as `***` everywhere, and left out (`null`) wherever the thing that holds it
/// is serialised; the value itself is written only by [`Personal::apart`], into storage of its own, where it
/// can be encrypted per person and erased. Reading plain JSON takes the value in; reading `null` gives
/// [`Personal::withheld`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Personal<T>(Option<T>);

impl<T> Personal<T> {
    #[must_use]
    pub const fn new(value: T) -> Self {
        Self(Some(value))
    }

    /// Kept apart and not fetched, or erased.
    #[must_use]
    pub const fn withheld() -> Self {
        Self(None)
    }

    /// The value, for whoever has to act on it, such as a mapping that fills in an address. `None` when withheld.
    #[must_use]
    pub const fn reveal(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// Takes the value out and leaves this withheld.
    pub const fn take(&mut self) -> Option<T> {
        self.0.take()
    }

    /// Serialises as the value itself: only for the storage of personal data.
    #[must_use]
    pub const fn apart(&self) -> Apart<'_, T> {
        Apart(self.0.as_ref())
    }
}

impl<T> Default for Personal<T> {
    fn default() -> Self {
        Self::withheld()
    }
}

impl<T> From<T> for Personal<T> {
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T> fmt::Debug for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> fmt::Display for Personal<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T> Serialize for Personal<T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_none()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Personal<T> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Option::<T>::deserialize(d).map(Self)
    }
}

/// See [`Personal::apart`].
pub struct Apart<'a, T>(Option<&'a T>);

impl<T> fmt::Debug for Apart<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl<T: Serialize> Serialize for Apart<'_, T> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(s)
    }
}

/// A person or company as a party to an order. All of it but the reference is personal.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    /// The source's own number for the customer, under which personal data is kept apart.
    pub reference: String,
    pub name: Personal<String>,
    pub email: Personal<String>,
    pub phone: Personal<String>,
    pub address: Personal<Address>,
    /// ISO 3166-1 alpha-2. Tax and carriers need it; alone it tells nothing of the person.
    pub country: String,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    pub lines: Vec<String>,
    pub city: String,
    pub region: String,
    pub postal_code: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party() -> Party {
        Party {
            reference: "17850".into(),
            name: Personal::new("Ada Lovelace".into()),
            address: Personal::new(Address { city: "Ockham".into(), ..Address::default() }),
            country: "GB".into(),
            ..Party::default()
        }
    }

    #[test]
    fn no_personal_data_in_debug_display_or_json() {
        let text = format!(
            "{:?} {} {:#?} {}",
            party(),
            party().name,
            party(),
            serde_json::to_string(&party()).unwrap()
        );
        assert!(text.contains("17850") && text.contains("***"), "{text}");
        for secret in ["Ada", "Lovelace", "Ockham"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(!format!("{:?}", party().address.apart()).contains("Ockham"));
    }

    #[test]
    fn stored_apart_it_comes_back_and_stored_with_the_rest_it_is_withheld() {
        let there = serde_json::to_string(&party().name.apart()).unwrap();
        assert_eq!(there, r#""Ada Lovelace""#);
        let back: Personal<String> = serde_json::from_str(&there).unwrap();
        assert_eq!(back.reveal().map(String::as_str), Some("Ada Lovelace"));
        let rest: Party = serde_json::from_str(&serde_json::to_string(&party()).unwrap()).unwrap();
        assert_eq!(rest.name, Personal::withheld());
        assert_eq!(rest.reference, "17850");
    }

    #[test]
    fn erasing_leaves_nothing() {
        let mut name = party().name;
        assert_eq!(name.take().as_deref(), Some("Ada Lovelace"));
        assert_eq!(name.reveal(), None);
        assert_eq!(serde_json::to_string(&name.apart()).unwrap(), "null");
    }
}
