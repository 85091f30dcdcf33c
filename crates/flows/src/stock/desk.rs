//! One decision of a pool while it is being made: the rows it works on, what has changed, and what is said.

use super::facts;
use super::messages::{Held, Supplied};
use super::policy::StockPolicy;
use super::shelf::{self, Figures, Free, pick};
use super::spot::{self, Kind, PlaceNo, SpotNo, place_of};
use super::state::{Move, OrderRow, Position, Row, State, Wait, order_key, position_key};
use super::{due, publish, shortage, supply};
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
    supplied: BTreeMap<String, Vec<(Held, SpotNo)>>,
    /// Places in order of preference.
    preference: Vec<PlaceNo>,
    /// The order that was answered in this decision: it knows what is promised.
    pub answered: Option<String>,
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
            preference.push(no);
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
            answered: None,
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

    /// An order's row as it is now, if it was loaded.
    pub fn loaded_order(&self, order: &str) -> Option<&OrderRow> {
        self.orders.get(order).or_else(|| match self.rows.get(&order_key(order)) {
            Some(Some(Row::Order(row))) => Some(row),
            _ => None,
        })
    }

    /// (spot, units that can be promised from there), in order of preference.
    pub fn free(&self, sku: &str, position: &Position) -> Free {
        shelf::free(self.policy, &self.preference, sku, position)
    }

    /// The same of the SKU as it stands now, and the most of it that a channel may have.
    pub fn free_to(&mut self, sku: &str, channel: &str) -> Res<(Free, i64)> {
        self.position(sku)?;
        let Some(position) = self.positions.get(sku) else { return Ok((Vec::new(), 0)) };
        let free = self.free(sku, position);
        let most = shelf::ceiling(self.policy, position, shelf::sum(&free), channel);
        Ok((free, most))
    }

    /// What storefronts are to be told of a SKU.
    pub fn figures(&self, sku: &str, position: Option<&Position>) -> Figures<'a> {
        let policy = self.policy;
        let Some(position) = position else {
            return Figures { available: vec![0; policy.publish_to.len()], places: Vec::new() };
        };
        let free = self.free(sku, position);
        let available = shelf::sum(&free);
        let of = |source: &String| shelf::ceiling(policy, position, available, source);
        let places = if policy.by_place.is_empty() {
            Vec::new()
        } else {
            shelf::by_place(policy, &self.preference, &free, position)
        };
        Figures { available: policy.publish_to.iter().map(of).collect(), places }
    }

    /// Notes a SKU's category, where policy asks for it.
    pub fn categorise(&mut self, sku: &str, category: Option<&str>) -> Res {
        if let Some(category) = category.filter(|_| !self.policy.safety_categories.is_empty()) {
            category.clone_into(&mut self.position(sku)?.category);
        }
        Ok(())
    }

    /// The spot of a kind at a place.
    pub fn spot(&mut self, sku: &str, place: PlaceNo, kind: &Kind) -> Res<SpotNo> {
        let tag = kind.tag(&self.policy.entity);
        Ok(self.position(sku)?.open(place, &tag))
    }

    /// A spot's name in accounts and facts.
    pub fn spot_name(&mut self, sku: &str, spot: SpotNo) -> Res<String> {
        let tag = self.position(sku)?.tag(spot).to_owned();
        Ok(spot::name(self.state.place_name(place_of(spot)), &tag))
    }

    /// Whose demand it is, as far as policy tells channels apart.
    pub fn channel<'c>(&self, channel: &'c str) -> &'c str {
        if self.policy.channels.is_empty() { "" } else { channel }
    }

    /// An order opens with its channel, where policy tells them apart: from then on its units count as the channel's.
    pub fn of_channel(&mut self, order: &str, channel: &str) -> Res {
        if !self.policy.channels.is_empty() {
            channel.clone_into(&mut self.order(order)?.channel);
        }
        Ok(())
    }

    fn shift_share(&mut self, order: &str, sku: &str, by: i64) -> Res {
        let channel = self.order(order)?.channel.clone();
        if channel.is_empty() || by == 0 {
            return Ok(());
        }
        let shares = &mut self.position(sku)?.shares;
        let held = shares.entry(channel).or_default();
        *held = held.saturating_add(by);
        shares.retain(|_, n| *n != 0);
        Ok(())
    }

    /// Reserves units that are free at a spot.
    pub fn hold(&mut self, order: &str, line: &str, sku: &str, (spot, quantity): (SpotNo, i64)) -> Res {
        let position = self.position(sku)?;
        position.spot_mut(spot).held += quantity;
        position.noted(order, spot);
        self.order(order)?.hold(line, sku, spot, quantity);
        self.shift_share(order, sku, quantity)
    }

    /// Ends up to `quantity` reserved units of an order line at one place, or anywhere; what was ended, by spot.
    pub fn end(
        &mut self,
        order: &str,
        (line, sku): (&str, &str),
        place: Option<PlaceNo>,
        quantity: i64,
    ) -> Res<Vec<(SpotNo, i64)>> {
        let row = self.order(order)?;
        let ended = row.end(line, sku, place, quantity);
        let left: Vec<i64> = ended.iter().map(|(spot, _)| row.at(sku, *spot)).collect();
        let position = self.position(sku)?;
        for ((spot, n), left) in ended.iter().zip(left) {
            position.spot_mut(*spot).held -= n;
            position.ended(order, *spot, *n, left);
        }
        self.shift_share(order, sku, -shelf::sum(&ended))?;
        Ok(ended)
    }

    /// Takes up to `quantity` units of an order line out of the queue; how many there were.
    pub fn unqueue(&mut self, order: &str, (line, sku): (&str, &str), quantity: i64) -> Res<i64> {
        let mut left = quantity;
        let waiting = &mut self.position(sku)?.waiting;
        for w in waiting.iter_mut().filter(|w| w.order == order && w.line == line) {
            let n = w.quantity.min(left);
            w.quantity -= n;
            left -= n;
        }
        waiting.retain(|w| w.quantity > 0);
        Ok(quantity - left)
    }

    /// Units came to a spot or went, at a time by the place's word. On hand never goes below nothing (what left
    /// beyond it is made up by what comes next), and stays as it is when the last count contains the movement.
    pub fn move_units(&mut self, sku: &str, spot: SpotNo, delta: i64, at: Time) -> Res<Applied> {
        let lag = self.policy.report_lag.0;
        let keep_from = self.keep_from();
        let position = self.position(sku)?;
        let here = position.spot_mut(spot);
        let contained = here.as_of.is_some_and(|as_of| at.0 < as_of && as_of.saturating_sub(at.0) <= lag);
        if contained {
            return Ok(Applied { change: 0, contained });
        }
        let (before, lacked) = (here.on_hand(), here.excess());
        here.net = here.net.saturating_add(delta);
        let change = here.on_hand() - before;
        let covered = lacked - here.excess();
        position.moved(Move { spot, delta, at: at.0 }, keep_from);
        if covered > 0 {
            self.cover(sku, spot, covered, at)?;
        }
        Ok(Applied { change, contained })
    }

    /// Gives what is free of a SKU to the demand that waits for it, the oldest first. Demand whose channel may have
    /// no more goes on waiting and does not keep back what is behind it.
    pub fn serve(&mut self, sku: &str) -> Res {
        let mut next = 0;
        loop {
            let Some(w) = self.position(sku)?.waiting.get(next) else { return Ok(()) };
            let (wanted, channel) = (w.quantity, w.channel.clone());
            let (free, most) = self.free_to(sku, &channel)?;
            if free.is_empty() {
                return Ok(());
            }
            let given = self.give(sku, next, &pick(&free, wanted.min(most)))?;
            if given < wanted {
                if self.policy.channels.is_empty() {
                    return Ok(());
                }
                next += 1;
            }
        }
    }

    /// Gives up to `wanted` units at a place to a line that waits; how many it got.
    pub fn serve_one(&mut self, sku: &str, of: (&str, &str), place: PlaceNo, wanted: i64) -> Res<i64> {
        let waiting = &self.position(sku)?.waiting;
        let Some(at) = waiting.iter().position(|w| w.order == of.0 && w.line == of.1) else { return Ok(0) };
        let (wanted, channel) = (wanted.min(waiting[at].quantity), waiting[at].channel.clone());
        let (mut free, most) = self.free_to(sku, &channel)?;
        free.retain(|(spot, _)| place_of(*spot) == place);
        self.give(sku, at, &pick(&free, wanted.min(most)))
    }

    /// Reserves units for what stands at a place of the queue; how many.
    fn give(&mut self, sku: &str, at: usize, taken: &[(SpotNo, i64)]) -> Res<i64> {
        let given = shelf::sum(taken);
        let Some(w) = self.position(sku)?.waiting.get(at).cloned().filter(|_| given > 0) else {
            return Ok(0);
        };
        for (spot, quantity) in taken {
            self.supply(&w.order, &w.line, sku, (*spot, *quantity))?;
        }
        let waiting = &mut self.position(sku)?.waiting;
        waiting[at].quantity -= given;
        if waiting[at].quantity <= 0 {
            waiting.remove(at);
        }
        Ok(given)
    }

    /// Units for demand that lost others: elsewhere, then at the same place if it has more. What is not found waits
    /// before all others, since the demand is older than theirs.
    pub fn replace(&mut self, order: &str, (line, sku): (&str, &str), place: PlaceNo, wanted: i64) -> Res {
        let channel = self.order(order)?.channel.clone();
        let (free, most) = self.free_to(sku, &channel)?;
        let (mut elsewhere, here): (Vec<_>, Vec<_>) =
            free.into_iter().partition(|(s, _)| place_of(*s) != place);
        elsewhere.extend(here);
        let mut left = wanted;
        for (spot, quantity) in pick(&elsewhere, wanted.min(most)) {
            self.supply(order, line, sku, (spot, quantity))?;
            left -= quantity;
        }
        if left > 0 {
            let wait = Wait { order: order.to_owned(), line: line.to_owned(), quantity: left, channel };
            self.position(sku)?.waiting.insert(0, wait);
        }
        Ok(())
    }

    /// Reserves units for demand that was answered before, and lets the order know.
    pub fn supply(&mut self, order: &str, line: &str, sku: &str, at: (SpotNo, i64)) -> Res {
        self.hold(order, line, sku, at)?;
        let held = self.held(line, sku, at.0, at.1);
        self.supplied.entry(order.to_owned()).or_default().push((held, at.0));
        Ok(())
    }

    /// Units at a spot, as an order is told of them: orders know places, the warehouse knows the rest.
    pub fn held(&self, line: &str, sku: &str, spot: SpotNo, quantity: i64) -> Held {
        let place = self.state.place_name(place_of(spot)).to_owned();
        Held { line: line.to_owned(), sku: sku.to_owned(), place, quantity }
    }

    /// Ends the decision: serves who waits, notes shortages and what is to be published, and writes what changed.
    pub fn close(mut self) -> Res<Decision<State, Row>> {
        let skus: Vec<String> = self.positions.keys().cloned().collect();
        for sku in &skus {
            self.serve(sku)?;
        }
        self.tell_supplied()?;
        shortage::watch(&mut self, &skus)?;
        supply::tell_changes(&mut self, &skus)?;
        let mut changed = std::mem::take(&mut self.announce);
        let keep_from = self.now.0.saturating_sub(self.policy.report_lag.0);
        for sku in &skus {
            let (stored, now) = (self.stored_position(sku)?, self.positions.get(sku));
            if self.figures(sku, stored) != self.figures(sku, now) {
                changed.push(sku.clone());
                self.position(sku)?.corrections = 0;
            }
            self.position(sku)?.tidy(keep_from);
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
        let due = due::next(&self.state).map(Time);
        let mut decision = self.out.done(self.state, open, due);
        decision.rows = rows;
        Ok(decision)
    }

    fn tell_supplied(&mut self) -> Res {
        for (order, lines) in std::mem::take(&mut self.supplied) {
            let mut named = Vec::with_capacity(lines.len());
            for (l, spot) in &lines {
                named.push(self.spot_name(&l.sku, *spot)?);
            }
            let tuples = lines.iter().zip(&named);
            let tuples =
                tuples.map(|((l, _), at)| (l.line.as_str(), l.sku.as_str(), at.as_str(), l.quantity));
            self.out.fact("stock.supplied", &facts::Supplied { order: &order, lines: tuples.collect() })?;
            let message = Supplied { order: order.clone(), lines: lines.into_iter().map(|l| l.0).collect() };
            self.out.tell(&self.pool.tenant, ("order", &order), "stock.supplied", &message)?;
        }
        Ok(())
    }
}

fn wrong(key: &str, row: &Row) -> Fault {
    Fault::new("bad_state", format!("row {key:?} holds something else: {row:?}"))
}
