//! A warehouse: its own stock, fulfilment orders in, shipments out, returns received, inspected and disposed of.

mod fulfilments;
mod receiving;
mod stock;
mod yard;

use crate::base::agenda::{Agenda, AgendaState};
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::lists::Shelved;
use crate::base::system::System;
use crate::config::{WmsConfig, WorldConfig};
use crate::roles::Road;
use fulfilments::{Fulfilment, Order};
use receiving::{Arrival, Expected};
use serde::Deserialize;
use std::collections::BTreeMap;
pub(crate) use yard::Yard;

/// A warehouse's state.
#[derive(Debug)]
pub(crate) struct Wms {
    desk: Desk,
    config: WmsConfig,
    stock: BTreeMap<Box<str>, i64>,
    fulfilments: BTreeMap<Box<str>, Fulfilment>,
    later: Agenda<Later>,
    yard: Yard,
    road: Road,
    numbers: Numbers,
}

/// How many of each thing there were, for their ids.
#[derive(Debug, Default)]
struct Numbers {
    shipments: u32,
    shorts: u32,
    receipts: u32,
    counts: u32,
}

/// What the warehouse will do.
#[derive(Debug)]
enum Later {
    Pick(Order),
    Deliver {
        shipment: String,
        order: String,
    },
    /// What was picked is collected by the customer.
    Collect {
        order: Order,
        picked: Vec<Line>,
    },
    Receive(Expected),
    Inspect(Arrival),
}

/// Units of a SKU for one line of something.
#[derive(Clone, Debug, Deserialize, serde::Serialize)]
struct Line {
    line: String,
    sku: String,
    quantity: i64,
}

/// A line's quantity must be above zero.
fn positive(lines: &[Line]) -> Result<(), Response> {
    match lines.iter().find(|l| l.quantity <= 0) {
        None if lines.is_empty() => Err(Response::refuse(422, "missing_member", "there are no lines")),
        None => Ok(()),
        Some(bad) => {
            let message = format!("line {}: quantity {} is not positive", bad.line, bad.quantity);
            Err(Response::refuse(422, "bad_quantity", &message))
        }
    }
}

fn same_id(path: &str, body: &str) -> Result<(), Response> {
    if path == body {
        return Ok(());
    }
    Err(Response::refuse(422, "id_differs", &format!("the path says '{path}', the body '{body}'")))
}

fn of(config: &WorldConfig, system: System) -> &WmsConfig {
    if system == System::WmsSouth { &config.wms_south } else { &config.wms_north }
}

impl Wms {
    pub(crate) fn new(system: System, config: &WorldConfig, yard: Yard, road: Road) -> Self {
        Self {
            desk: Desk::new(system, config),
            config: of(config, system).clone(),
            stock: BTreeMap::new(),
            fulfilments: BTreeMap::new(),
            later: Agenda::default(),
            yard,
            road,
            numbers: Numbers::default(),
        }
    }

    /// An id of this warehouse's making, unique over all warehouses of a run.
    fn own_id(&self, letter: &str, number: u32) -> String {
        let run = self.desk.event_run();
        format!("{letter}{run}-{}-{number:06}", self.config.place)
    }
}

impl Vendor for Wms {
    fn desk(&self) -> &Desk {
        &self.desk
    }

    fn desk_mut(&mut self) -> &mut Desk {
        &mut self.desk
    }

    fn configure(&mut self, config: &WorldConfig) {
        self.desk.configure(config);
        self.config = of(config, self.desk.system).clone();
    }

    fn api(&mut self, at: Moment, call: &Call<'_>, _: Fate) -> Response {
        let answer = match (call.method, call.path().as_slice()) {
            ("PUT", ["fulfilment-orders", id]) => self.create(at, id, call),
            ("PUT", ["fulfilment-orders", id, "cancellation"]) => self.cancel(at, id, call),
            ("PUT", ["fulfilment-orders", id, "amendments", _]) => self.amend(at, id, call),
            ("PUT", ["expected-receipts", id]) => self.expect(at, id, call),
            ("PUT", ["dispositions", id]) => self.dispose(at, id, call),
            _ => Err(Response::not_found("the warehouse has no such operation")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        let answer = match (call.method, path) {
            ("POST", ["stock"]) => self.open(at, call),
            ("GET", ["stock"]) => Ok(self.show_stock()),
            ("POST", ["receipts"]) => self.goods_in(at, call),
            ("POST", ["adjustments"]) => self.adjust(at, call),
            _ => Err(Response::not_found("see the README for what a warehouse's _lab takes")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn shelf(&self) -> Vec<Shelved<'_>> {
        let place = &self.config.place;
        self.stock.iter().map(|(sku, quantity)| Shelved { sku, place, quantity: *quantity }).collect()
    }

    fn run(&mut self, at: Moment) {
        while let Some(deed) = self.later.take(at.now) {
            match deed {
                Later::Pick(order) => self.pick(at, &order),
                Later::Deliver { shipment, order } => self.deliver(at, &shipment, &order),
                Later::Collect { order, picked } => self.collect(at, &order, &picked),
                Later::Receive(expected) => self.receive(at, expected),
                Later::Inspect(arrival) => self.inspect(at, &arrival),
            }
        }
    }

    fn agenda(&self) -> AgendaState {
        self.later.state()
    }
}
