//! Cancellations on their way to becoming returns: which order each is asked of, and what must wait until more was
//! shipped.

use crate::live::error::LiveError;
use crate::live::lab::Lab;
use crate::live::rest::at_rest;
use crate::live::year::order_id;
use crate::trade::{Ask, Class, Matcher, NameId, OrderLine, Piece, SalesIndex, Trade};
use crate::wire::{NewReturn, NewReturnLine};
use retail::time::Time;
use std::collections::{BTreeMap, BTreeSet};
use tokio::task::JoinSet;

/// Orders that are asked at the same time.
const AT_ONCE: usize = 8;

/// Asks that wait, and what was asked by now.
pub(crate) struct Asks<'a> {
    lab: &'a Lab,
    trade: &'a Trade,
    index: SalesIndex,
    now: Time,
    fresh: Vec<Ask>,
    deferred: Vec<Ask>,
    /// SKUs of which units came in since the deferred asks were tried.
    supplied: BTreeSet<NameId>,
    /// Returns made for an invoice.
    rounds: BTreeMap<u32, u32>,
    asked: BTreeMap<u32, Vec<Piece>>,
    returns: u64,
}

/// What the hub says about the lines of orders.
type Views = BTreeMap<u32, Vec<OrderLine>>;

impl<'a> Asks<'a> {
    pub(crate) fn new(lab: &'a Lab, trade: &'a Trade) -> Self {
        Self {
            lab,
            trade,
            index: SalesIndex::of(trade),
            now: Time(0),
            fresh: Vec::new(),
            deferred: Vec::new(),
            supplied: BTreeSet::new(),
            rounds: BTreeMap::new(),
            asked: BTreeMap::new(),
            returns: 0,
        }
    }

    /// How many returns were asked for.
    pub(crate) const fn returns(&self) -> u64 {
        self.returns
    }

    /// Everything that was asked, by cancellation line.
    pub(crate) fn into_asked(self) -> BTreeMap<u32, Vec<Piece>> {
        self.asked
    }

    /// The clock of the business.
    pub(crate) const fn clock(&mut self, now: Time) {
        self.now = now;
    }

