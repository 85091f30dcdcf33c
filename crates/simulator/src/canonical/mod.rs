//! Vendors without a wire: typed twins of the look-alikes that take the hub's commands as they are and answer with
//! outcomes and events, so that a run costs what the hub costs and not what requests, signatures and mappings cost.
//! They fail as the look-alikes do, and keep the same ledgers.

mod args;
mod desk;
mod erp;
mod oms;
mod payments;
mod returns;
mod shop;
#[cfg(test)]
mod tests;
mod warehouse;

use crate::faults::Faults;
use crate::trade::Deed;
use desk::Desk;
pub use desk::{Post, Posted};
use erp::Erp;
use hub::io::{Dispatch, Mode};
use lookalikes::parts::{Fate, Ledger, Outbox};
use lookalikes::{Idle, System};
use oms::Oms;
use payments::Payments;
use retail::envelope::Outcome;
use retail::time::Span;
use returns::Returns;
use shop::Shop;
use std::collections::BTreeMap;
use std::sync::Arc;
use warehouse::Warehouse;

/// How long a caller waits for an answer, in milliseconds, as the shipped connectors do.
const PATIENCE_MS: u64 = 30_000;

/// When goods of an order last left a warehouse: order management hears it from them.
type Yard = BTreeMap<String, i64>;

/// What becomes of a command that reached its vendor.
#[derive(Debug)]
pub struct Asked {
    /// None where nobody hears the answer.
    pub outcome: Option<Outcome>,
    pub wait_ms: u64,
    /// What is worth counting.
    pub mark: Option<&'static str>,
}

impl Asked {
    fn at_once(outcome: Outcome, mark: Option<&'static str>) -> Self {
        Self { outcome: Some(outcome), wait_ms: 0, mark }
    }

    fn failed(status: u16, mark: &'static str) -> Self {
        Self::at_once(desk::failed(status), Some(mark))
    }

    const fn cut() -> Self {
        Self { outcome: None, wait_ms: 0, mark: None }
    }
}

/// All vendors of a run.
#[derive(Debug)]
pub struct Canonical {
    shop: Shop,
    payments: Payments,
    erp: Erp,
    oms: Oms,
    north: Warehouse,
    south: Warehouse,
    returns: Returns,
    yard: Yard,
}

/// Who there is, in the order in which they are looked at.
pub const SYSTEMS: [System; 7] = [
    System::Shop,
    System::Stripe,
    System::Erp,
    System::Oms,
    System::WmsNorth,
    System::WmsSouth,
    System::Returns,
];

impl Canonical {
    pub fn new(seed: u64, faults: Faults) -> Self {
        let desk = |system| Desk::new(system, seed, faults);
        Self {
            shop: Shop::new(desk(System::Shop)),
            payments: Payments::new(desk(System::Stripe), faults.keeps_ms()),
            erp: Erp::new(desk(System::Erp)),
            oms: Oms::new(desk(System::Oms)),
            north: Warehouse::new(desk(System::WmsNorth), "wms-north"),
            south: Warehouse::new(desk(System::WmsSouth), "wms-south"),
            returns: Returns::new(desk(System::Returns)),
            yard: Yard::new(),
        }
    }

    /// The vendors behave from now on.
    pub fn calm(&mut self) {
        for system in SYSTEMS {
            if let Some(desk) = self.desk_mut(system) {
                desk.behave(Faults::none());
            }
        }
        self.payments.keeps_ms(Faults::none().keeps_ms());
    }

    fn desk(&self, system: System) -> Option<&Desk> {
        Some(match system {
            System::Shop => &self.shop.desk,
            System::Stripe => &self.payments.desk,
            System::Erp => &self.erp.desk,
            System::Oms => &self.oms.desk,
            System::WmsNorth => &self.north.desk,
            System::WmsSouth => &self.south.desk,
            System::Returns => &self.returns.desk,
            _ => return None,
        })
    }

    fn desk_mut(&mut self, system: System) -> Option<&mut Desk> {
        Some(match system {
            System::Shop => &mut self.shop.desk,
            System::Stripe => &mut self.payments.desk,
            System::Erp => &mut self.erp.desk,
            System::Oms => &mut self.oms.desk,
            System::WmsNorth => &mut self.north.desk,
            System::WmsSouth => &mut self.south.desk,
            System::Returns => &mut self.returns.desk,
            _ => return None,
        })
    }

    /// A system's ledger; none for who is not here.
    pub fn ledger(&self, system: System) -> Option<&Ledger> {
        self.desk(system).map(|desk| &desk.ledger)
    }

