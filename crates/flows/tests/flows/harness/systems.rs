//! The systems behind the commands, as far as the contract describes them, each with a ledger of what it did.
//! How they behave is set per test; by default everything goes well and is reported once.

use super::{Rng, checks, name};
use retail::envelope::{Command, Name, Outcome};
use retail::time::{Span, Time};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a test wants of the systems.
#[derive(Clone, Debug)]
pub struct Habits {
    /// Whether the order management allocates by itself.
    pub allocates: bool,
    /// In a hundred: a warehouse ships as soon as it is asked.
    pub ships: usize,
    /// Whether customers send back what is expected, and warehouses inspect it.
    pub sends_back: bool,
    /// In a hundred: the answer is lost first.
    pub unknown: usize,
    /// In a hundred: a command is refused for no good reason.
    pub refusing: usize,
    /// In a hundred: an event is reported again.
    pub repeat: usize,
    /// In a hundred: a shipment is split in two.
    pub split: usize,
    /// In a hundred: a warehouse cannot find a unit of a line.
    pub short: usize,
    /// In a hundred: a warehouse ships a unit more of a line than it was asked.
    pub over: usize,
    /// In a hundred: the order management cannot allocate a unit.
    pub unallocated: usize,
    /// In a hundred: the provider settles a refund later.
    pub pending: usize,
    /// In a hundred: a settled refund fails afterwards.
    pub reversed: usize,
    /// Whether the next settled refund fails afterwards.
    pub reverse_next: bool,
    /// In a hundred: an inspector rejects a unit.
    pub reject: usize,
    /// In a hundred: more units than expected, or fewer, come back.
    pub odd_receipt: usize,
    /// In a hundred: a check's verdict is against the order.
    pub against: usize,
    /// In a hundred: a check's verdict comes by event, or never where there is no event for it.
    pub by_event: usize,
    /// How long what is authorised anew lasts.
    pub renewed_for: Span,
    pub rng: Rng,
    /// Operations that are refused, with what.
    pub refuse: BTreeMap<String, String>,
    /// Operations whose answers are given by the test.
    pub silent: BTreeSet<String>,
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            allocates: true,
            ships: 0,
            sends_back: false,
            unknown: 0,
            refusing: 0,
            repeat: 0,
            split: 0,
            short: 0,
            over: 0,
            unallocated: 0,
            pending: 0,
            reversed: 0,
            reverse_next: false,
            reject: 0,
            odd_receipt: 0,
            against: 0,
            by_event: 0,
            renewed_for: Span::days(7),
            rng: Rng(1),
            refuse: BTreeMap::new(),
            silent: BTreeSet::new(),
        }
    }
}

/// (line, SKU, quantity).
pub type Line = (String, String, i64);

#[derive(Clone, Debug, Default)]
pub struct Systems {
    pub habits: Habits,
    /// Objects with a command under way.
    pub busy: BTreeSet<String>,
    /// Fulfilment orders that have not left: (place, order, lines).
    pub working: BTreeMap<String, (String, String, Vec<Line>)>,
    pub left: BTreeSet<String>,
    /// Tracking numbers of labels that were bought and not given back.
    pub labels: BTreeSet<String>,
    pub released: BTreeMap<String, Value>,
    pub cancelled: BTreeSet<String>,
    pub captured: BTreeMap<String, i64>,
    pub voided: BTreeSet<String>,
    /// By idempotency key: payment and amount.
    pub refunded: BTreeMap<String, (String, i64)>,
    /// By id: total.
    pub invoices: BTreeMap<String, i64>,
    pub memos: BTreeMap<String, i64>,
    /// Sales that the ERP knows, by SKU: order and order line.
    pub sales: BTreeMap<String, (String, String)>,
    /// By key: executor and amount.
    pub issued: BTreeMap<String, (String, i64)>,
    /// The executor that each payment was ever told to.
    pub executors: BTreeMap<String, String>,
    /// By invoice: the tax that was filed.
    pub taxes: BTreeMap<String, i64>,
    /// By operation and key: how often it was carried out.
    pub done: BTreeMap<String, u32>,
    /// Keys of messages and notes.
    pub messages: BTreeSet<String>,
    count: u32,
}

