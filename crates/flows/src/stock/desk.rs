//! One decision of a pool while it is being made: the rows it works on, what has changed, and what is said.

use super::facts;
use super::messages::{Held, Supplied};
use super::policy::StockPolicy;
use super::publish;
use super::state::{Move, OrderRow, PlaceNo, Position, Row, State, order_key, position_key};
use crate::out::{Out, Res};
use books::Posting;
use hub::process::{Decision, Fault, Rows};
use retail::envelope::Name;
use retail::time::Time;
use std::collections::BTreeMap;

pub(super) struct Desk<'a> {
    pub policy: &'a StockPolicy,
    pub pool: &'a Name,
    pub now: Time,
    pub state: State,
    pub out: Out,
    /// Rows to be written beside positions and orders.
    pub other: Vec<(String, Option<Row>)>,
    rows: &'a Rows<Row>,
    positions: BTreeMap<String, Position>,
    orders: BTreeMap<String, OrderRow>,
    /// SKUs to be published though their availability did not change.
    pub announce: Vec<String>,
    supplied: BTreeMap<String, Vec<Held>>,
    /// Places in order of preference, with their safety stock.
    preference: Vec<(PlaceNo, i64)>,
}

/// What a movement did to the books.
#[derive(Clone, Copy, Debug)]
pub(super) struct Applied {
    /// Change of on hand.
    pub change: i64,
    /// Whether the last count contains it, so that on hand stays as it is.
    pub contained: bool,
}

impl<'a> Desk<'a> {
    pub fn open(
        policy: &'a StockPolicy,
        pool: &'a Name,
        state: Option<&State>,
        rows: &'a Rows<Row>,
        now: Time,
    ) -> Res<Self> {
        let mut state = state.cloned().unwrap_or_default();
        let mut preference = Vec::with_capacity(policy.places.len());
        for rule in &policy.places {
            if state.place(&rule.place).is_none() {
                state.places.push(rule.place.clone());
            }
            let no = state.place(&rule.place).ok_or_else(|| {
                Fault::new(
                    "too_many_places",
                    format!("pool {} has more places than a number fits", pool.value),
                )
            })?;
            preference.push((no, rule.safety));
        }
        Ok(Self {
            policy,
            pool,
            now,
            state,
            out: Out::default(),
            other: Vec::new(),
            rows,
            positions: BTreeMap::new(),
            orders: BTreeMap::new(),
            announce: Vec::new(),
            supplied: BTreeMap::new(),
            preference,
        })
    }

