//! The payment provider: it keeps the first answer to a key for a while, a failure of its own included, and lists
//! refunds late.

use super::args::{Payment, read, refused};
use super::desk::{Desk, done, failed, fault, said};
use hub::io::{Dispatch, Mode};
use lookalikes::Kind;
use lookalikes::parts::{Agenda, Fate, Head, permille};
use retail::envelope::{Command, Outcome, json};
use retail::time::Time;
use serde::Serialize;
use std::collections::BTreeMap;

/// Refunds in a thousand that come through later, and how much later, in milliseconds.
const PENDING: u32 = 100;
const PENDING_MS: u64 = 200;
const CURRENCY: &str = "GBP";

#[derive(Debug)]
pub struct Payments {
    pub desk: Desk,
    payments: Vec<Authorised>,
    refunds: Vec<Refund>,
    keys: BTreeMap<(String, Option<Time>), Kept>,
    keeps_ms: i64,
    later: Agenda<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    Authorised,
    Captured,
    Voided,
}

#[derive(Debug)]
struct Authorised {
    order: String,
    amount: i64,
    captured: i64,
    refunded: i64,
    status: Status,
    refunds: Vec<usize>,
}

#[derive(Debug)]
struct Refund {
    payment: usize,
    amount: i64,
    /// The command's key; empty for one made by hand.
    key: String,
    credit: String,
    made: i64,
    pending: bool,
}

/// The first answer to a key.
#[derive(Debug)]
struct Kept {
    since: i64,
    said: u64,
    outcome: Outcome,
}

#[derive(Serialize)]
struct Told<'a> {
    r#ref: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    amount: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
}

#[derive(Serialize)]
struct Refunded<'a> {
    refund: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    credit: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    order: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    payment: &'a str,
    amount: i64,
    currency: &'static str,
}

fn payment_id(number: usize) -> String {
    format!("pay-{number:06}")
}

fn refund_id(number: usize) -> String {
    format!("ref-{number:06}")
}

impl Payments {
    pub fn new(desk: Desk, keeps_ms: i64) -> Self {
        Self {
            desk,
            payments: Vec::new(),
            refunds: Vec::new(),
            keys: BTreeMap::new(),
            keeps_ms,
            later: Agenda::default(),
        }
    }

    pub const fn keeps_ms(&mut self, keeps_ms: i64) {
        self.keeps_ms = keeps_ms;
    }

    /// A checkout has authorised a payment for an order, in minor units; its id.
    pub fn authorise(&mut self, now: i64, order: &str, amount: i64) -> String {
        let number = self.payments.len();
        self.payments.push(Authorised {
            order: order.to_owned(),
            amount,
            captured: 0,
            refunded: 0,
            status: Status::Authorised,
            refunds: Vec::new(),
        });
        self.book(now, number, Kind::Authorised, amount);
        payment_id(number)
    }

    fn book(&mut self, now: i64, number: usize, kind: Kind, amount: i64) {
        let Some(payment) = self.payments.get(number) else { return };
        let (id, order) = (payment_id(number), &payment.order);
        let amount = Some(amount);
        let head = Head { reference: order, order, id: &id, currency: CURRENCY, amount, at: now, place: "" };
        self.desk.ledger.document(&head).whole(kind, None);
    }

