//! The carrier: sells labels, scans parcels on their way, and loses some.

use super::{Road, same, vendor};
use crate::base::agenda::{Agenda, AgendaState};
use crate::base::desk::{Desk, Vendor};
use crate::base::habits::Fate;
use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::luck::permille;
use crate::base::system::System;
use crate::base::when;
use crate::config::{CarrierConfig, WorldConfig};
use serde::Deserialize;
use serde_json::json;
use std::collections::BTreeMap;

/// The carrier's state.
#[derive(Debug)]
pub(crate) struct Carrier {
    desk: Desk,
    config: CarrierConfig,
    parcels: BTreeMap<Box<str>, Parcel>,
    later: Agenda<Scan>,
    road: Road,
}

#[derive(Debug)]
struct Parcel {
    order: Box<str>,
    voided: bool,
    /// Scans so far: none means that it is not under way.
    scans: u32,
}

/// A parcel's next scan.
#[derive(Debug)]
struct Scan {
    tracking: String,
    way: &'static [&'static str],
}

const DELIVERED: &[&str] = &["in_transit", "out_for_delivery", "delivered"];
const ATTEMPTED: &[&str] = &["in_transit", "out_for_delivery", "attempted", "out_for_delivery", "delivered"];
const LOST: &[&str] = &["in_transit", "lost"];
const REFUSED: &[&str] = &["in_transit", "out_for_delivery", "returned_to_sender"];
/// A parcel to the retailer: nobody misses it at the door.
const BACK: &[&str] = &["in_transit", "delivered"];

#[derive(Deserialize)]
struct Asked {
    id: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    fulfilment: String,
    #[serde(default)]
    to: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Void {
    id: String,
    tracking: String,
}

impl Carrier {
    pub(crate) fn new(config: &WorldConfig, road: Road) -> Self {
        Self {
            desk: Desk::new(System::Carrier, config),
            config: config.carrier.clone(),
            parcels: BTreeMap::new(),
            later: Agenda::default(),
            road,
        }
    }

    fn answer(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        match (call.method, call.path().as_slice()) {
            ("PUT", ["labels", id]) => self.label(at, id, Kind::Label, call),
            ("PUT", ["return-labels", id]) => self.label(at, id, Kind::ReturnLabel, call),
            ("PUT", ["label-voids", id]) => self.void(at, id, call),
            _ => Err(Response::not_found("the carrier has no such operation")),
        }
    }

    fn label(&mut self, at: Moment, id: &str, kind: Kind, call: &Call<'_>) -> Result<Response, Response> {
        let asked: Asked = call.json()?;
        same(id, &asked.id)?;
        let back = kind == Kind::ReturnLabel;
        let wanted = if back { asked.to.is_none() } else { asked.order.is_empty() };
        if wanted {
            let member = if back { "to" } else { "order" };
            return Err(Response::refuse(422, "missing_member", &format!("a label wants '{member}'")));
        }
        let word = if back { "return-label" } else { "label" };
        let tracking = format!("LC{:010}GB", self.desk.number_of(&format!("{word}/{id}")) % 10_000_000_000);
        // What a label is for: the fulfilment that it was bought for, or the return.
        let reference = if asked.fulfilment.is_empty() { id } else { &asked.fulfilment };
        let head = Head { reference, order: &asked.order, id: &tracking, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(kind, None);
        let parcel = Parcel { order: asked.order.as_str().into(), voided: false, scans: 0 };
        self.parcels.insert(tracking.as_str().into(), parcel);
        if let Some(delay) = self.config.send_back_ms.filter(|_| back) {
            let way = if self.share("lost", &tracking) < self.config.lost_rate { LOST } else { BACK };
            self.later.put(at.now, delay, Scan { tracking: tracking.clone(), way });
        }
        let label = format!("{word}/{tracking}");
        Ok(self.desk.written.told(call, 200, "LB", json!({"tracking": tracking, "label": label})))
    }

    fn void(&mut self, at: Moment, id: &str, call: &Call<'_>) -> Result<Response, Response> {
        let asked: Void = call.json()?;
        same(id, &asked.id)?;
        let Some(parcel) = self.parcels.get_mut(asked.tracking.as_str()) else {
            let message = format!("there is no label '{}'", asked.tracking);
            return Err(Response::refuse(404, "unknown_label", &message));
        };
        if parcel.scans > 0 {
            let message = format!("{} is under way", asked.tracking);
            return Err(Response::refuse(409, "in_use", &message));
        }
        parcel.voided = true;
        let order = parcel.order.clone();
        let head =
            Head { reference: id, order: &order, id: &asked.tracking, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::LabelVoided, None);
        Ok(self.desk.written.done(call, "LV", None))
    }

    fn share(&self, what: &str, tracking: &str) -> u32 {
        permille(self.desk.seed, &[what, tracking])
    }

    /// Takes what the warehouses handed over since.
    fn collect(&mut self) {
        while let Some((tracking, order, since)) = self.road.take() {
            let config = &self.config;
            let way = if self.share("lost", &tracking) < config.lost_rate {
                LOST
            } else if self.share("returned", &tracking) < config.returned_rate {
                REFUSED
            } else if self.share("attempted", &tracking) < config.attempted_rate {
                ATTEMPTED
            } else {
                DELIVERED
            };
            let parcel = Parcel { order: order.as_str().into(), voided: false, scans: 0 };
            self.parcels.entry(tracking.as_str().into()).or_insert(parcel);
            self.later.put(since, self.config.scan_ms, Scan { tracking, way });
        }
    }

    fn scan(&mut self, at: Moment, scan: Scan) {
        let Some(parcel) = self.parcels.get_mut(scan.tracking.as_str()).filter(|p| !p.voided) else { return };
        let [status, rest @ ..] = scan.way else { return };
        parcel.scans += 1;
        let order = parcel.order.clone();
        let head = Head { reference: &scan.tracking, order: &order, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).worded(Kind::Tracked, status, None);
        let data = json!({"tracking": scan.tracking, "status": status, "at": when::text(at.business)});
        self.desk.cloud_event(at, "parcel.tracked", &data);
        if !rest.is_empty() {
            self.later.put(at.now, self.config.scan_ms, Scan { way: rest, ..scan });
        }
    }
}

impl Vendor for Carrier {
    vendor!(answer, carrier);

    fn lab(&mut self, at: Moment, path: &[&str], call: &Call<'_>) -> Response {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Seen {
            tracking: String,
            status: String,
        }
        let ("POST", ["scans"]) = (call.method, path) else {
            return Response::not_found("see the README for what /carrier/_lab takes");
        };
        let seen: Seen = match call.json() {
            Ok(seen) => seen,
            Err(refusal) => return refusal,
        };
        let data = json!({"tracking": seen.tracking, "status": seen.status, "at": when::text(at.business)});
        self.desk.cloud_event(at, "parcel.tracked", &data);
        Response::json(200, &data)
    }

    fn run(&mut self, at: Moment) {
        self.collect();
        while let Some(scan) = self.later.take(at.now) {
            self.scan(at, scan);
        }
    }

    fn agenda(&self) -> AgendaState {
        let (own, (handed, since)) = (self.later.state(), self.road.waiting());
        AgendaState {
            waiting: own.waiting + handed,
            next: [own.next, since].into_iter().flatten().min(),
            oldest: [own.oldest, since].into_iter().flatten().min(),
        }
    }
}