    /// A row as stored. One that was not loaded is a bug in [`super::needs`].
    pub fn stored(&self, key: &str) -> Res<Option<&'a Row>> {
        let missing =
            || Fault::new("row_not_loaded", format!("row {key:?} was not loaded; `needs` must name it"));
        self.rows.get(key).map(Option::as_ref).ok_or_else(missing)
    }

    /// Whether a fact was taken in before; if not, it is remembered.
    pub fn is_repeat(&mut self, key: String) -> Res<bool> {
        if self.stored(&key)?.is_some() {
            return Ok(true);
        }
        self.other.push((key, Some(Row::Seen)));
        Ok(false)
    }

    pub fn stored_position(&self, sku: &str) -> Res<Option<&'a Position>> {
        match self.stored(&position_key(sku))? {
            Some(Row::Position(p)) => Ok(Some(p)),
            Some(other) => Err(wrong(&position_key(sku), other)),
            None => Ok(None),
        }
    }

    pub fn position(&mut self, sku: &str) -> Res<&mut Position> {
        if !self.positions.contains_key(sku) {
            let position = self.stored_position(sku)?.cloned().unwrap_or_default();
            self.positions.insert(sku.to_owned(), position);
        }
        self.positions.get_mut(sku).ok_or_else(|| Fault::new("row_not_loaded", sku))
    }

    pub fn stored_order(&self, order: &str) -> Res<Option<&'a OrderRow>> {
        match self.stored(&order_key(order))? {
            Some(Row::Order(o)) => Ok(Some(o)),
            Some(other) => Err(wrong(&order_key(order), other)),
            None => Ok(None),
        }
    }

    pub fn order(&mut self, order: &str) -> Res<&mut OrderRow> {
        if !self.orders.contains_key(order) {
            let row = self.stored_order(order)?.cloned().unwrap_or_default();
            self.orders.insert(order.to_owned(), row);
        }
        self.orders.get_mut(order).ok_or_else(|| Fault::new("row_not_loaded", order))
    }

    pub fn posting<'b>(&'b self, reference: &'b str, occurred: Time) -> Posting<'b>
    where
        'a: 'b,
    {
        Posting {
            entity: &self.policy.entity,
            reference,
            occurred,
            recorded: self.now,
            periods: &self.policy.periods,
        }
    }

    /// (place, units that can be promised from there), in order of preference.
    pub fn free<'b>(&'b self, position: &'b Position) -> impl Iterator<Item = (PlaceNo, i64)> + 'b {
        self.preference.iter().map(|(no, safety)| (*no, position.place(*no).free(*safety)))
    }

    /// Available to promise over all places.
    pub fn available(&self, position: &Position) -> i64 {
        self.free(position).map(|(_, n)| n).fold(0, i64::saturating_add)
    }

    /// Reserves units that are free at a place.
    pub fn hold(&mut self, order: &str, line: &str, sku: &str, (place, quantity): (PlaceNo, i64)) -> Res {
        self.position(sku)?.place_mut(place).held += quantity;
        self.order(order)?.hold(line, sku, place, quantity);
        Ok(())
    }

    /// Ends up to `quantity` reserved units of an order line at one place, or anywhere; what was ended, by place.
    pub fn end(
        &mut self,
        order: &str,
        (line, sku): (&str, &str),
        place: Option<PlaceNo>,
        quantity: i64,
    ) -> Res<Vec<(PlaceNo, i64)>> {
        let ended = self.order(order)?.end(line, sku, place, quantity);
        let position = self.position(sku)?;
        for (place, n) in &ended {
            position.place_mut(*place).held -= n;
        }
        Ok(ended)
    }

    /// Takes up to `quantity` units of an order line out of the queue; how many there were.
    pub fn unqueue(&mut self, order: &str, (line, sku): (&str, &str), quantity: i64) -> Res<i64> {
        let mut left = quantity;
        let waiting = &mut self.position(sku)?.waiting;
        for w in waiting.iter_mut().filter(|w| w.0 == order && w.1 == line) {
            let n = w.2.min(left);
            w.2 -= n;
            left -= n;
        }
        waiting.retain(|w| w.2 > 0);
        Ok(quantity - left)
    }

    /// Units came to a place or went, at a time by the place's word. On hand never goes below nothing (what left
    /// beyond it is made up by what comes next), and stays as it is when the last count contains the movement.
    pub fn move_units(&mut self, sku: &str, place: PlaceNo, delta: i64, at: Time) -> Res<Applied> {
        let lag = self.policy.report_lag.0;
        let keep_from = self.now.0.saturating_sub(lag);
        let position = self.position(sku)?;
        let here = position.place_mut(place);
        let contained = here.as_of.is_some_and(|as_of| at.0 < as_of && as_of.saturating_sub(at.0) <= lag);
        if contained {
            return Ok(Applied { change: 0, contained });
        }
        let before = here.on_hand();
        here.net = here.net.saturating_add(delta);
        let change = here.on_hand() - before;
        position.log.push(Move { place, delta, at: at.0 }, keep_from);
        Ok(Applied { change, contained })
    }

    /// Gives what is free of a SKU to the demand that waits for it, the oldest first.
    pub fn serve(&mut self, sku: &str) -> Res {
        while let Some((order, line, wanted)) = self.position(sku)?.waiting.first().cloned() {
            let position = self.position(sku)?.clone();
            let taken = pick(self.free(&position), wanted);
            let given: i64 = taken.iter().map(|(_, n)| n).sum();
            if given == 0 {
                break;
            }
            for (place, quantity) in taken {
                self.supply(&order, &line, sku, (place, quantity))?;
            }
            let waiting = &mut self.position(sku)?.waiting;
            if given == wanted {
                waiting.remove(0);
            } else if let Some(first) = waiting.first_mut() {
                first.2 -= given;
            }
        }
        Ok(())
    }

    /// Reserves units for demand that was answered before, and lets the order know.
    pub fn supply(&mut self, order: &str, line: &str, sku: &str, at: (PlaceNo, i64)) -> Res {
        self.hold(order, line, sku, at)?;
        let place = self.state.place_name(at.0).to_owned();
        let held = Held { line: line.to_owned(), sku: sku.to_owned(), place, quantity: at.1 };
        self.supplied.entry(order.to_owned()).or_default().push(held);
        Ok(())
    }

    /// Ends the decision: serves who waits, notes shortages and what is to be published, and writes what changed.
    pub fn close(mut self) -> Res<Decision<State, Row>> {
        let skus: Vec<String> = self.positions.keys().cloned().collect();
        for sku in &skus {
            self.serve(sku)?;
        }
        self.tell_supplied()?;
        self.watch_excess()?;
        let mut changed = std::mem::take(&mut self.announce);
        for sku in &skus {
            let (now, before) = (self.positions.get(sku), self.stored_position(sku)?);
            if now.map_or(0, |p| self.available(p)) != before.map_or(0, |p| self.available(p)) {
                changed.push(sku.clone());
            }
        }
        publish::mark(&mut self, &changed)?;
        let mut rows = std::mem::take(&mut self.other);
        for (sku, position) in std::mem::take(&mut self.positions) {
            let position = (position != Position::default()).then_some(position);
            if self.stored_position(&sku)? != position.as_ref() {
                rows.push((position_key(&sku), position.map(Row::Position)));
            }
        }
        for (order, row) in std::mem::take(&mut self.orders) {
            let row = (row != OrderRow::default()).then_some(row);
            if self.stored_order(&order)? != row.as_ref() {
                rows.push((order_key(&order), row.map(Row::Order)));
            }
        }
        let open = !self.state.in_flight.is_empty() || self.state.is_dirty() || self.state.due.is_some();
        let due = self.state.due.map(Time);
        let mut decision = self.out.done(self.state, open, due);
        decision.rows = rows;
        Ok(decision)
    }

    fn tell_supplied(&mut self) -> Res {
        for (order, lines) in std::mem::take(&mut self.supplied) {
            let tuples =
                lines.iter().map(|l| (l.line.as_str(), l.sku.as_str(), l.place.as_str(), l.quantity));
            self.out.fact("stock.supplied", &facts::Supplied { order: &order, lines: tuples.collect() })?;
            let message = Supplied { order: order.clone(), lines };
            self.out.tell(&self.pool.tenant, ("order", &order), "stock.supplied", &message)?;
        }
        Ok(())
    }

    /// A place with less than is reserved there is a shortage that a person must know of, until it is over.
    fn watch_excess(&mut self) -> Res {
        let mut excess = self.state.excess.clone();
        let had = !excess.is_empty();
        let mut grown = Vec::new();
        for (sku, position) in &self.positions {
            let stored = self.stored_position(sku)?;
            for at in &position.at {
                if at.excess() == 0 {
                    excess.remove(&(sku.clone(), at.place));
                    continue;
                }
                if at.excess() > stored.map_or(0, |p| p.place(at.place).excess()) {
                    grown.push((sku.as_str(), at.place, at.excess()));
                }
                excess.insert((sku.clone(), at.place));
            }
        }
        self.state.excess = excess;
        if !grown.is_empty() {
            let lines: Vec<_> =
                grown.iter().map(|(sku, no, n)| (*sku, self.state.place_name(*no), *n)).collect();
            let shown: Vec<String> =
                lines.iter().take(5).map(|(s, p, n)| format!("{n} of {s} at {p}")).collect();
            let more = lines.len().saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            self.out.fact("stock.overcommitted", &facts::Overcommitted { lines })?;
            self.out.raise(
                "stock_short",
                "operations",
                format!("reserved units are not there: {}{more}", shown.join(", ")),
                "find the units and report them, or report the fulfilment orders short, so that the pool sources \
                 them elsewhere",
            );
        } else if self.state.excess.is_empty() && had {
            self.out.clear("stock_short");
        }
        Ok(())
    }
}

/// Takes up to `wanted` units: from the first place that has them all, else from one after the other.
pub(super) fn pick(free: impl Iterator<Item = (PlaceNo, i64)>, wanted: i64) -> Vec<(PlaceNo, i64)> {
    let free: Vec<(PlaceNo, i64)> = free.filter(|(_, n)| *n > 0).collect();
    if let Some((place, _)) = free.iter().find(|(_, n)| *n >= wanted) {
        return vec![(*place, wanted)];
    }
    let mut left = wanted;
    let mut taken = Vec::new();
    for (place, n) in free {
        let n = n.min(left);
        if n > 0 {
            taken.push((place, n));
            left -= n;
        }
    }
    taken
}

fn wrong(key: &str, row: &Row) -> Fault {
    Fault::new("bad_state", format!("row {key:?} holds something else: {row:?}"))
}
