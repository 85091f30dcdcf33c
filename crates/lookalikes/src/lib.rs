//! Doubles of vendors' systems: a storefront, a payment provider, an ERP, an order management system, two
//! warehouses, a returns platform, and whoever checks customers, promotions and fraud, works out tax, carries
//! parcels, writes to customers, serves them, and keeps their gift cards. Each keeps a **ledger of what it really did**, which is the judge when
//! the hub's own books are checked, and each has bad habits on demand.
//!
//! The core is a value: [`World::handle`] answers a request, [`World::due`] gives the webhooks that are to go
//! out, [`World::delivered`] takes what became of one. Time comes in as a number, so that a simulator can drive
//! it in virtual time; [`serve`] is the same world behind HTTP.
//!
//! **Must never know** the hub, its connectors, its types or its store: everything here is written from the
//! vendors' documentation, so that one misreading cannot pass on both sides. No crate of this workspace may be
//! a dependency. The core knows no clock, thread, socket or randomness but a seeded number.

mod base;
mod config;
mod courier;
mod erp;
mod lab;
mod oms;
mod returns;
mod roles;
mod serve;
mod shop;
mod stripe;
mod wms;
mod world;

pub use base::habits::BadHabits;
pub use base::http::{Request, Response};
pub use base::ledger::Kind;
pub use base::queue::Delivery;
pub use base::system::System;
/// What the look-alikes are made of, for vendors of another kind: ledgers, queues, habits, luck.
pub mod parts {
    pub use crate::base::agenda::{Agenda, AgendaState};
    pub use crate::base::habits::Fate;
    pub use crate::base::ledger::{Document, Head, Ledger, Shown};
    pub use crate::base::luck::{Luck, hash, permille};
    pub use crate::base::queue::{Item, Outbox, Payload, QueueState};
}
pub use config::{
    CarrierConfig, CustomersConfig, ErpConfig, FraudConfig, GiftcardsConfig, Grades, Link,
    NotificationsConfig, OmsConfig, PromotionsConfig, Retry, ReturnsConfig, ServiceConfig, ShopConfig,
    StripeConfig, StripeEvents, TaxConfig, WmsConfig, WorldConfig,
};
pub use serve::{ServeError, serve};
pub use world::{Idle, World};
