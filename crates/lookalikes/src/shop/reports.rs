//! What the hub tells the storefront: the canonical storefront role.

use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::when;
use crate::shop::Shop;
use serde::{Deserialize, Serialize};

/// What the shop offers of one SKU, and how new that word is.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Shelf {
    pub seq: i64,
    pub available: i64,
}

#[derive(Deserialize)]
struct Shipment {
    id: String,
    order: String,
    shipped_at: Option<String>,
    parcels: Vec<Parcel>,
}

#[derive(Deserialize)]
struct Parcel {
    lines: Vec<LineUnits>,
}

#[derive(Deserialize)]
struct LineUnits {
    quantity: i64,
}

#[derive(Deserialize)]
struct Cancellation {
    id: String,
    order: String,
    lines: Vec<LineUnits>,
}

#[derive(Deserialize)]
struct Refund {
    id: String,
    order: String,
    currency: String,
    amount: i64,
    lines: Vec<LineUnits>,
}

#[derive(Deserialize)]
struct Stock {
    id: String,
    seq: i64,
    items: Vec<StockItem>,
}

#[derive(Deserialize)]
struct StockItem {
    sku: String,
    available: i64,
}

#[derive(Deserialize)]
struct ReadyForPickup {
    id: String,
    order: String,
}

fn units(lines: &[LineUnits]) -> i64 {
    lines.iter().map(|l| l.quantity).fold(0, i64::saturating_add)
}

fn differs(path: &str, body: &str) -> Response {
    Response::refuse(422, "id_differs", &format!("the path says '{path}', the body '{body}'"))
}

/// A report that was read and checked: what goes into the ledger.
struct Report {
    id: String,
    order: String,
    kind: Kind,
    units: i64,
    money: Option<(i64, String)>,
    at: i64,
}

fn read(at: Moment, what: &str, call: &Call<'_>) -> Result<Option<Report>, Response> {
    Ok(Some(match what {
        "fulfilments" => {
            let body: Shipment = call.json()?;
            let units = body.parcels.iter().map(|p| units(&p.lines)).fold(0, i64::saturating_add);
            let at = body.shipped_at.as_deref().and_then(when::parse).unwrap_or(at.business);
            Report { id: body.id, order: body.order, kind: Kind::ShipmentReported, units, money: None, at }
        }
        "cancellations" => {
            let body: Cancellation = call.json()?;
            let (kind, units) = (Kind::CancellationReported, units(&body.lines));
            Report { id: body.id, order: body.order, kind, units, money: None, at: at.business }
        }
        "refunds" => {
            let body: Refund = call.json()?;
            let (kind, units) = (Kind::RefundReported, units(&body.lines));
            let money = Some((body.amount, body.currency));
            Report { id: body.id, order: body.order, kind, units, money, at: at.business }
        }
        "ready" => {
            let body: ReadyForPickup = call.json()?;
            let kind = Kind::ReadyReported;
            Report { id: body.id, order: body.order, kind, units: 0, money: None, at: at.business }
        }
        _ => return Ok(None),
    }))
}

impl Shop {
    pub(crate) fn report(&mut self, at: Moment, call: &Call<'_>) -> Response {
        let answer = match (call.method, call.path().as_slice()) {
            ("PUT", ["orders", source_id, what, id]) => self.order_report(at, source_id, what, id, call),
            ("PUT", ["stock"]) => self.stock(at, call),
            _ => Err(Response::not_found("the storefront has no such operation")),
        };
        answer.unwrap_or_else(|refusal| refusal)
    }

    fn order_report(
        &mut self,
        at: Moment,
        source_id: &str,
        what: &str,
        id: &str,
        call: &Call<'_>,
    ) -> Result<Response, Response> {
        if !self.has(source_id) {
            return Err(Response::refuse(
                404,
                "unknown_order",
                &format!("the shop has no order {source_id}"),
            ));
        }
        if let Some(answer) = self.desk.written.seen(call) {
            return Ok(answer);
        }
        let Some(report) = read(at, what, call)? else {
            return Err(Response::not_found("an order takes fulfilments, ready, cancellations and refunds"));
        };
        if report.id != id {
            return Err(differs(id, &report.id));
        }
        let hub = self.hub_id(source_id);
        if report.order != hub {
            return Err(differs(&hub, &report.order));
        }
        let (amount, currency) = report.money.unzip();
        let head = Head {
            reference: &report.id,
            order: &report.order,
            amount,
            currency: currency.as_deref().unwrap_or_default(),
            at: report.at,
            ..Head::default()
        };
        self.desk.ledger.document(&head).whole(report.kind, Some(report.units));
        Ok(self.desk.written.done(call, "SHOP", None))
    }

    /// Availability: an item older, by `seq`, than what is known is ignored. The ledger counts the items taken.
    fn stock(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let body: Stock = call.json()?;
        let mut taken = 0;
        for item in &body.items {
            if let Some(known) = self.shelves.get_mut(item.sku.as_str()) {
                if known.seq > body.seq {
                    continue;
                }
                *known = Shelf { seq: body.seq, available: item.available };
            } else {
                let shelf = Shelf { seq: body.seq, available: item.available };
                self.shelves.insert(item.sku.as_str().into(), shelf);
            }
            taken += 1;
        }
        let head = Head { reference: &body.id, at: at.business, ..Head::default() };
        self.desk.ledger.document(&head).whole(Kind::StockPublished, Some(taken));
        Ok(Response::json(200, &serde_json::json!({"ref": format!("STOCK-{}", body.seq), "taken": taken})))
    }
}
