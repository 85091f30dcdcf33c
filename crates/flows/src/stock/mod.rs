//! The stock of a pool: the places that can serve a channel, decided together. Who gets which unit is decided
//! here and nowhere else, one message after the other, so that a unit is promised once.
//!
//! An order sends its whole demand in one message and gets one definite answer: what is reserved where, and what
//! is short and waits. Waiting demand is served in order of arrival as supply comes; later demand never overtakes
//! it. A checkout may hold units for a time, and its order takes them over. Places report what came, what they
//! counted, what they lost and what they sent each other, by owner, condition and lot where that matters; purchasing
//! says what is to come, and waiting demand is promised it. What is available to each channel is published to
//! storefronts in chunks, each SKU's newest figure only.
//!
//! The journal can be recomputed: on hand is the balance of `units.place.{place}` in the entries; reservations
//! follow from the facts, see [`facts`].

pub mod audit;
mod count;
mod desk;
mod due;
pub mod facts;
mod hold;
mod log;
mod lost;
pub mod messages;
pub mod more;
mod moved;
mod need;
mod order_row;
mod policy;
mod position;
mod publish;
mod release;
mod reports;
mod reserve;
mod shelf;
mod ship;
mod shortage;
mod shown;
pub mod spot;
pub mod state;
mod supply;
mod table;
#[cfg(test)]
mod tests;
mod transfer;
mod waiting;

pub use hold::show as show_hold;
pub use policy::{ChannelRule, PlaceRule, StockPolicy};
pub use state::{Row, State, decode, decode_row, encode, encode_row};
pub use table::TABLE;

use crate::out::Res;
use crate::read::read;
use desk::Desk;
use hub::process::{Decision, Fault, Rows, Stimulus};
use retail::envelope::Name;
use retail::time::Time;

/// Rows that deciding this stimulus may read and that are not in `rows` yet.
///
/// # Errors
/// When the stimulus is not one that a pool understands.
pub fn needs(
    policy: &StockPolicy,
    state: Option<&State>,
    rows: &Rows<Row>,
    stimulus: &Stimulus,
) -> Result<Vec<String>, Fault> {
    need::keys(policy, state, rows, stimulus)
}

/// Decides one stimulus of a pool. All rows that [`needs`] names must have been loaded.
///
/// # Errors
/// When the stimulus cannot be taken in: it does not read, or names a place that is not of this pool.
pub fn decide(
    policy: &StockPolicy,
    name: &Name,
    state: Option<&State>,
    rows: &Rows<Row>,
    stimulus: &Stimulus,
    now: Time,
) -> Result<Decision<State, Row>, Fault> {
    let mut desk = Desk::open(policy, name, state, rows, now)?;
    match stimulus {
        Stimulus::Mail { kind, data, .. } => match kind.as_str() {
            "stock.reserve" => reserve::reserve(&mut desk, &read(kind, data)?)?,
            "stock.reserve_more" => more::reserve_more(&mut desk, &read(kind, data)?)?,
            "stock.ship" => ship::ship(&mut desk, &read(kind, data)?)?,
            "stock.release" => release::release(&mut desk, &read(kind, data)?)?,
            "stock.missing" => release::missing(&mut desk, &read(kind, data)?)?,
            "stock.given_up" => shortage::given_up(&mut desk, &read(kind, data)?)?,
            "stock.shelf_touched" => publish::touched(&mut desk, &read(kind, data)?)?,
            "stock.returned" => moved::returned(&mut desk, &read(kind, data)?)?,
            _ => return Err(unknown(kind)),
        },
        Stimulus::Event(event) => match event.kind.as_str() {
            "stock.received" => moved::received(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?,
            "stock.adjusted" => moved::adjusted(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?,
            "stock.counted" => count::counted(&mut desk, &read(&event.kind, &event.data)?)?,
            "stock.hold_requested" => hold::requested(&mut desk, &read(&event.kind, &event.data)?)?,
            "stock.hold_released" => hold::released(&mut desk, &read(&event.kind, &event.data)?)?,
            "stock.transfer_shipped" => {
                transfer::shipped(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?;
            }
            "stock.transfer_received" => {
                transfer::received(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?;
            }
            "stock.transfer_lost" => {
                transfer::lost(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?;
            }
            "stock.expected" => {
                supply::expected(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?
            }
            "stock.shown" => shown::shown(&mut desk, &read(&event.kind, &event.data)?, event.occurred)?,
            kind => return Err(unknown(kind)),
        },
        Stimulus::Outcome { key, outcome, .. } => publish::outcome(&mut desk, key, outcome)?,
        Stimulus::Timer if due::comes_first(&desk.state) => due::timer(&mut desk)?,
        Stimulus::Timer => publish::timer(&mut desk)?,
    }
    desk.close()
}

fn unknown(kind: &str) -> Fault {
    Fault::new("unknown_kind", format!("a pool of stock knows nothing of {kind:?}"))
}

/// A place that is not of the pool, said by whoever names it.
fn place(desk: &Desk<'_>, name: &str) -> Res<state::PlaceNo> {
    desk.state.place(name).ok_or_else(|| {
        let known = desk.state.places.join(", ");
        Fault::new("unknown_place", format!("{name:?} is not a place of this pool, which has {known}"))
    })
}

#[cfg(test)]
pub(crate) fn event_shapes() -> Vec<crate::schemas::EventShape> {
    use crate::schemas::event;
    use messages::*;
    use reports::*;
    vec![
        event::<Received>("stock.received"),
        event::<Counted>("stock.counted"),
        event::<Adjusted>("stock.adjusted"),
        event::<HoldRequested>("stock.hold_requested"),
        event::<HoldReleased>("stock.hold_released"),
        event::<TransferShipped>("stock.transfer_shipped"),
        event::<TransferReceived>("stock.transfer_received"),
        event::<TransferLost>("stock.transfer_lost"),
        event::<Expected>("stock.expected"),
        event::<Shown>("stock.shown"),
    ]
}

#[cfg(test)]
pub(crate) fn command_shapes() -> Vec<crate::schemas::CommandShape> {
    [publish::shapes()].into_iter().flatten().collect()
}