/// What came of a command.
#[derive(Debug, Default)]
pub struct Happened {
    pub outcomes: Vec<Outcome>,
    pub events: Vec<(&'static str, Name, Value)>,
}

fn text(v: &Value) -> String {
    v.as_str().unwrap().to_owned()
}

fn units(v: &Value) -> Vec<Line> {
    let lines = v.as_array().unwrap().iter();
    lines.map(|l| (text(&l["line"]), text(&l["sku"]), l["quantity"].as_i64().unwrap())).collect()
}

impl Systems {
    #[expect(clippy::unused_self, reason = "reads as a question to the systems")]
    pub fn role_of(&self, op: &str) -> &'static str {
        match op {
            "check_customer" => "customers/",
            "check_promotions" => "promotions/",
            "quote_tax" | "commit_tax" => "tax/",
            "screen_order" => "fraud/",
            "release_order" | "cancel_release" => "oms/",
            "create_fulfilment" | "cancel_fulfilment" | "amend_fulfilment" | "expect_return" | "dispose" => {
                "wms/"
            }
            "buy_label" | "void_label" => "carrier/",
            "capture" | "void" | "refund" | "issue_store_credit" | "check_payment" | "reauthorise" => {
                "payments/"
            }
            "refund_tax" => "tax/",
            "report_ready"
            | "report_shipment"
            | "report_cancellation"
            | "report_refund"
            | "publish_stock" => "storefront/",
            "update_return" => "returns/",
            "buy_return_label" => "carrier/",
            "notify_customer" => "notifications/",
            "note_case" => "service/",
            _ => "erp/",
        }
    }

    /// Carries a command out.
    pub fn execute(&mut self, c: &Command, now: Time) -> Happened {
        let args: Value = serde_json::from_str(c.args.get()).unwrap();
        let mut happened = Happened::default();
        if c.role == "payments" {
            self.told(c, &args);
        }
        if self.habits.silent.contains(&c.op) {
            return happened;
        }
        if let Some(code) = self.habits.refuse.get(&c.op) {
            let message = "as the test wants".to_owned();
            happened.outcomes.push(Outcome::Refused { code: code.clone(), message });
            return happened;
        }
        if self.habits.rng.chance(self.habits.refusing) {
            happened.outcomes.push(Outcome::Refused { code: "busy".into(), message: "not now".into() });
            return happened;
        }
        if self.habits.rng.chance(self.habits.unknown) {
            happened.outcomes.push(Outcome::Unknown { why: "no answer".into() });
        }
        *self.done.entry(c.key.clone()).or_default() += 1;
        if checks::is_check(&c.op) && self.habits.rng.chance(self.habits.by_event) {
            happened.outcomes.push(Outcome::Accepted { result: super::raw(&json!({})) });
            if c.op == "screen_order" {
                let said = checks::verdict(c, &args, &mut self.habits);
                let on = name("order", &text(&args["order"]));
                let data = json!({"order": args["order"], "decision": said["decision"], "reason": "score"});
                happened.events.push(("order.screened", on, data));
            }
            return happened;
        }
        let result = self.carry_out(c, &args, now, &mut happened.events);
        happened.outcomes.push(match result {
            Ok(result) => Outcome::Done { result: super::raw(&result) },
            Err(code) => Outcome::Refused { code: code.to_owned(), message: "too late".into() },
        });
        let again: Vec<_> =
            happened.events.iter().filter(|_| self.habits.rng.chance(self.habits.repeat)).cloned().collect();
        happened.events.extend(again);
        happened
    }

    /// No payment is ever told to two executors, and none to one that is no system.
    fn told(&mut self, c: &Command, args: &Value) {
        assert!(c.at != "exchange" && !c.at.is_empty(), "{} is told to {:?}", c.key, c.at);
        if let Some(payment) = args["payment"].as_str() {
            let before = self.executors.insert(payment.to_owned(), c.at.clone());
            assert!(before.is_none_or(|b| b == c.at), "{payment} is told to two executors");
        }
    }

