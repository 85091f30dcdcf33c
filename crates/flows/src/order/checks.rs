//! Checks of an order before anything of it is released: customer, promotions, tax, fraud and each payment, asked
//! of the systems that play the roles, all at once. The release waits for their verdicts as long as policy says.

use super::doc::{Doc, ShipTo};
use super::gates::{Check, CheckState};
use super::holding;
use super::prices::discounts;
use super::turn::Turn;
use crate::messages::is_virtual;
use crate::out::{Res, To};
use crate::policy::{CheckRule, WhenDown};
use retail::envelope::Class;
use retail::time::Time;
use serde::Serialize;
use std::sync::Arc;

pub(super) const CUSTOMER: &str = "customer";
pub(super) const PROMOTIONS: &str = "promotions";
pub(super) const TAX: &str = "tax";
pub(super) const FRAUD: &str = "fraud";
const PAYMENT: &str = "payment.";

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckCustomer<'a> {
    order: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a ShipTo>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckPromotions<'a> {
    order: &'a str,
    currency: &'a str,
    lines: Vec<Discounted<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Discounted<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
    amount: i64,
    discounts: Vec<Discount<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Discount<'a> {
    promotion: &'a str,
    amount: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct QuoteTax<'a> {
    id: &'a str,
    order: &'a str,
    currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a ShipTo>,
    lines: Vec<Taxed<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Taxed<'a> {
    line: &'a str,
    sku: &'a str,
    quantity: i64,
    amount: i64,
    tax: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ScreenOrder<'a> {
    order: &'a str,
    placed_at: Time,
    currency: &'a str,
    total: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_hash: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ship_to: Option<&'a ShipTo>,
    tenders: Vec<Paid<'a>>,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct Paid<'a> {
    kind: &'a str,
    executor: &'a str,
    amount: i64,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CheckPayment<'a> {
    payment: &'a str,
    order: &'a str,
}

/// The check of a tender, by its position.
pub(super) fn of_payment(tender: usize) -> String {
    format!("{PAYMENT}{}", tender + 1)
}

/// The tender that a payment's check is about.
pub(super) fn tender_of(code: &str) -> Option<usize> {
    code.strip_prefix(PAYMENT)?.parse::<usize>().ok()?.checked_sub(1)
}

/// What policy says about a check.
pub(super) fn rule<'p>(t: &Turn<'p>, code: &str) -> &'p CheckRule {
    let checkout = &t.policy.checkout;
    match code {
        CUSTOMER => &checkout.customer,
        PROMOTIONS => &checkout.promotions,
        TAX => &checkout.tax,
        FRAUD => &checkout.fraud,
        _ => &checkout.payment,
    }
}

/// Asks for every check that policy wants and a system can make. Once, when the order is placed.
pub(super) fn ask_all(t: &mut Turn<'_>) -> Res {
    let doc = Arc::clone(&t.doc);
    let discounted = doc.lines.iter().any(|l| l.discount > 0 || discounts(&l.prices).next().is_some());
    for (code, wanted) in [(CUSTOMER, true), (PROMOTIONS, discounted), (TAX, true), (FRAUD, true)] {
        if wanted && rule(t, code).ask && t.policy.asks.contains(role(code)) {
            ask(t, code)?;
        }
    }
    for (i, tender) in doc.tenders.iter().enumerate() {
        let open = !is_virtual(&tender.executor) && tender.captured < tender.authorised;
        if open && t.policy.checkout.payment.ask {
            ask(t, &of_payment(i))?;
        }
    }
    Ok(())
}

fn role(code: &str) -> &'static str {
    match code {
        CUSTOMER => "customers",
        PROMOTIONS => "promotions",
        TAX => "tax",
        FRAUD => "fraud",
        _ => "payments",
    }
}

fn ask(t: &mut Turn<'_>, code: &str) -> Res {
    let (doc, order) = (Arc::clone(&t.doc), t.order());
    // An object of its own: a check that hangs keeps nothing else from its system.
    let object = format!("check/{order}");
    let to = To { role: role(code), at: "", object: &object, class: Class::Checkout };
    match code {
        CUSTOMER => {
            let args =
                CheckCustomer { order, customer: doc.customer.as_deref(), ship_to: doc.ship_to.as_ref() };
            t.out.command(to, "check_customer", order, &args)?
        }
        PROMOTIONS => t.out.command(to, "check_promotions", order, &promotions(order, &doc))?,
        TAX => t.out.command(to, "quote_tax", order, &quote(order, &doc))?,
        FRAUD => t.out.command(to, "screen_order", order, &screen(order, &doc))?,
        _ => {
            let Some(tender) = tender_of(code).and_then(|i| doc.tenders.get(i)) else { return Ok(()) };
            let object = format!("check/{}", tender.payment);
            let to = To { at: &tender.executor, object: &object, ..to };
            let args = CheckPayment { payment: &tender.payment, order };
            t.out.command(to, "check_payment", &tender.payment, &args)?
        }
    };
    let until = Some(t.now.plus(rule(t, code).wait).0);
    t.body.checks.insert(code.to_owned(), Check { state: CheckState::Asked, until });
    Ok(())
}