    /// Units came in: those that wait for them may be shipped by the next time.
    pub(crate) fn supplied<'s>(&mut self, skus: impl Iterator<Item = &'s str>) {
        self.supplied.extend(skus.filter_map(|sku| self.trade.skus.find(sku)));
    }

    /// Takes in cancellations, by invoice.
    pub(crate) fn add(&mut self, invoices: impl Iterator<Item = u32>) {
        for number in invoices {
            let Some(invoice) = self.trade.invoices.get(number as usize) else { continue };
            for (at, line) in (invoice.lines.start..).zip(self.trade.lines_of(invoice)) {
                if Trade::set_aside(Class::Cancellation, line).is_none() {
                    self.fresh.push(Ask { line: at, units: line.quantity.saturating_abs(), round: 0 });
                }
            }
        }
    }

    /// Asks for all that is new, and for what was deferred and may have been shipped since. Whether anything was
    /// asked. Hub and look-alikes must be at rest.
    pub(crate) async fn ask_due(&mut self) -> Result<bool, LiveError> {
        let supplied = std::mem::take(&mut self.supplied);
        let waiting = std::mem::take(&mut self.deferred);
        let (mut due, still): (Vec<Ask>, Vec<Ask>) =
            waiting.into_iter().partition(|ask| self.sku_of(*ask).is_some_and(|sku| supplied.contains(&sku)));
        due.append(&mut self.fresh);
        let any = self.ask(&due, false).await?;
        // Older ones first, so that they are served first.
        self.deferred.extend(still);
        self.deferred.sort_by_key(|ask| ask.line);
        Ok(any)
    }

    /// After the last day: asks again until nothing is deferred. What can still not be shipped when nothing moves any
    /// more is asked for all the same, so that the hub says what it makes of it.
    pub(crate) async fn settle_deferred(&mut self) -> Result<(), LiveError> {
        let mut before = i64::MAX;
        while !self.deferred.is_empty() {
            at_rest(&self.lab.hub, &self.lab.world).await?;
            let due = std::mem::take(&mut self.deferred);
            let units: i64 = due.iter().map(|ask| ask.units).sum();
            self.ask(&due, units >= before).await?;
            before = units;
        }
        Ok(())
    }

    fn sku_of(&self, ask: Ask) -> Option<NameId> {
        self.trade.lines.get(ask.line as usize).map(|l| l.sku)
    }

    /// The orders that may answer for an ask, oldest first.
    fn candidates(&self, ask: Ask) -> Vec<u32> {
        let Some(line) = self.trade.lines.get(ask.line as usize) else { return Vec::new() };
        let Some(invoice) = self.trade.invoice_of(line) else { return Vec::new() };
        if invoice.customer == 0 {
            return Vec::new();
        }
        self.index.earlier(self.trade, invoice.customer, line.sku, invoice.at)
    }

    async fn ask(&mut self, asks: &[Ask], force: bool) -> Result<bool, LiveError> {
        let wanted: BTreeSet<u32> = asks.iter().flat_map(|ask| self.candidates(*ask)).collect();
        let views = self.views(wanted).await?;
        let mut matcher = Matcher::default();
        let mut returns: BTreeMap<u32, NewReturn> = BTreeMap::new();
        for ask in asks {
            self.place(*ask, force, &views, &mut matcher, &mut returns);
        }
        for invoice in returns.keys() {
            *self.rounds.entry(*invoice).or_default() += 1;
        }
        for back in returns.values() {
            // What is restocked may be shipped to others who wait for it.
            self.supplied.extend(back.lines.iter().filter_map(|l| self.trade.skus.find(&l.sku)));
        }
        self.returns += returns.len() as u64;
        let any = !returns.is_empty();
        self.lab.world.ask_returns(returns.into_values().collect()).await?;
        Ok(any)
    }

    /// Spreads one ask over orders and writes it into the return of its invoice.
    fn place(
        &mut self,
        ask: Ask,
        force: bool,
        views: &Views,
        matcher: &mut Matcher,
        returns: &mut BTreeMap<u32, NewReturn>,
    ) {
        let trade = self.trade;
        let Some(line) = trade.lines.get(ask.line as usize) else { return };
        let sku = trade.skus.text(line.sku);
        let mut found = matcher.find(sku, ask.units, &self.candidates(ask), views);
        if force {
            found.left += std::mem::take(&mut found.deferred);
        }
        if found.deferred > 0 {
            self.deferred.push(Ask { units: found.deferred, round: ask.round + 1, ..ask });
        }
        for (order, order_line, units) in found.pieces {
            let named = trade.invoices.get(order as usize).map(|i| (order_id(i), order_line));
            self.write(ask, units, named, returns);
        }
        if found.left > 0 {
            self.write(ask, found.left, None, returns);
        }
    }

    fn write(
        &mut self,
        ask: Ask,
        units: i64,
        order: Option<(String, String)>,
        returns: &mut BTreeMap<u32, NewReturn>,
    ) {
        let trade = self.trade;
        let Some(line) = trade.lines.get(ask.line as usize) else { return };
        let Some(invoice) = trade.invoice_of(line) else { return };
        let rounds = self.rounds.get(&line.invoice).copied().unwrap_or(0);
        let number = &invoice.number;
        // The first return has the cancellation's number and time; what had to wait comes later under numbers of its
        // own.
        let back = returns.entry(line.invoice).or_insert_with(|| NewReturn {
            rma: if rounds == 0 { number.to_string() } else { format!("{number}-{}", rounds + 1) },
            requested_at: if rounds == 0 { invoice.at } else { self.now }.to_string(),
            customer: trade.customer(invoice),
            lines: Vec::new(),
        });
        let asked = self.asked.entry(ask.line).or_default();
        let return_line = format!("{}-{}", line.no, asked.len() + 1);
        let piece = Piece { rma: back.rma.clone(), return_line: return_line.clone(), units };
        asked.push(piece);
        let (order, order_line) = order.unzip();
        back.lines.push(NewReturnLine {
            line: return_line,
            order,
            order_line,
            sku: trade.skus.text(line.sku).to_owned(),
            quantity: units,
            reason: "other",
            r#type: "commercial",
            claimed_unit_price: Some(line.price.to_string()),
        });
    }

    /// What the hub says about orders. One that it does not know is left out.
    async fn views(&self, orders: BTreeSet<u32>) -> Result<Views, LiveError> {
        let mut views = Views::new();
        let mut left = orders.into_iter();
        let mut under_way = JoinSet::new();
        loop {
            while under_way.len() < AT_ONCE
                && let Some(number) = left.next()
            {
                let Some(invoice) = self.trade.invoices.get(number as usize) else { continue };
                let (hub, id) = (self.lab.hub.clone(), order_id(invoice));
                under_way.spawn(async move { (number, hub.order(&id).await) });
            }
            match under_way.join_next().await {
                None => return Ok(views),
                Some(Ok((number, view))) => views.extend(view?.map(|lines| (number, lines))),
                Some(Err(e)) => {
                    return Err(LiveError::Trade(format!("asking the hub for an order broke: {e}")));
                }
            }
        }
    }
}
