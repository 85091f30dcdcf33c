//! The world: all systems, each behind its own lock, so that a server may ask several at once. With one caller
//! the locks are never waited for and everything happens in the order of the calls.

use crate::base::desk::Vendor;
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Request, Response};
use crate::base::ledger::Shown;
use crate::base::lists;
use crate::base::queue::{Delivery, Outbox};
use crate::base::system::System;
use crate::config::WorldConfig;
use crate::erp::Erp;
use crate::lab;
use crate::oms::Oms;
use crate::returns::Returns;
use crate::roles::{Carrier, Customers, Fraud, Giftcards, Notifications, Promotions, Road, Service, Tax};
use crate::shop::Shop;
use crate::stripe::Stripe;
use crate::wms::{Wms, Yard};
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// All the systems. Nothing in it moves by itself: whoever drives it calls [`World::handle`] for a request,
/// [`World::due`] when [`World::next_due`] has come, and [`World::delivered`] once a webhook was tried.
#[derive(Debug)]
pub struct World {
    config: Mutex<WorldConfig>,
    pub(crate) shop: Mutex<Shop>,
    pub(crate) stripe: Mutex<Stripe>,
    erp: Mutex<Erp>,
    oms: Mutex<Oms>,
    north: Mutex<Wms>,
    south: Mutex<Wms>,
    returns: Mutex<Returns>,
    customers: Mutex<Customers>,
    promotions: Mutex<Promotions>,
    tax: Mutex<Tax>,
    fraud: Mutex<Fraud>,
    carrier: Mutex<Carrier>,
    notifications: Mutex<Notifications>,
    service: Mutex<Service>,
    giftcards: Mutex<Giftcards>,
    business: AtomicI64,
    stopping: AtomicBool,
}

/// The business clock stands for nothing yet: the driver's clock is shown.
const NO_CLOCK: i64 = i64::MIN;

/// How much is still to come, over all systems.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Idle {
    /// Webhooks waiting and deeds put off.
    pub pending: usize,
    /// Webhooks taken by [`World::due`] and not yet settled.
    pub in_flight: usize,
    /// Webhooks given up.
    pub failed: usize,
    /// Age of the oldest thing pending or in flight; 0 where there is none.
    pub oldest_ms: i64,
}

pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// An empty world.
    #[must_use]
    pub fn new(config: WorldConfig) -> Self {
        let (yard, road) = (Yard::default(), Road::default());
        Self {
            shop: Mutex::new(Shop::new(&config)),
            stripe: Mutex::new(Stripe::new(&config)),
            erp: Mutex::new(Erp::new(&config)),
            oms: Mutex::new(Oms::new(&config, yard.clone())),
            north: Mutex::new(Wms::new(System::WmsNorth, &config, yard.clone(), road.clone())),
            south: Mutex::new(Wms::new(System::WmsSouth, &config, yard, road.clone())),
            returns: Mutex::new(Returns::new(&config)),
            customers: Mutex::new(Customers::new(&config)),
            promotions: Mutex::new(Promotions::new(&config)),
            tax: Mutex::new(Tax::new(&config)),
            fraud: Mutex::new(Fraud::new(&config)),
            carrier: Mutex::new(Carrier::new(&config, road)),
            notifications: Mutex::new(Notifications::new(&config)),
            service: Mutex::new(Service::new(&config)),
            giftcards: Mutex::new(Giftcards::new(&config)),
            business: AtomicI64::new(NO_CLOCK),
            stopping: AtomicBool::new(false),
            config: Mutex::new(config),
        }
    }

    pub(crate) fn with<R>(&self, system: System, f: impl FnOnce(&mut dyn Vendor) -> R) -> R {
        match system {
            System::Shop => f(&mut *lock(&self.shop)),
            System::Stripe => f(&mut *lock(&self.stripe)),
            System::Erp => f(&mut *lock(&self.erp)),
            System::Oms => f(&mut *lock(&self.oms)),
            System::WmsNorth => f(&mut *lock(&self.north)),
            System::WmsSouth => f(&mut *lock(&self.south)),
            System::Returns => f(&mut *lock(&self.returns)),
            System::Customers => f(&mut *lock(&self.customers)),
            System::Promotions => f(&mut *lock(&self.promotions)),
            System::Tax => f(&mut *lock(&self.tax)),
            System::Fraud => f(&mut *lock(&self.fraud)),
            System::Carrier => f(&mut *lock(&self.carrier)),
            System::Notifications => f(&mut *lock(&self.notifications)),
            System::Service => f(&mut *lock(&self.service)),
            System::Giftcards => f(&mut *lock(&self.giftcards)),
        }
    }

    fn moment(&self, now: i64) -> Moment {
        let business = self.business.load(Ordering::Relaxed);
        Moment { now, business: if business == NO_CLOCK { now } else { business } }
    }

    /// The configuration as it is now.
    #[must_use]
    pub fn config(&self) -> WorldConfig {
        lock(&self.config).clone()
    }

    pub(crate) fn hub(&self) -> String {
        lock(&self.config).hub.clone()
    }

    /// Takes a new configuration; what is under way goes on.
    pub fn configure(&self, config: WorldConfig) {
        for system in System::ALL {
            self.with(system, |vendor| vendor.configure(&config));
        }
        *lock(&self.config) = config;
    }

    /// Sets the business clock in milliseconds since 1970; none lets it follow the driver's clock.
    pub fn set_clock(&self, business: Option<i64>) {
        self.business.store(business.unwrap_or(NO_CLOCK), Ordering::Relaxed);
    }

    /// What the business clock shows.
    #[must_use]
    pub fn clock(&self, now: i64) -> i64 {
        self.moment(now).business
    }

    /// Whether `/_lab/stop` was called.
    #[must_use]
    pub fn stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Answers a request. `now` is the driver's clock in milliseconds since 1970.
    pub fn handle(&self, now: i64, request: &Request) -> Response {
        let at = self.moment(now);
        let (first, call) = Call::split(request);
        if first == "_lab" {
            return lab::whole(self, at, &call);
        }
        let Some(system) = System::parse(&first) else {
            return Response::not_found(&format!("no system has the prefix '/{first}'"));
        };
        match call.path().as_slice() {
            ["_ledger"] => self.with(system, |vendor| {
                let rows = vendor.desk().ledger.lines(call.number("after", 0), call.number("limit", 1000));
                Response::text(200, "application/x-ndjson", rows)
            }),
            ["_lab", rest @ ..] => lab::system(self, at, system, rest, &call),
            _ => self.with(system, |vendor| serve(vendor, at, &call)),
        }
    }

    /// Does what is due in all systems and takes the webhooks that are to go out now.
    pub fn due(&self, now: i64) -> Vec<Delivery> {
        System::ALL.into_iter().flat_map(|system| self.due_of(system, now)).collect()
    }

    /// The same for one system.
    pub fn due_of(&self, system: System, now: i64) -> Vec<Delivery> {
        let at = self.moment(now);
        self.with(system, |vendor| {
            vendor.run(at);
            let mut out = Vec::new();
            while let Some(item) = vendor.desk_mut().outbox.take(now) {
                out.push(vendor.write(&item, now));
            }
            out
        })
    }

    /// When [`World::due`] next has something to do; none while everything waits for something else.
    #[must_use]
    pub fn next_due(&self) -> Option<i64> {
        System::ALL.into_iter().filter_map(|system| self.next_due_of(system)).min()
    }

    /// The same for one system.
    #[must_use]
    pub fn next_due_of(&self, system: System) -> Option<i64> {
        self.with(system, |vendor| {
            let queue = vendor.desk().outbox.state().next;
            [queue, vendor.agenda().next].into_iter().flatten().min()
        })
    }

    /// What became of a delivery: the hub's status, or none where there was no answer. Anything but 2xx has it sent
    /// again later.
    pub fn delivered(&self, id: u64, now: i64, status: Option<u16>) {
        if let Some(system) = Outbox::owner(id) {
            self.with(system, |vendor| vendor.desk_mut().outbox.settle(id, now, status));
        }
    }

    /// Shows rows of a system's ledger after the first `after`.
    pub fn each_row(&self, system: System, after: usize, with: &mut dyn FnMut(&Shown<'_>)) {
        self.with(system, |vendor| {
            vendor.desk().ledger.shown_after(after).for_each(|(_, row)| with(&row));
        });
    }

    /// How much is still to come.
    #[must_use]
    pub fn idle(&self, now: i64) -> Idle {
        System::ALL.into_iter().map(|system| self.idle_of(system, now)).fold(Idle::default(), |sum, one| {
            Idle {
                pending: sum.pending + one.pending,
                in_flight: sum.in_flight + one.in_flight,
                failed: sum.failed + one.failed,
                oldest_ms: sum.oldest_ms.max(one.oldest_ms),
            }
        })
    }

    /// The same for one system.
    #[must_use]
    pub fn idle_of(&self, system: System, now: i64) -> Idle {
        self.with(system, |vendor| {
            let (queue, agenda) = (vendor.desk().outbox.state(), vendor.agenda());
            let oldest = [queue.oldest, agenda.oldest].into_iter().flatten().min();
            Idle {
                pending: queue.pending + agenda.waiting,
                in_flight: queue.in_flight,
                failed: queue.failed,
                oldest_ms: oldest.map_or(0, |t| now.saturating_sub(t).max(0)),
            }
        })
    }
}