    fn carry_out(
        &mut self,
        c: &Command,
        args: &Value,
        now: Time,
        events: &mut Vec<(&'static str, Name, Value)>,
    ) -> Result<Value, &'static str> {
        let reference = json!({"ref": format!("{}!", c.key)});
        match c.op.as_str() {
            "create_sales_order" => return Ok(json!({"ref": "SO", "total": args["total"]})),
            "post_invoice" => {
                let total = args["total"].as_i64().unwrap();
                let lines: i64 =
                    args["lines"].as_array().unwrap().iter().map(|l| l["amount"].as_i64().unwrap()).sum();
                assert_eq!(lines, total, "an invoice adds up");
                self.invoices.insert(text(&args["id"]), total);
                return Ok(json!({"ref": "I", "total": total}));
            }
            "post_credit_memo" => {
                let total = args["total"].as_i64().unwrap();
                let lines: i64 =
                    args["lines"].as_array().unwrap().iter().map(|l| l["amount"].as_i64().unwrap()).sum();
                assert_eq!(lines, total, "a credit memo adds up");
                assert!(
                    self.memos.insert(text(&args["reference"]), total).is_none(),
                    "a memo is posted once"
                );
                return Ok(json!({"ref": "CM", "total": total}));
            }
            "reverse_credit_memo" => {
                let memo = text(&args["reference"]);
                let there = self.memos.remove(&memo);
                assert_eq!(there, args["total"].as_i64(), "only a memo that is there is reversed, once");
            }
            "issue_store_credit" => {
                let amount = args["amount"].as_i64().unwrap();
                assert!(amount > 0);
                let first = self.issued.insert(c.key.clone(), (c.at.clone(), amount));
                assert!(first.is_none(), "a key is used once");
                return Ok(json!({"ref": format!("sc-{}", c.key), "code": "GIFT-1"}));
            }
            "release_order" => self.release(args, events),
            "cancel_release" => return self.cancel_release(args, &reference),
            "create_fulfilment" => self.fulfil(c, args, now, events),
            "cancel_fulfilment" => return self.cancel_fulfilment(args, &reference),
            "amend_fulfilment" if self.left.contains(&text(&args["id"])) => return Err("already_shipped"),
            "buy_label" => {
                self.count += 1;
                let tracking = format!("{}-t{}", text(&args["id"]), self.count);
                self.labels.insert(tracking.clone());
                return Ok(json!({"ref": "L", "tracking": tracking, "label": "^XA"}));
            }
            "void_label" => {
                assert!(self.labels.remove(&text(&args["tracking"])), "a label is given back once");
            }
            "capture" => {
                let amount = args["amount"].as_i64().unwrap();
                let payment = text(&args["payment"]);
                assert!(amount > 0 && !self.voided.contains(&payment));
                *self.captured.entry(payment).or_default() += amount;
                return Ok(json!({"ref": "ch", "amount": amount}));
            }
            "reauthorise" => {
                let payment = text(&args["payment"]);
                assert!(args["amount"].as_i64().unwrap() > 0 && !self.voided.contains(&payment));
                let again = format!("{}.{}", payment, c.key.rsplit_once('~').map_or("1", |x| x.1));
                let expires = now.plus(self.habits.renewed_for);
                return Ok(json!({"ref": "re", "payment": again, "expires_at": expires}));
            }
            "commit_tax" => {
                let tax = args["tax"].as_i64().unwrap();
                assert!(self.taxes.insert(text(&args["id"]), tax).is_none(), "tax is filed once");
            }
            op if checks::is_check(op) => return Ok(checks::verdict(c, args, &mut self.habits)),
            "void" => {
                let payment = text(&args["payment"]);
                assert!(!self.captured.contains_key(&payment), "only what is not captured is voided");
                assert!(self.voided.insert(payment));
            }
            "refund" => return Ok(self.refund(c, args, events)),
            "buy_return_label" => {
                let rma = text(&args["id"]);
                return Ok(
                    json!({"ref": "L", "tracking": format!("RT-{rma}"), "label": "https://labels.example/1"}),
                );
            }
            "find_sale" => {
                let found = self.sales.get(&text(&args["sku"]));
                return Ok(found.map_or(json!({}), |(o, l)| json!({"order": o, "order_line": l})));
            }
            "notify_customer" | "note_case" => {
                let told = c.key.clone();
                assert!(self.messages.insert(told), "{} is told once", c.key);
            }
            "expect_return" => self.come_back(c, args, now, events),
            _ => {}
        }
        Ok(reference)
    }