    /// Answers a command, and says what was rare about it.
    pub fn api(&mut self, now: i64, dispatch: &Dispatch, fate: Fate) -> (Outcome, Option<&'static str>) {
        let command = &dispatch.command;
        if dispatch.mode == Mode::Find {
            return (self.find(now, command).unwrap_or_else(|refusal| refusal), None);
        }
        let key = (command.key.clone(), dispatch.renewed);
        match self.keys.get(&key) {
            Some(kept) if now.saturating_sub(kept.since) >= self.keeps_ms => {
                self.keys.remove(&key);
            }
            Some(kept) if kept.said == said(command) => {
                let failed = matches!(kept.outcome, Outcome::Unknown { .. });
                let mark = if failed { "stored_failure_repeated" } else { "key_recognised" };
                return (kept.outcome.clone(), Some(mark));
            }
            Some(_) => return (fault("one key with two bodies"), None),
            None => {}
        }
        let outcome = if fate == Fate::ErrStored {
            failed(500)
        } else {
            let outcome = self.act(now, command).unwrap_or_else(|refusal| refusal);
            let acted = !matches!(outcome, Outcome::Refused { .. } | Outcome::Fault { .. });
            // Done, but what is kept and told is the failure.
            if acted && fate == Fate::ErrAfter { failed(500) } else { outcome }
        };
        let mark = matches!(outcome, Outcome::Unknown { .. }).then_some("vendor_failed");
        // What is refused is not kept.
        if !matches!(outcome, Outcome::Refused { .. } | Outcome::Fault { .. }) {
            let kept = Kept { since: now, said: said(command), outcome: outcome.clone() };
            self.keys.insert(key, kept);
        }
        (outcome, mark)
    }

    fn number(&self, id: &str) -> Result<usize, Outcome> {
        let number = id.strip_prefix("pay-").and_then(|number| number.parse().ok());
        number
            .filter(|number| *number < self.payments.len())
            .ok_or_else(|| refused("resource_missing", format!("there is no payment {id}")))
    }

    fn act(&mut self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let asked: Payment<'_> = read(command)?;
        let number = self.number(&asked.payment)?;
        match command.op.as_str() {
            "capture" => self.capture(now, number, &asked),
            "void" => self.void(now, number, &asked),
            "refund" => {
                let made = self.give_back(now, number, asked.amount, &command.key, &asked.credit)?;
                Ok(self.shown(made))
            }
            other => Err(fault(&format!("the payment provider has no {other}"))),
        }
    }

    fn capture(&mut self, now: i64, number: usize, asked: &Payment<'_>) -> Result<Outcome, Outcome> {
        let Some(payment) = self.payments.get_mut(number) else { return Err(fault("no payment")) };
        match payment.status {
            // It is already as it is wanted.
            Status::Captured => return Ok(taken(&asked.payment, payment.captured)),
            Status::Voided => return Err(refused("payment_intent_unexpected_state", "it was voided")),
            Status::Authorised => {}
        }
        let left = payment.amount - payment.captured;
        if asked.amount <= 0 || asked.amount > left {
            return Err(refused("amount_too_large", format!("{} of {left} to be captured", asked.amount)));
        }
        payment.captured += asked.amount;
        if !asked.several {
            payment.status = Status::Captured;
        }
        self.book(now, number, Kind::Captured, asked.amount);
        Ok(taken(&asked.payment, asked.amount))
    }

