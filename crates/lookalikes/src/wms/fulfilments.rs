//! Fulfilment orders: taken, picked, packed, shipped; short where the shelf is empty.

use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::when;
use crate::wms::{Later, Line, Wms, positive, same_id};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A fulfilment order as it is asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Order {
    id: String,
    order: String,
    lines: Vec<Line>,
    #[serde(default)]
    method: Method,
    /// A label that was bought for it.
    label: Option<Label>,
}

/// How the goods get to the customer. Whatever is not picked up leaves like any other parcel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    Ship,
    Pickup,
    ShipToStore,
    ShipFromStore,
    Dropship,
}

#[derive(Debug, Deserialize)]
struct Label {
    tracking: String,
}

/// Another address for a fulfilment order.
#[derive(Deserialize)]
struct Amendment {
    id: String,
    ship_to: serde_json::Map<String, serde_json::Value>,
}

impl Order {
    /// What is still needed of it once it is picked.
    fn again(&self) -> Self {
        Self {
            id: self.id.clone(),
            order: self.order.clone(),
            lines: Vec::new(),
            method: self.method,
            label: None,
        }
    }
}

#[derive(Deserialize)]
struct Cancellation {
    id: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Waiting,
    /// Picked, and not collected yet.
    Ready,
    Shipped,
    /// Nothing was there: closed without a shipment.
    Empty,
    Cancelled,
}

/// What the warehouse keeps of one.
#[derive(Debug)]
pub(super) struct Fulfilment {
    order: Box<str>,
    state: State,
}

#[derive(Serialize)]
struct Confirmed<'a> {
    shipment: &'a str,
    fulfilment: &'a str,
    order: &'a str,
    place: &'a str,
    shipped_at: String,
    parcels: Vec<Parcel<'a>>,
}

#[derive(Serialize)]
struct Parcel<'a> {
    id: String,
    carrier: &'a str,
    tracking: String,
    lines: Vec<Packed<'a>>,
}

#[derive(Serialize)]
struct Packed<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
}

/// Spreads lines over parcels of a size, in their order; a line may lie in several.
fn pack(lines: &[Line], size: i64) -> Vec<Vec<Packed<'_>>> {
    let mut parcels: Vec<Vec<Packed<'_>>> = Vec::new();
    let mut room = 0;
    for line in lines {
        let mut left = line.quantity;
        while left > 0 {
            if room == 0 {
                parcels.push(Vec::new());
                room = size;
            }
            let quantity = left.min(room);
            if let Some(parcel) = parcels.last_mut() {
                parcel.push(Packed { line: &line.line, sku: &line.sku, quantity });
            }
            left -= quantity;
            room -= quantity;
        }
    }
    parcels
}