    fn release(&mut self, args: &Value, events: &mut Vec<(&'static str, Name, Value)>) {
        let id = text(&args["id"]);
        if !self.habits.allocates || self.cancelled.contains(&id) {
            return;
        }
        self.released.insert(id, args.clone());
        let mut shares: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let mut short = Vec::new();
        for l in args["lines"].as_array().unwrap() {
            let mut n = l["quantity"].as_i64().unwrap();
            if self.habits.rng.chance(self.habits.unallocated) {
                n -= 1;
                short.push(json!({"line": l["line"], "quantity": 1}));
            }
            if n > 0 {
                let line = json!({"line": l["line"], "sku": l["sku"], "quantity": n});
                shares.entry(text(&l["place"])).or_default().push(line);
            }
        }
        let shares: Vec<Value> =
            shares.into_iter().map(|(place, lines)| json!({"place": place, "lines": lines})).collect();
        let data =
            json!({"release": args["id"], "order": args["order"], "fulfilments": shares, "short": short});
        events.push(("order.allocated", name("order", &text(&args["order"])), data));
    }

    fn cancel_release(&mut self, args: &Value, reference: &Value) -> Result<Value, &'static str> {
        let id = text(&args["id"]);
        let order = text(&args["order"]);
        let number = id.strip_prefix(&format!("{order}-R")).unwrap();
        // Without a link from release to fulfilment order, anything of the order that has left is too late.
        if number.is_empty() || self.left.iter().any(|f| f.starts_with(&format!("{order}-F"))) {
            return Err("too_late");
        }
        self.cancelled.insert(id);
        Ok(reference.clone())
    }

