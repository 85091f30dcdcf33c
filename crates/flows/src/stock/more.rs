//! Reserve what a change added to an order: it waits in order of arrival like any demand, and is served at once
//! where there is stock.

use super::desk::Desk;
use super::facts;
use super::messages::Wanted;
use super::state::{Wait, seen_key};
use crate::out::Res;
use crate::read::field;
use serde::{Deserialize, Serialize};

/// `stock.reserve_more`, from an order: demand beside what it asked first. Once per (order, id). What is reserved of
/// it follows as `stock.supplied`; the rest waits, and what is promised to it follows as `stock.promised`.
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
    let channel = desk.order(&demand.order)?.channel.clone();
    for w in &demand.lines {
        let wait = Wait {
            order: demand.order.clone(),
            line: w.line.clone(),
            quantity: w.quantity,
            channel: channel.clone(),
        };
        desk.position(&w.sku)?.waiting.push(wait);
    }
    let short = demand.lines.iter().map(|w| (w.line.as_str(), w.sku.as_str(), w.quantity)).collect();
    let fact = facts::Reserved { order: &demand.order, lines: Vec::new(), short, expected: Vec::new() };
    desk.out.fact("stock.reserved", &fact)
}
