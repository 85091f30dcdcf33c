//! Reserve what a change added to an order: it waits in order of arrival like any demand, and is served at once
//! where there is stock.

use super::desk::Desk;
use super::facts;
use super::messages::Wanted;
use super::state::{PlaceNo, seen_key};
use crate::out::Res;
use crate::read::field;
use serde::{Deserialize, Serialize};

/// `stock.reserve_more`, from an order: demand beside what it asked first. Once per (order, id). What is reserved of
/// it follows as `stock.supplied`; the rest waits.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReserveMore {
    #[serde(deserialize_with = "field::order")]
    pub order: String,
    #[serde(deserialize_with = "field::id")]
    pub id: String,
    pub lines: Vec<Wanted>,
}

/// The row that remembers a message.
pub(super) fn key(demand: &ReserveMore) -> String {
    seen_key("more", &demand.order, &demand.id)
}

/// Puts the demand behind what waits already.
pub(super) fn reserve_more(desk: &mut Desk<'_>, demand: &ReserveMore) -> Res {
    if desk.is_repeat(key(demand))? {
        return Ok(());
    }
    for w in &demand.lines {
        desk.position(&w.sku)?.waiting.push((demand.order.clone(), w.line.clone(), w.quantity));
    }
    let short = demand.lines.iter().map(|w| (w.line.as_str(), w.sku.as_str(), w.quantity)).collect();
    let fact = facts::Reserved { order: &demand.order, lines: Vec::new(), short };
    desk.out.fact("stock.reserved", &fact)
}

/// Takes from the preferred place what it has, and only then from others.
pub(super) fn first_from(free: &[(PlaceNo, i64)], at: Option<PlaceNo>, wanted: i64) -> Vec<(PlaceNo, i64)> {
    match free.iter().find(|(place, n)| Some(*place) == at && *n > 0) {
        Some((place, n)) if *n < wanted => {
            let rest = free.iter().copied().filter(|(p, _)| p != place);
            let mut taken = vec![(*place, *n)];
            taken.extend(super::desk::pick(rest, wanted - n));
            taken
        }
        Some((place, _)) => vec![(*place, wanted)],
        None => super::desk::pick(free.iter().copied(), wanted),
    }
}