    fn fulfil(
        &mut self,
        c: &Command,
        args: &Value,
        now: Time,
        events: &mut Vec<(&'static str, Name, Value)>,
    ) {
        let id = text(&args["id"]);
        let order = text(&args["order"]);
        self.working.insert(id.clone(), (c.at.clone(), order, units(&args["lines"])));
        if self.habits.rng.chance(self.habits.ships) {
            self.ship(&id, now, events);
        }
    }

    /// A warehouse ships what it works on, perhaps in parts, perhaps short.
    pub fn ship(&mut self, id: &str, now: Time, events: &mut Vec<(&'static str, Name, Value)>) {
        let Some((place, order, mut lines)) = self.working.remove(id) else { return };
        self.left.insert(id.to_owned());
        let mut missing = Vec::new();
        for l in &mut lines {
            if self.habits.rng.chance(self.habits.short) {
                l.2 -= 1;
                missing.push(json!({"line": l.0, "sku": l.1, "quantity": 1}));
            }
        }
        lines.retain(|l| l.2 > 0);
        for l in &mut lines {
            l.2 += i64::from(self.habits.rng.chance(self.habits.over));
        }
        let on = name("order", &order);
        if !missing.is_empty() {
            let data = json!({"id": format!("{id}-short"), "fulfilment": id, "order": order, "place": place, "lines": missing});
            events.push(("fulfilment.short", on.clone(), data));
        }
        let mut shipments = Vec::new();
        if lines.len() > 1 && self.habits.rng.chance(self.habits.split) {
            let rest = lines.split_off(1);
            shipments.push(rest);
        }
        shipments.push(lines);
        for lines in shipments.into_iter().filter(|s| !s.is_empty()) {
            self.count += 1;
            let shipment = format!("{id}-s{}", self.count);
            // Two parcels: the first unit of the first line travels alone where there is more.
            let lines: Vec<Value> =
                lines.iter().map(|l| json!({"line": l.0, "sku": l.1, "quantity": l.2})).collect();
            let parcels = json!([{"id": format!("{shipment}-p1"), "carrier": "dhl", "tracking": format!("{shipment}-t"), "lines": lines}]);
            let data = json!({
                "shipment": shipment, "fulfilment": id, "order": order, "place": place, "shipped_at": now,
                "parcels": parcels,
            });
            events.push(("shipment.confirmed", on.clone(), data));
        }
    }

    fn cancel_fulfilment(&mut self, args: &Value, reference: &Value) -> Result<Value, &'static str> {
        let id = text(&args["id"]);
        if self.left.contains(&id) {
            return Err("already_shipped");
        }
        self.working.remove(&id).map(|_| reference.clone()).ok_or("unknown")
    }

    fn refund(&mut self, c: &Command, args: &Value, events: &mut Vec<(&'static str, Name, Value)>) -> Value {
        let (payment, amount) = (text(&args["payment"]), args["amount"].as_i64().unwrap());
        assert!(amount > 0, "a refund of zero or below is never asked for (pitfall 2)");
        let credit = text(&args["credit"]);
        let first = self.refunded.insert(c.key.clone(), (payment.clone(), amount));
        assert!(first.is_none(), "a key is used once");
        let given: i64 = self.refunded.values().filter(|r| r.0 == payment).map(|r| r.1).sum();
        assert!(
            given <= self.captured.get(&payment).copied().unwrap_or(0),
            "M1: {payment} gives back {given}"
        );
        let report = json!({
            "refund": format!("re-{}", c.key), "credit": credit, "order": args["order"], "amount": amount,
            "currency": args["currency"],
        });
        let on = name("refund", &credit);
        let pending = self.habits.rng.chance(self.habits.pending);
        events.push(("refund.succeeded", on.clone(), report.clone()));
        if std::mem::take(&mut self.habits.reverse_next) || self.habits.rng.chance(self.habits.reversed) {
            self.refunded.remove(&c.key);
            events.push(("refund.failed", on, report));
        }
        let state = if pending { "pending" } else { "succeeded" };
        json!({"ref": format!("re-{}", c.key), "amount": amount, "state": state})
    }

    fn come_back(
        &mut self,
        c: &Command,
        args: &Value,
        now: Time,
        events: &mut Vec<(&'static str, Name, Value)>,
    ) {
        if !self.habits.sends_back {
            return;
        }
        let rma = text(&args["rma"]);
        let on = name("return", &rma);
        let (mut received, mut inspected) = (Vec::new(), Vec::new());
        for (line, sku, mut n) in units(&args["lines"]) {
            if self.habits.rng.chance(self.habits.odd_receipt) {
                n += self.habits.rng.within(-1, 1);
            }
            if n <= 0 {
                continue;
            }
            let bad = i64::from(self.habits.rng.chance(self.habits.reject));
            let grade = if bad > 0 { "X" } else { ["A", "B", "C"][self.habits.rng.below(3)] };
            received.push(json!({"line": line, "sku": sku, "quantity": n}));
            inspected.push(json!({
                "line": line, "sku": sku, "quantity": n, "grade": grade, "accepted": n - bad, "rejected": bad,
            }));
        }
        if received.is_empty() {
            return;
        }
        let receipt = format!("{rma}-rc");
        let place = c.at.clone();
        let data =
            json!({"receipt": receipt, "rma": rma, "place": place, "received_at": now, "lines": received});
        events.push(("return.received", on.clone(), data));
        let data =
            json!({"inspection": format!("{rma}-in"), "rma": rma, "receipt": receipt, "lines": inspected});
        events.push(("return.inspected", on, data));
    }
}