fn promotions<'d>(order: &'d str, doc: &'d Doc) -> CheckPromotions<'d> {
    let lines = doc.lines.iter().map(|l| Discounted {
        line: &l.id,
        sku: &l.sku,
        quantity: l.quantity,
        amount: l.charge,
        discounts: discounts(&l.prices).map(|(promotion, amount)| Discount { promotion, amount }).collect(),
    });
    CheckPromotions { order, currency: doc.currency.code(), lines: lines.collect() }
}

fn quote<'d>(order: &'d str, doc: &'d Doc) -> QuoteTax<'d> {
    let lines = doc.lines.iter().map(|l| Taxed {
        line: &l.id,
        sku: &l.sku,
        quantity: l.quantity,
        amount: l.charge,
        tax: l.tax,
    });
    let (currency, ship_to) = (doc.currency.code(), doc.ship_to.as_ref());
    QuoteTax { id: order, order, currency, ship_to, lines: lines.collect() }
}

fn screen<'d>(order: &'d str, doc: &'d Doc) -> ScreenOrder<'d> {
    let tenders =
        doc.tenders.iter().map(|x| Paid { kind: &x.kind, executor: &x.executor, amount: x.authorised });
    ScreenOrder {
        order,
        placed_at: doc.placed_at,
        currency: doc.currency.code(),
        total: doc.total(),
        customer: doc.customer.as_deref(),
        email_hash: doc.email_hash.as_deref(),
        ship_to: doc.ship_to.as_ref(),
        tenders: tenders.collect(),
    }
}

/// What a check's command tells it by.
fn key(t: &Turn<'_>, code: &str) -> String {
    let order = t.order();
    match code {
        CUSTOMER => format!("check_customer:{order}"),
        PROMOTIONS => format!("check_promotions:{order}"),
        TAX => format!("quote_tax:{order}"),
        FRAUD => format!("screen_order:{order}"),
        _ => {
            let tender = tender_of(code).and_then(|i| t.doc.tenders.get(i));
            format!("check_payment:{}", tender.map_or("", |x| x.payment.as_str()))
        }
    }
}

/// The check that a command was ordered for, if it was for one.
pub(super) fn code_of(t: &Turn<'_>, op: &str, id: &str) -> Option<String> {
    Some(match op {
        "check_customer" => CUSTOMER.to_owned(),
        "check_promotions" => PROMOTIONS.to_owned(),
        "quote_tax" => TAX.to_owned(),
        "screen_order" => FRAUD.to_owned(),
        "check_payment" => of_payment(t.doc.tenders.iter().position(|x| x.payment == id)?),
        _ => return None,
    })
}

/// When the first check is not waited for any longer.
pub(super) fn due(t: &Turn<'_>) -> Option<Time> {
    t.body.checks.values().filter_map(|c| c.until).min().map(Time)
}

/// Goes on without the verdicts that have not come in time, as policy says.
pub(super) fn timer(t: &mut Turn<'_>) -> Res {
    let late: Vec<String> = t
        .body
        .checks
        .iter()
        .filter(|(_, c)| c.until.is_some_and(|u| u <= t.now.0))
        .map(|(code, _)| code.clone())
        .collect();
    for code in late {
        if let Some(check) = t.body.checks.get_mut(&code) {
            check.until = None;
        }
        let then = rule(t, &code).when_down;
        t.out.fact("order.checked", &serde_json::json!({"check": code, "verdict": "none", "then": then}))?;
        if then == WhenDown::Hold {
            holding::place(t, &code, "the check came to no verdict in time", holding::HUB)?;
        }
    }
    Ok(())
}

/// A person wants what could not be asked to be asked again.
pub(super) fn retry(t: &mut Turn<'_>) -> Res {
    let faulty = t.body.checks.iter().filter(|(_, c)| c.state == CheckState::Faulty);
    let faulty: Vec<String> = faulty.map(|(code, _)| code.clone()).collect();
    for code in faulty {
        let waited = t.body.checks.get(&code).is_some_and(|c| c.until.is_some());
        ask(t, &code)?;
        // A hold, or the decision to go on, stands until the verdict is there.
        if let Some(check) = t.body.checks.get_mut(&code).filter(|_| !waited) {
            check.until = None;
        }
    }
    Ok(())
}

/// The order is over: verdicts that are still to come are not wanted.
pub(super) fn forget(t: &mut Turn<'_>) {
    for (code, check) in std::mem::take(&mut t.body.checks) {
        let key = key(t, &code);
        match check.state {
            CheckState::Accepted => t.out.settle.push(key),
            _ => t.out.withdraw.push(key),
        }
    }
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![
        command::<CheckCustomer<'_>>("check_customer"),
        command::<CheckPromotions<'_>>("check_promotions"),
        command::<QuoteTax<'_>>("quote_tax"),
        command::<ScreenOrder<'_>>("screen_order"),
        command::<CheckPayment<'_>>("check_payment"),
    ]
}
