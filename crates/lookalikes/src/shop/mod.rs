//! The storefront: Shopify's webhooks out; its Admin GraphQL interface and the canonical storefront role in.

mod admin;
mod lab;
mod list;
mod orders;
mod payload;
mod reports;

use crate::base::agenda::AgendaState;
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::lists::Shelved;
use crate::base::names::Names;
use crate::base::queue::{Delivery, Item, Payload};
use crate::base::sign;
use crate::base::system::System;
use crate::base::when;
use crate::config::WorldConfig;
use bytes::Bytes;
use orders::PlacedOrder;
pub(crate) use orders::{NewOrder, draft};
use reports::Shelf;
use std::collections::BTreeMap;

/// The storefront's state.
#[derive(Debug)]
pub(crate) struct Shop {
    desk: Desk,
    domain: String,
    source: String,
    names: Names,
    orders: Vec<PlacedOrder>,
    by_id: BTreeMap<Box<str>, u32>,
    returns: u64,
    shelves: BTreeMap<Box<str>, Shelf>,
    admin: admin::Admin,
    /// Points that the bucket holds, and that come back in a second.
    bucket: (i64, i64),
    /// Fulfilments in a thousand that are made of half of their lines, and then fail.
    half: u32,
    /// SKUs that are put together from others.
    bundles: Vec<String>,
}

impl Shop {
    pub(crate) fn new(config: &WorldConfig) -> Self {
        Self {
            desk: Desk::new(System::Shop, config),
            domain: config.shop.domain.clone(),
            source: config.shop.source.clone(),
            names: Names::default(),
            orders: Vec::new(),
            by_id: BTreeMap::new(),
            returns: 0,
            shelves: BTreeMap::new(),
            admin: admin::Admin::default(),
            bucket: (config.shop.bucket, config.shop.restore),
            half: config.shop.half,
            bundles: config.shop.bundles.clone(),
        }
    }

    /// The hub's id of an order of this shop.
    pub(crate) fn hub_id(&self, source_id: &str) -> String {
        format!("{}-{source_id}", self.source)
    }

    /// Whether an order is here.
    pub(crate) fn has(&self, source_id: &str) -> bool {
        self.by_id.contains_key(source_id)
    }

    fn order(&self, source_id: &str) -> Option<(u32, &PlacedOrder)> {
        let number = *self.by_id.get(source_id)?;
        self.orders.get(number as usize).map(|order| (number, order))
    }

    /// A UUID that a text decides.
    fn uuid(&self, what: &str) -> String {
        let (a, b) = (self.desk.number_of(what), self.desk.number_of(&format!("{what}.")));
        format!(
            "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }
}

impl Vendor for Shop {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn configure(&mut self, config: &WorldConfig) {
        self.desk.configure(config);
        self.domain.clone_from(&config.shop.domain);
        self.source.clone_from(&config.shop.source);
        self.bucket = (config.shop.bucket, config.shop.restore);
        self.half = config.shop.half;
        self.bundles.clone_from(&config.shop.bundles);
    }

    fn api(&mut self, at: Moment, call: &Call<'_>, _: Fate) -> Response {
        match (call.method, call.path().as_slice()) {
            ("GET", ["admin", "api", version, "orders.json"]) => self.list(call, version),
            ("POST", ["admin", "api", "2026-04", "graphql.json"]) => self.graphql(at, call),
            _ => self.report(at, call),
        }
    }

    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        self.trade(at, path, call)
    }

    fn shelf(&self) -> Vec<Shelved<'_>> {
        self.shelves
            .iter()
            .map(|(sku, shelf)| Shelved { sku, place: "", quantity: shelf.available })
            .collect()
    }

    fn run(&mut self, _: Moment) {}

    fn agenda(&self) -> AgendaState {
        AgendaState::default()
    }

    /// Headers of a Shopify webhook (shopify.dev/apps/build/webhooks/ignore-duplicates). The event id is that of
    /// the event; the webhook id is that of the delivery, so a duplicate, which comes of a second
    /// subscription, has another one while a retry has not. The body of a retry is that of the first attempt.
    fn write(&self, item: &Item, _: i64) -> Delivery {
        let body = match &item.payload {
            Payload::Ready(body) => body.clone(),
            Payload::Later(number) => match self.orders.get(*number as usize) {
                Some(order) => Bytes::from(payload::order(self, order, item.kind == "orders/cancelled")),
                None => Bytes::new(),
            },
        };
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("x-shopify-api-version", "2024-10".to_owned()),
            ("x-shopify-topic", item.kind.to_owned()),
            ("x-shopify-hmac-sha256", sign::shopify(&self.desk.link.secret, &body)),
            ("x-shopify-shop-domain", self.domain.clone()),
            ("x-shopify-webhook-id", self.uuid(&format!("delivery {}", item.id))),
            ("x-shopify-event-id", self.uuid(&item.event)),
            ("x-shopify-triggered-at", when::text(item.triggered)),
        ];
        self.desk.delivery(item, headers, body)
    }
}