    /// A command arrives at a vendor, which does what it is asked or does not.
    pub fn ask(&mut self, now: i64, dispatch: &Dispatch) -> Asked {
        let system = if dispatch.system == "shop-status" {
            Some(System::Shop)
        } else {
            System::parse(&dispatch.system)
        };
        let find = dispatch.mode == Mode::Find;
        let Some((system, desk)) = system.and_then(|s| self.desk_mut(s).map(|desk| (s, desk))) else {
            return Asked::at_once(desk::fault(&format!("nobody here is {}", dispatch.system)), None);
        };
        if desk.down(now) {
            return if desk.luck.roll(500) { Asked::cut() } else { Asked::failed(503, "vendor_down") };
        }
        let mut fate = desk.habits.fate(&mut desk.luck, find);
        // Only who keeps answers under a key can repeat a failure for ever.
        if fate == Fate::ErrStored && system != System::Stripe {
            fate = Fate::ErrBefore;
        }
        match fate {
            Fate::Throttled { tell } => {
                let pause = i64::try_from(desk.habits.retry_after_s).unwrap_or(1);
                let retry_after = tell.then(|| Span::seconds(pause));
                return Asked::at_once(Outcome::Throttled { retry_after }, Some("vendor_throttled"));
            }
            Fate::ErrBefore => return Asked::failed(500, "vendor_failed"),
            Fate::LostBefore => return Asked::cut(),
            Fate::Fine | Fate::ErrStored | Fate::ErrAfter | Fate::LostAfter | Fate::Slow => {}
        }
        let slow = desk.habits.slow_ms;
        let command = &dispatch.command;
        let (outcome, mark) = match system {
            System::Stripe => self.payments.api(now, dispatch, fate),
            System::Shop => (self.shop.api(now, command), None),
            System::Erp => (self.erp.api(now, command, find), None),
            System::Oms => (self.oms.api(now, command, &self.yard), None),
            System::WmsNorth => self.north.api(now, command),
            System::WmsSouth => self.south.api(now, command),
            _ => (self.returns.api(now, command), None),
        };
        let done = matches!(outcome, Outcome::Done { .. } | Outcome::Accepted { .. });
        match fate {
            Fate::ErrAfter if done => Asked::failed(500, "vendor_failed"),
            Fate::LostAfter => Asked { outcome: None, wait_ms: 0, mark },
            Fate::Slow if slow > PATIENCE_MS => {
                Asked { outcome: None, wait_ms: PATIENCE_MS, mark: Some("vendor_too_slow") }
            }
            _ => Asked::at_once(outcome, mark),
        }
    }

    /// Does what is due and takes the messages that go out now.
    pub fn due(&mut self, now: i64) -> Vec<Posted> {
        self.payments.run(now);
        self.oms.run(now);
        self.north.run(now, &mut self.yard);
        self.south.run(now, &mut self.yard);
        let mut out = Vec::new();
        for system in SYSTEMS {
            if let Some(desk) = self.desk_mut(system) {
                desk.due(now, &mut out);
            }
        }
        out
    }

    /// When a vendor next does something by itself.
    pub fn next_due(&self) -> Option<i64> {
        let deeds =
            [self.payments.next_due(), self.oms.next_due(), self.north.next_due(), self.south.next_due()];
        let posts = SYSTEMS.into_iter().filter_map(|system| self.desk(system)?.next_due());
        deeds.into_iter().flatten().chain(posts).min()
    }

    /// What became of a message: anything but 2xx has it sent again later.
    pub fn delivered(&mut self, id: u64, now: i64, status: Option<u16>) {
        if let Some(desk) = Outbox::owner(id).and_then(|system| self.desk_mut(system)) {
            desk.delivered(id, now, status);
        }
    }

    /// How much is still to come.
    pub fn idle(&self) -> Idle {
        let mut idle = Idle::default();
        for desk in SYSTEMS.into_iter().filter_map(|system| self.desk(system)) {
            let state = desk.queue();
            idle.pending += state.pending;
            idle.in_flight += state.in_flight;
        }
        idle.pending +=
            self.payments.waiting() + self.oms.waiting() + self.north.waiting() + self.south.waiting();
        idle
    }

    /// What a system lists beyond the first `after` of its events, and whether there is more; or why it does not
    /// answer.
    ///
    /// # Errors
    /// When the call fails.
    pub fn listed(
        &mut self,
        now: i64,
        system: System,
        after: usize,
    ) -> Result<(Vec<Arc<Post>>, bool), &'static str> {
        self.desk_mut(system).map_or(Ok((Vec::new(), false)), |desk| desk.listed(now, after))
    }

    /// What the storefront shows as available, by SKU.
    pub fn shelves(&self) -> Vec<(String, i64)> {
        self.shop.shelves()
    }

    /// Somebody does something; whether the vendor let them.
    pub fn deed(&mut self, now: i64, deed: &Deed) -> bool {
        match deed {
            Deed::PlaceOrder(order) => {
                let placed = shop::PlacedOrder::new(order);
                let payment = self.payments.authorise(now, &placed.id, placed.total);
                self.shop.place(now, placed, payment);
                true
            }
            Deed::Cancel { source_id } => self.shop.cancel(now, source_id),
            Deed::SendBack { rma, requested_at, lines } => {
                self.returns.request(now, rma, requested_at, lines);
                true
            }
            Deed::OpeningStock { place, lines } => {
                self.place(place).open(now, lines);
                true
            }
            Deed::Receipt { place, receipt, lines } => {
                self.place(place).goods_in(now, receipt, lines);
                true
            }
            Deed::Adjust { place, adjustment, line } => self.place(place).adjust(now, adjustment, *line),
            Deed::RefundAtProvider { payment, amount } => {
                self.payments.refund_by_hand(now, payment.as_str().unwrap_or_default(), *amount)
            }
        }
    }

    fn place(&mut self, place: &str) -> &mut Warehouse {
        if place == "wms-north" { &mut self.north } else { &mut self.south }
    }
}
