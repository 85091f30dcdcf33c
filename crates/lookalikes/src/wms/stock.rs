//! A warehouse's stock: counted, received, adjusted. A SKU never goes below zero.

use crate::base::http::{Call, Moment, Response};
use crate::base::ledger::{Head, Kind};
use crate::base::when;
use crate::wms::Wms;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Lines in one `stock.counted`.
const CHUNK: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    lines: Vec<Units>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoodsIn {
    receipt: String,
    lines: Vec<Units>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Adjustment {
    adjustment: String,
    #[serde(default)]
    reason: String,
    lines: Vec<Units>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Units {
    sku: String,
    quantity: i64,
}

impl Wms {
    pub(super) fn on_hand(&self, sku: &str) -> i64 {
        self.stock.get(sku).copied().unwrap_or(0)
    }

    pub(super) fn move_stock(&mut self, sku: &str, by: i64) {
        if let Some(on_hand) = self.stock.get_mut(sku) {
            *on_hand = on_hand.saturating_add(by);
        } else {
            self.stock.insert(sku.into(), by);
        }
    }

    pub(super) fn show_stock(&self) -> Response {
        Response::json(200, &json!({"place": self.config.place, "items": self.stock}))
    }

    /// Sets what is on hand, once per SKU, and counts it to the hub.
    pub(super) fn open(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let opening: Opening = call.json()?;
        if let Some(bad) =
            opening.lines.iter().find(|l| l.quantity < 0 || self.stock.contains_key(l.sku.as_str()))
        {
            let message = format!("{}: below zero or opened before; use receipts or adjustments", bad.sku);
            return Err(Response::refuse(422, "bad_opening", &message));
        }
        let place = self.config.place.clone();
        for chunk in opening.lines.chunks(CHUNK) {
            self.numbers.counts += 1;
            let count = self.own_id("COUNT", self.numbers.counts);
            let head = Head { reference: &count, place: &place, at: at.business, ..Head::default() };
            let mut entry = self.desk.ledger.document(&head);
            for line in chunk {
                entry.line(Kind::Opening, "", &line.sku, line.quantity, "");
            }
            for line in chunk {
                self.move_stock(&line.sku, line.quantity);
            }
            let lines: Vec<_> =
                chunk.iter().map(|l| json!({"sku": l.sku, "on_hand": self.on_hand(&l.sku)})).collect();
            let data =
                json!({"count": count, "place": place, "as_of": when::text(at.business), "lines": lines});
            self.desk.cloud_event(at, "stock.counted", &data);
        }
        Ok(Response::json(200, &json!({"opened": opening.lines.len()})))
    }

    /// Supply arrives.
    pub(super) fn goods_in(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        if let Some(answer) = self.desk.written.seen_as(&format!("lab/receipts/{}", receipt(call)?), call) {
            return Ok(answer);
        }
        let goods: GoodsIn = call.json()?;
        if let Some(bad) = goods.lines.iter().find(|l| l.quantity <= 0) {
            return Err(Response::refuse(422, "bad_quantity", &format!("{}: {}", bad.sku, bad.quantity)));
        }
        let place = self.config.place.clone();
        let head = Head { reference: &goods.receipt, place: &place, at: at.business, ..Head::default() };
        let mut entry = self.desk.ledger.document(&head);
        for line in &goods.lines {
            entry.line(Kind::StockReceived, "", &line.sku, line.quantity, "");
        }
        for line in &goods.lines {
            self.move_stock(&line.sku, line.quantity);
        }
        let data = json!({"receipt": goods.receipt, "place": place, "lines": goods.lines});
        self.desk.cloud_event(at, "stock.received", &data);
        Ok(self.desk.written.done_as(&format!("lab/receipts/{}", goods.receipt), call, "GR", None))
    }

    /// Found or lost units, signed. Never below zero: then all of it is refused.
    pub(super) fn adjust(&mut self, at: Moment, call: &Call<'_>) -> Result<Response, Response> {
        let wish: Adjustment = call.json()?;
        if let Some(bad) = wish.lines.iter().find(|l| self.on_hand(&l.sku) + l.quantity < 0) {
            let message = format!("{}: {} on hand", bad.sku, self.on_hand(&bad.sku));
            return Err(Response::refuse(422, "below_zero", &message));
        }
        let place = self.config.place.clone();
        let head = Head { reference: &wish.adjustment, place: &place, at: at.business, ..Head::default() };
        let mut entry = self.desk.ledger.document(&head);
        for line in &wish.lines {
            entry.line(Kind::Adjustment, "", &line.sku, line.quantity, &wish.reason);
        }
        for line in &wish.lines {
            self.move_stock(&line.sku, line.quantity);
        }
        let data = json!({"adjustment": wish.adjustment, "place": place, "reason": wish.reason, "lines": wish.lines});
        self.desk.cloud_event(at, "stock.adjusted", &data);
        Ok(Response::json(200, &json!({"adjusted": wish.lines.len()})))
    }
}

fn receipt(call: &Call<'_>) -> Result<String, Response> {
    #[derive(Deserialize)]
    struct Named {
        receipt: String,
    }
    call.json::<Named>().map(|n| n.receipt)
}
