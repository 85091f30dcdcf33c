//! What systems told the hub by themselves, and what the hub made of it.

use crate::books::Books;
use crate::record::{Data, data};
use crate::thing::{Standing, Thing};
use retail::envelope::Json;
use retail::listing::ListKind;
use retail::time::Time;

impl Books {
    /// An event that a case took in; `began` is the earlier of when it happened and when it came.
    pub(crate) fn event(&mut self, kind: &str, case: &str, began: Time, at: Time, json: &Json) {
        match kind {
            "order.submitted" => self.submitted(case, began, at, &data(json)),
            "order.lines_changed" => {
                // How the storefront counts an order that it changed is its own affair.
                if let Some(system) = self.sources.get(case).cloned()
                    && let Some(thing) = self.things.get_mut(&(system, ListKind::Orders, case.to_owned()))
                {
                    (thing.units, thing.amount) = (None, None);
                    thing.goods.clear();
                    thing.touch(at);
                }
            }
            "shipment.confirmed" => self.shipped(began, at, &data(json)),
            "fulfilment.short" => self.shelf.left(&data(json)),
            "fulfilment.picked_up" => self.shelf.gone(&data(json)),
            "return.requested" => self.requested(began, at, &data(json)),
            "return.cancelled" => {
                for system in self.players("returns") {
                    self.settle(&(system, ListKind::Returns, case.to_owned()), Standing::Ended, at);
                }
            }
            "refund.succeeded" | "refund.failed" => self.refunded(kind, case, at, &data(json)),
            "payment.refunded_elsewhere" => self.refunded_elsewhere(began, at, &data(json)),
            _ => {}
        }
    }

    /// Facts of a case that say more than its events do.
    pub(crate) fn fact(&mut self, kind: &str, case: &str, at: Time, json: &Json) {
        if kind != "payment.captured" {
            return;
        }
        let (Some(payment), Some(amount)) = (data(json).payment, data(json).amount) else { return };
        // What one order of an exchange pays for another stands in no system.
        let Some((system, _)) = self.payments.get(&payment).cloned() else { return };
        let key = (system, ListKind::Captures, payment);
        self.paid(&key, Some(case.to_owned()), at);
        if let Some(thing) = self.things.get_mut(&key) {
            thing.amount = Some(thing.amount.unwrap_or(0) + amount);
            thing.touch(at);
        }
    }

    fn submitted(&mut self, case: &str, began: Time, at: Time, order: &Data) {
        self.know(case, &order.lines);
        for tender in &order.tenders {
            if let Some(system) = self.system("payments", &tender.executor) {
                let currency = tender.currency.clone().or_else(|| order.currency.clone());
                self.payments.insert(tender.payment.clone(), (system, currency));
            }
        }
        let Some(system) = self.system("storefront", order.source.as_deref().unwrap_or_default()) else {
            return;
        };
        self.sources.insert(case.to_owned(), system.clone());
        let key = (system, ListKind::Orders, case.to_owned());
        let mut thing = Thing {
            order: Some(case.to_owned()),
            amount: order.total,
            currency: order.currency.clone(),
            units: Some(0),
            standing: Standing::Told,
            ..Thing::about(&[case], began.min(order.placed_at.unwrap_or(began)))
        };
        for line in &order.lines {
            thing.count(line.sku.as_deref(), line.is_goods(), line.quantity.unwrap_or(0));
        }
        thing.touch(at);
        // Submitted again with other contents it stays what it was.
        self.thing(&key, || thing);
    }

    fn shipped(&mut self, began: Time, at: Time, shipment: &Data) {
        self.shelf.gone(shipment);
        let (Some(id), Some(place)) = (&shipment.shipment, &shipment.place) else { return };
        let Some(system) = self.system("wms", place) else { return };
        let mut thing = Thing {
            order: shipment.order.clone(),
            units: Some(0),
            standing: Standing::Told,
            ..Thing::about(&[id], began.min(shipment.shipped_at.unwrap_or(began)))
        };
        for parcel in &shipment.parcels {
            thing.tracking.extend(parcel.tracking.clone());
            for line in &parcel.lines {
                thing.count(line.sku.as_deref(), true, line.quantity.unwrap_or(0));
            }
        }
        thing.touch(at);
        self.thing(&(system, ListKind::Shipments, id.clone()), || thing);
    }

    fn requested(&mut self, began: Time, at: Time, wish: &Data) {
        let Some(rma) = &wish.rma else { return };
        let Some(system) = self.system("returns", wish.source.as_deref().unwrap_or_default()) else { return };
        let mut thing = Thing {
            rma: Some(rma.clone()),
            units: Some(0),
            standing: Standing::Told,
            ..Thing::about(&[rma], began)
        };
        for line in &wish.lines {
            thing.count(line.sku.as_deref(), true, line.quantity.unwrap_or(0));
        }
        thing.touch(at);
        self.thing(&(system, ListKind::Returns, rma.clone()), || thing);
    }

    /// A refund that was taken, and of which its executor now says what came of it.
    fn refunded(&mut self, kind: &str, credit: &str, at: Time, told: &Data) {
        let failed = kind == "refund.failed";
        let credit = told.credit.as_deref().unwrap_or(credit);
        for system in self.players("payments") {
            let named = |name: &str| self.called(&system, ListKind::Refunds, name);
            let Some(key) = told.refund.as_deref().and_then(named).or_else(|| named(credit)) else {
                continue;
            };
            if let Some(own) = &told.refund {
                self.name(&key, own);
            }
            self.settle(&key, if failed { Standing::Ended } else { Standing::Done }, at);
        }
    }

    fn refunded_elsewhere(&mut self, began: Time, at: Time, told: &Data) {
        let (Some(payment), Some(refund)) = (&told.payment, &told.refund) else { return };
        let Some((system, _)) = self.payments.get(payment).cloned() else { return };
        let mut thing = Thing {
            order: told.order.clone(),
            amount: told.amount,
            currency: told.currency.clone(),
            standing: Standing::Told,
            ..Thing::about(&[refund], began)
        };
        thing.touch(at);
        self.thing(&(system, ListKind::Refunds, refund.clone()), || thing);
    }
}
