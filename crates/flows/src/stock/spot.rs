//! Where units are and what kind they are. A place has several spots for a SKU where it holds units of other
//! owners, in other conditions, or by lots; most places have one, of new units of the entity without a lot.
//!
//! A spot is one number: the place's in the pool, and above it the kind's in the SKU's position. A plain spot has
//! its place's number, so that rows of a pool without kinds look as if there were none.

use serde::{Deserialize, Serialize};

/// A place's number within its pool.
pub type PlaceNo = u16;

/// A spot's number within a SKU's position: `kind * 65536 + place`, kind 0 being plain.
pub type SpotNo = u32;

/// The condition of what was never used.
pub const NEW: &str = "new";

const PLACES: SpotNo = 1 << 16;

/// The place of a spot.
#[must_use]
pub fn place_of(spot: SpotNo) -> PlaceNo {
    PlaceNo::try_from(spot % PLACES).unwrap_or(PlaceNo::MAX)
}

/// The kind of a spot; 0 is plain.
#[must_use]
pub const fn kind_of(spot: SpotNo) -> u32 {
    spot / PLACES
}

/// The spot of a kind at a place.
#[must_use]
pub fn spot(place: PlaceNo, kind: u32) -> SpotNo {
    kind.saturating_mul(PLACES).saturating_add(SpotNo::from(place))
}

/// What tells units of a SKU at one place apart, as reports say it. Left out: new units of the entity, no lot.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Kind {
    /// `new`, `opened`, `damaged`, or what else the retailer calls it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "id")]
    pub condition: Option<String>,
    /// Whose the units are, where they are not the entity's.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "id")]
    pub owner: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "id")]
    pub lot: Option<String>,
}

fn id<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<String>, D::Error> {
    let text = Option::<String>::deserialize(d)?;
    match text {
        Some(text) if !crate::read::field::is_id(&text) => Err(serde::de::Error::custom(format!(
            "`condition`, `owner` or `lot` is {text:?}; an id is 1 to 80 of A-Z a-z 0-9 . _ : -"
        ))),
        text => Ok(text),
    }
}

impl Kind {
    /// Its name: `{condition}[@{owner}][#{lot}]`; empty for plain.
    #[must_use]
    pub fn tag(&self, entity: &str) -> String {
        let owner = self.owner.as_deref().filter(|o| *o != entity);
        let condition = self.condition.as_deref().unwrap_or(NEW);
        if condition == NEW && owner.is_none() && self.lot.is_none() {
            return String::new();
        }
        let mut tag = condition.to_owned();
        for (mark, part) in [('@', owner), ('#', self.lot.as_deref())] {
            if let Some(part) = part {
                tag.push(mark);
                tag.push_str(part);
            }
        }
        tag
    }
}

/// (condition, owner, lot) of a tag; empty where it has none.
#[must_use]
pub fn parts(tag: &str) -> (&str, &str, &str) {
    let (rest, lot) = tag.split_once('#').unwrap_or((tag, ""));
    let (condition, owner) = rest.split_once('@').unwrap_or((rest, ""));
    (if condition.is_empty() { NEW } else { condition }, owner, lot)
}

/// A spot's name, as accounts (`units.place.{name}`) and facts have it: the place, and `/{tag}` where not plain.
#[must_use]
pub fn name(place: &str, tag: &str) -> String {
    if tag.is_empty() { place.to_owned() } else { format!("{place}/{tag}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_says_what_is_not_plain_and_reads_back() {
        let kind = |condition: &str, owner: &str, lot: &str| {
            let some = |t: &str| (!t.is_empty()).then(|| t.to_owned());
            Kind { condition: some(condition), owner: some(owner), lot: some(lot) }.tag("uk")
        };
        assert_eq!(kind("", "", ""), "");
        assert_eq!(kind("new", "uk", ""), "");
        for (kind, tag, read) in [
            (kind("opened", "", ""), "opened", ("opened", "", "")),
            (kind("", "acme", ""), "new@acme", ("new", "acme", "")),
            (kind("new", "", "L1"), "new#L1", ("new", "", "L1")),
            (kind("damaged", "acme", "L:1"), "damaged@acme#L:1", ("damaged", "acme", "L:1")),
        ] {
            assert_eq!(kind, tag);
            assert_eq!(parts(tag), read);
        }
        assert_eq!((place_of(spot(7, 3)), kind_of(spot(7, 3)), spot(7, 0)), (7, 3, 7));
    }
}