    fn void(&mut self, now: i64, number: usize, asked: &Payment<'_>) -> Result<Outcome, Outcome> {
        let Some(payment) = self.payments.get_mut(number) else { return Err(fault("no payment")) };
        match payment.status {
            Status::Captured => return Err(refused("payment_intent_unexpected_state", "it was captured")),
            Status::Voided => {}
            Status::Authorised => {
                payment.status = Status::Voided;
                let amount = payment.amount;
                self.book(now, number, Kind::Voided, amount);
            }
        }
        Ok(done(&Told { r#ref: &asked.payment, amount: None, state: None }))
    }

    /// Gives money back; the number of the refund.
    fn give_back(
        &mut self,
        now: i64,
        number: usize,
        amount: i64,
        key: &str,
        credit: &str,
    ) -> Result<usize, Outcome> {
        let made = self.refunds.len();
        let Some(payment) = self.payments.get_mut(number) else { return Err(fault("no payment")) };
        let left = payment.captured - payment.refunded;
        if left <= 0 {
            return Err(refused("charge_already_refunded", "nothing is left to be refunded"));
        }
        if amount <= 0 || amount > left {
            return Err(refused("amount_too_large", format!("{amount} of {left} to be refunded")));
        }
        payment.refunded += amount;
        payment.refunds.push(made);
        let pending = !key.is_empty() && permille(self.desk.seed, &["refund pending", key]) < PENDING;
        let (id, order) = (refund_id(made), payment.order.clone());
        let reference = if credit.is_empty() { &id } else { credit };
        let head = Head {
            reference,
            order: &order,
            id: &id,
            currency: CURRENCY,
            amount: Some(amount),
            at: now,
            place: "",
        };
        self.desk.ledger.document(&head).whole(Kind::Refunded, None);
        let (key, credit) = (key.to_owned(), credit.to_owned());
        self.refunds.push(Refund { payment: number, amount, key, credit, made: now, pending });
        if pending {
            self.later.put(now, PENDING_MS, made);
        }
        Ok(made)
    }

    /// Somebody gives money back at the dashboard, which only an event tells of.
    pub fn refund_by_hand(&mut self, now: i64, payment: &str, amount: i64) -> bool {
        let made = self.number(payment).and_then(|number| self.give_back(now, number, amount, "", ""));
        let Ok(made) = made else { return false };
        let id = refund_id(made);
        let data = Refunded { refund: &id, credit: "", order: "", payment, amount, currency: CURRENCY };
        self.desk.tell(now, "payment.refunded_elsewhere", ("payment", payment), &data);
        true
    }

    fn shown(&self, made: usize) -> Outcome {
        let Some(refund) = self.refunds.get(made) else { return fault("no refund") };
        let id = refund_id(made);
        let state = Some(if refund.pending { "pending" } else { "succeeded" });
        let told = Told { r#ref: &id, amount: Some(refund.amount), state };
        if refund.pending {
            return Outcome::Accepted { result: json(&told).unwrap_or_default() };
        }
        done(&told)
    }

    /// Looks for what a command did: a payment by its id at once, a refund once it is listed.
    fn find(&self, now: i64, command: &Command) -> Result<Outcome, Outcome> {
        let asked: Payment<'_> = read(command)?;
        let number = self.number(&asked.payment)?;
        let Some(payment) = self.payments.get(number) else { return Err(fault("no payment")) };
        Ok(match command.op.as_str() {
            "capture" if payment.captured > 0 => taken(&asked.payment, payment.captured),
            "void" if payment.status == Status::Voided => {
                done(&Told { r#ref: &asked.payment, amount: None, state: None })
            }
            "refund" => {
                let lag = i64::try_from(self.desk.habits.lookup_lag_ms).unwrap_or(i64::MAX);
                let ours = |made: &&usize| {
                    let refund = self.refunds.get(**made);
                    refund.is_some_and(|r| r.key == command.key && now.saturating_sub(r.made) >= lag)
                };
                match payment.refunds.iter().find(ours) {
                    Some(made) => self.shown(*made),
                    None => Outcome::Absent,
                }
            }
            _ => Outcome::Absent,
        })
    }

    /// Refunds that were pending come through.
    pub fn run(&mut self, now: i64) {
        while let Some(made) = self.later.take(now) {
            let Some(refund) = self.refunds.get_mut(made) else { continue };
            refund.pending = false;
            let order = self.payments.get(refund.payment).map_or("", |payment| &payment.order);
            let (id, credit) = (refund_id(made), refund.credit.as_str());
            let amount = refund.amount;
            let data = Refunded { refund: &id, credit, order, payment: "", amount, currency: CURRENCY };
            self.desk.tell(now, "refund.succeeded", ("refund", credit), &data);
        }
    }

    pub fn next_due(&self) -> Option<i64> {
        self.later.state().next
    }

    pub fn waiting(&self) -> usize {
        self.later.state().waiting
    }
}

fn taken(payment: &str, amount: i64) -> Outcome {
    done(&Told { r#ref: payment, amount: Some(amount), state: None })
}