/// One call of a system's interface, with the habits it has.
fn serve(vendor: &mut dyn Vendor, at: Moment, call: &Call<'_>) -> Response {
    if !vendor.desk().admits(call) {
        return vendor.trouble(401, "unauthorised", "the bearer token is missing or wrong");
    }
    if vendor.desk().down(at.now) {
        // A dead server refuses connections, a dead one behind a proxy is answered for.
        let cut = vendor.desk_mut().luck.roll(500);
        let answer = vendor.trouble(503, "unavailable", "the system is down");
        return Response { lost: cut, ..answer };
    }
    let mut fate = vendor.desk_mut().fate(call);
    if fate == Fate::ErrStored && vendor.desk().system != System::Stripe {
        // Only Stripe keeps answers under a key; for the others this is a failure like any other.
        fate = Fate::ErrBefore;
    }
    match fate {
        Fate::Throttled { tell } => {
            let refusal = vendor.trouble(429, "rate_limited", "too many requests: ask later");
            let seconds = vendor.desk().habits.retry_after();
            return if tell { refusal.with("retry-after", seconds) } else { refusal };
        }
        Fate::ErrBefore => return vendor.trouble(500, "internal", "something went wrong"),
        Fate::LostBefore => return Response { lost: true, ..Response::default() },
        Fate::Fine | Fate::ErrStored | Fate::ErrAfter | Fate::LostAfter | Fate::Slow => {}
    }
    let desk = vendor.desk();
    let listed = call.method == "GET" && desk.link.feed && call.path().as_slice() == ["events"];
    let answer = match (call.method, call.path().as_slice()) {
        _ if listed => desk.feed.list(call),
        ("GET", ["lists", list]) => {
            lists::answer(desk.system, list, &desk.ledger, &vendor.shelf(), &desk.hands, call)
        }
        _ => vendor.api(at, call, fate),
    };
    match fate {
        Fate::ErrAfter if answer.ok() => vendor.trouble(500, "internal", "something went wrong"),
        Fate::LostAfter => Response { lost: true, ..answer },
        Fate::Slow => Response { wait_ms: vendor.desk().habits.slow_ms, ..answer },
        _ => answer,
    }
}