impl Wms {
    pub(super) fn create(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let order: Order = call.json()?;
        same_id(id, &order.id)?;
        positive(&order.lines)?;
        let place = self.config.place.clone();
        let head =
            Head { reference: id, order: &order.order, place: &place, at: at.business, ..Head::default() };
        let units = order.lines.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::Fulfilment, Some(units));
        let kept = Fulfilment { order: order.order.as_str().into(), state: State::Waiting };
        self.fulfilments.insert(id.into(), kept);
        self.later.put(at.now, self.config.pick_ms, Later::Pick(order));
        Ok(self.desk.written.done(call, "FO", None))
    }

    pub(super) fn cancel(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let body: Cancellation = call.json()?;
        if body.id.is_empty() {
            return Err(Response::refuse(422, "missing_member", "the cancellation wants an id"));
        }
        let kept = self.fulfilments.get_mut(id).ok_or_else(|| {
            Response::refuse(404, "unknown_fulfilment", &format!("there is no fulfilment order '{id}'"))
        })?;
        if kept.state == State::Shipped {
            return Err(Response::refuse(409, "already_shipped", &format!("{id} has left the warehouse")));
        }
        if matches!(kept.state, State::Waiting | State::Ready) {
            kept.state = State::Cancelled;
        }
        let order = kept.order.clone();
        let place = self.config.place.clone();
        let head = Head { reference: id, order: &order, place: &place, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::FulfilmentCancelled, None);
        Ok(self.desk.written.done(call, "FC", None))
    }

    /// Takes from the shelf what is there. What is not there is told as short; it will not be shipped under this
    /// fulfilment order.
    pub(super) fn pick(&mut self, at: Moment, order: &Order) {
        if self.fulfilments.get(order.id.as_str()).is_none_or(|f| f.state != State::Waiting) {
            return;
        }
        let mut picked = Vec::with_capacity(order.lines.len());
        let mut short = Vec::new();
        for line in &order.lines {
            let found = line.quantity.min(self.on_hand(&line.sku)).max(0);
            if found > 0 {
                self.move_stock(&line.sku, -found);
                picked.push(Line { quantity: found, ..line.clone() });
            }
            if found < line.quantity {
                short.push(Line { quantity: line.quantity - found, ..line.clone() });
            }
        }
        if let Some(kept) = self.fulfilments.get_mut(order.id.as_str()) {
            kept.state = match order.method {
                _ if picked.is_empty() => State::Empty,
                Method::Pickup => State::Ready,
                _ => State::Shipped,
            };
        }
        if !picked.is_empty() {
            if order.method == Method::Pickup {
                self.ready(at, order, picked)
            } else {
                self.ship(at, order, &picked)
            }
        }
        if !short.is_empty() {
            self.run_short(at, order, &short);
        }
    }

    /// What lies ready for its customer has not left: it is a shipment once it is collected.
    fn ready(&mut self, at: Moment, order: &Order, picked: Vec<Line>) {
        let place = self.config.place.clone();
        let head = Head {
            reference: &order.id,
            order: &order.order,
            place: &place,
            at: at.business,
            ..Head::default()
        };
        let units = picked.iter().map(|l| l.quantity).sum();
        self.desk.ledger.document(&head).whole(Kind::Ready, Some(units));
        let data = json!({
            "fulfilment": order.id, "order": order.order, "place": place, "ready_at": when::text(at.business),
        });
        self.desk.cloud_event(at, "fulfilment.ready", &data);
        let deed = Later::Collect { order: order.again(), picked };
        self.later.put(at.now, self.config.collect_ms, deed);
    }

    /// The customer comes. What was cancelled meanwhile goes back to the shelf.
    pub(super) fn collect(&mut self, at: Moment, order: &Order, picked: &[Line]) {
        if self.fulfilments.get(order.id.as_str()).is_none_or(|kept| kept.state != State::Ready) {
            picked.iter().for_each(|line| self.move_stock(&line.sku, line.quantity));
            return;
        }
        let shipment = self.leave(at, order, picked);
        if let Some(kept) = self.fulfilments.get_mut(order.id.as_str()) {
            kept.state = State::Shipped;
        }
        let data = json!({
            "fulfilment": order.id, "order": order.order, "shipment": shipment,
            "picked_up_at": when::text(at.business), "lines": picked,
        });
        self.desk.cloud_event(at, "fulfilment.picked_up", &data);
    }

    /// Until it has left, or lies ready.
    pub(super) fn amend(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let amendment: Amendment = call.json()?;
        same_id(id, &amendment.id)?;
        if amendment.ship_to.is_empty() {
            return Err(Response::refuse(422, "missing_member", "an amendment wants ship_to"));
        }
        let kept = self.fulfilments.get(id).ok_or_else(|| {
            Response::refuse(404, "unknown_fulfilment", &format!("there is no fulfilment order '{id}'"))
        })?;
        if kept.state != State::Waiting {
            return Err(Response::refuse(409, "already_shipped", &format!("{id} is no longer being picked")));
        }
        let (order, place) = (kept.order.clone(), self.config.place.clone());
        let head = Head { reference: id, order: &order, place: &place, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::FulfilmentAmended, None);
        Ok(self.desk.written.done(call, "FA", None))
    }

    /// Goods leave the place: its ledger says which. Answers the shipment's number.
    fn leave(&mut self, at: Moment, order: &Order, picked: &[Line]) -> String {
        self.numbers.shipments += 1;
        let shipment = self.own_id("S", self.numbers.shipments);
        let place = self.config.place.clone();
        let head = Head {
            reference: &shipment,
            order: &order.order,
            id: &order.id,
            place: &place,
            at: at.business,
            ..Head::default()
        };
        let mut entry = self.desk.ledger.document(&head);
        for line in picked {
            entry.line(Kind::Shipment, &line.line, &line.sku, line.quantity, "");
        }
        self.yard.left(&order.order, at.now);
        shipment
    }

    fn ship(&mut self, at: Moment, order: &Order, picked: &[Line]) {
        let shipment = self.leave(at, order, picked);
        let (place, carrier) = (self.config.place.clone(), self.config.carrier.clone());
        let units: i64 = picked.iter().map(|l| l.quantity).sum();
        let most = self.config.parcels_max.max(1);
        let size = self.config.parcel_units.max(units.saturating_add(most - 1) / most).max(1);
        let own = |id: &str| format!("LA{:010}GB", self.desk.number_of(id) % 10_000_000_000);
        let parcels: Vec<Parcel<'_>> = pack(picked, size)
            .into_iter()
            .zip(1u32..)
            .map(|(lines, n)| {
                let id = format!("{shipment}-P{n}");
                // A label is for one parcel; what does not fit goes under the place's own number.
                let bought = order.label.as_ref().filter(|_| n == 1).map(|label| label.tracking.clone());
                let tracking = bought.unwrap_or_else(|| own(&id));
                Parcel { id, carrier: &carrier, tracking, lines }
            })
            .collect();
        let labelled = usize::from(order.label.is_some());
        let tracked = if self.config.tracked { parcels.len() } else { labelled };
        for parcel in parcels.iter().take(tracked) {
            self.road.hand_over(&parcel.tracking, &order.order, at.now);
        }
        let data = Confirmed {
            shipment: &shipment,
            fulfilment: &order.id,
            order: &order.order,
            place: &place,
            shipped_at: when::text(at.business),
            parcels,
        };
        self.desk.cloud_event(at, "shipment.confirmed", &data);
        if let Some(delay) = self.config.deliver_ms {
            let deed = Later::Deliver { shipment, order: order.order.clone() };
            self.later.put(at.now, delay, deed);
        }
    }

    fn run_short(&mut self, at: Moment, order: &Order, short: &[Line]) {
        self.numbers.shorts += 1;
        let id = self.own_id("SHORT", self.numbers.shorts);
        let place = self.config.place.clone();
        let head = Head {
            reference: &order.id,
            order: &order.order,
            id: &id,
            place: &place,
            at: at.business,
            ..Head::default()
        };
        let mut entry = self.desk.ledger.document(&head);
        for line in short {
            entry.line(Kind::Short, &line.line, &line.sku, line.quantity, "");
        }
        let data =
            json!({"id": id, "fulfilment": order.id, "order": order.order, "place": place, "lines": short});
        self.desk.cloud_event(at, "fulfilment.short", &data);
    }

    pub(super) fn deliver(&mut self, at: Moment, shipment: &str, order: &str) {
        let data = json!({"shipment": shipment, "order": order, "delivered_at": when::text(at.business)});
        self.desk.cloud_event(at, "shipment.delivered", &data);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(line: &str, quantity: i64) -> Line {
        Line { line: line.to_owned(), sku: format!("sku{line}"), quantity }
    }

    #[test]
    fn a_line_may_lie_in_several_parcels_and_no_unit_is_lost() {
        let lines = [line("1", 3), line("2", 5), line("3", 1)];
        let parcels = pack(&lines, 4);
        let sizes: Vec<i64> = parcels.iter().map(|p| p.iter().map(|l| l.quantity).sum()).collect();
        assert_eq!(sizes, [4, 4, 1]);
        let second: i64 = parcels.iter().flatten().filter(|l| l.line == "2").map(|l| l.quantity).sum();
        assert_eq!(second, 5);
    }
}
