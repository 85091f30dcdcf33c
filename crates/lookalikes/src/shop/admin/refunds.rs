//! Refunds and cancellations: of money, of lines, or of the whole order.

use super::{Done, Refund, Wrong, gid, number_in};
use crate::base::http::Moment;
use crate::base::ledger::Kind;
use crate::shop::Shop;
use serde_json::{Value, json};

impl Shop {
    fn shown_refunds(&self, order: u32) -> Vec<Value> {
        let all = self.admin.lives.get(&order).map_or(&[][..], |l| &l.refunds);
        all.iter().map(shown).collect()
    }

    pub(super) fn refunds_of(&self, v: &Value) -> Done {
        let Some(order) = self.order_at(&v["order"])? else { return Ok(json!({"order": null})) };
        Ok(
            json!({"order": {"refunds": self.shown_refunds(order), "transactions": self.shown_transactions(order)}}),
        )
    }

    /// All of it or nothing: money back on captures, lines given back or taken off.
    pub(super) fn refund(&mut self, at: Moment, v: &Value) -> Done {
        let wish = &v["input"];
        let order = self.known_order(&wish["orderId"])?;
        let note = wish["note"].as_str().unwrap_or_default().to_owned();
        let money = self.asked_money(order, wish)?;
        let lines = self.asked_lines(order, wish)?;
        if money.is_empty() && lines.is_empty() {
            return Err(Wrong::User(
                "INVALID",
                "Refund must contain at least one thing to refund".to_owned(),
            ));
        }
        let reference = note.strip_prefix("hub ").unwrap_or_default().to_owned();
        for (parent, amount) in &money {
            self.transact(order, "REFUND", *amount, *parent);
            self.book_money(at, order, Kind::Refunded, &reference, *amount);
        }
        let (taken, given): (Vec<_>, Vec<_>) = lines.into_iter().partition(|l| l.2);
        let units = |lines: &[(u64, i64, bool)]| lines.iter().map(|l| l.1).sum();
        if !taken.is_empty() {
            self.book_shop(at, order, Kind::CancellationReported, &reference, units(&taken));
        } else if money.is_empty() {
            self.book_shop(at, order, Kind::RefundReported, &reference, units(&given));
        }
        let made = Refund { id: self.admin.number(), note, paid: !money.is_empty() };
        let told = shown(&made);
        let life = self.admin.lives.entry(order).or_default();
        for (line, quantity, _) in taken {
            *life.removed.entry(line).or_default() += quantity;
        }
        life.refunds.push(made);
        Ok(json!({"refundCreate": {"refund": told, "userErrors": []}}))
    }

    /// Money to be given back: the payment and the amount, which it must still have.
    fn asked_money(&self, order: u32, wish: &Value) -> Result<Vec<(u64, i64)>, Wrong> {
        let all = self.admin.lives.get(&order).map_or(&[][..], |l| &l.transactions);
        let mut out: Vec<(u64, i64)> = Vec::new();
        for asked in wish["transactions"].as_array().into_iter().flatten() {
            let parent = number_in(&asked["parentId"], "OrderTransaction")?;
            let amount = self.minor(order, &asked["amount"])?;
            let taken = all.iter().find(|t| t.id == parent && t.kind == "CAPTURE").map_or(0, |t| t.amount);
            let back: i64 = all.iter().filter(|t| t.parent == Some(parent)).map(|t| t.amount).sum();
            let more: i64 = out.iter().filter(|o| o.0 == parent).map(|o| o.1).sum();
            if asked["kind"] != "REFUND"
                || asked["gateway"] != "shopify_payments"
                || amount > taken - back - more
            {
                let message = "Refund amount is greater than the refundable amount".to_owned();
                return Err(Wrong::User("INVALID", message));
            }
            out.push((parent, amount));
        }
        Ok(out)
    }

    /// Lines: units, and whether they are taken off the order before they were fulfilled.
    fn asked_lines(&self, order: u32, wish: &Value) -> Result<Vec<(u64, i64, bool)>, Wrong> {
        let goods = self.goods(order);
        let mut out = Vec::new();
        for asked in wish["refundLineItems"].as_array().into_iter().flatten() {
            let line = number_in(&asked["lineItemId"], "LineItem")?;
            let quantity = asked["quantity"].as_i64().unwrap_or(0);
            let off = asked["restockType"] == "CANCEL";
            let found = goods.iter().find(|g| g.0 == line);
            let most = found.map_or(0, |g| if off { g.1 - g.2 - g.3 } else { g.1 });
            if quantity <= 0 || quantity > most || !(off || asked["restockType"] == "NO_RESTOCK") {
                let message = "Quantity cannot refund more items than were purchased".to_owned();
                return Err(Wrong::User("INVALID", message));
            }
            out.push((line, quantity, off));
        }
        Ok(out)
    }

    pub(super) fn cancellable(&self, v: &Value) -> Done {
        let Some(order) = self.order_at(&v["order"])? else { return Ok(json!({"order": null})) };
        let cancelled = self.orders.get(order as usize).and_then(|o| o.cancelled);
        let lines = self.goods(order).into_iter().map(|(line, quantity, removed, done)| {
            json!({"id": gid("LineItem", line), "quantity": quantity, "currentQuantity": quantity - removed,
                "unfulfilledQuantity": quantity - removed - done})
        });
        Ok(json!({"order": {"cancelledAt": cancelled.map(|(at, _)| crate::base::when::text(at)),
            "refunds": self.shown_refunds(order),
            "lineItems": {"nodes": lines.collect::<Vec<_>>(), "pageInfo": {"hasNextPage": false}}}}))
    }

    pub(super) fn cancel_whole(&mut self, at: Moment, v: &Value) -> Done {
        let order = self.known_order(&v["order"])?;
        let invalid = |message: &str| Wrong::User("INVALID", message.to_owned());
        let reasons = ["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "OTHER", "STAFF"];
        let reason = v["reason"].as_str().unwrap_or_default();
        if !reasons.contains(&reason) {
            return Err(invalid("reason is none of OrderCancelReason"));
        }
        let goods = self.goods(order);
        if goods.iter().any(|g| g.3 > 0) {
            return Err(invalid("Cannot cancel an order that has been fulfilled"));
        }
        let units = goods.iter().map(|g| g.1 - g.2).sum();
        let reason = self.names.id(&reason.to_ascii_lowercase());
        let Some(placed) = self.orders.get_mut(order as usize).filter(|o| o.cancelled.is_none()) else {
            return Err(invalid("Order has already been cancelled"));
        };
        placed.cancelled = Some((at.business, reason));
        let reference =
            v["note"].as_str().and_then(|n| n.strip_prefix("hub ")).unwrap_or_default().to_owned();
        self.book_shop(at, order, Kind::CancellationReported, &reference, units);
        let job = gid("Job", self.admin.number());
        Ok(json!({"orderCancel": {"job": {"id": job}, "orderCancelUserErrors": []}}))
    }
}

fn shown(refund: &Refund) -> Value {
    let status: &[Value] = if refund.paid { &[json!({"status": "SUCCESS"})] } else { &[] };
    json!({"id": gid("Refund", refund.id), "note": refund.note, "transactions": {"nodes": status}})
}
