//! Takes an order in: checks that it adds up, writes down what was placed, books its value, asks for stock.

use super::bundle::Bundle;
use super::counts;
use super::delivery::Address;
use super::doc::{self, Doc, Line, Tender};
use super::events::{Submitted, SubmittedLine};
use super::state::{Body, Counters, State, TenderSums, VERSION};
use super::turn::Turn;
use super::{advance, capture, change, checks, decide, lines, pool, prices};
use crate::early::Early;
use crate::messages::is_virtual;
use crate::out::{Out, Res};
use crate::policy::{Policy, Routes};
use crate::read::{MAX_AMOUNT, MAX_LINES, read};
use hub::process::Fault;
use retail::envelope::{Event, Name};
use retail::money::Currency;
use retail::time::Time;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

#[derive(Serialize)]
struct Placed<'a> {
    source: &'a str,
    currency: &'a str,
    total: i64,
    lines: usize,
}

/// Opens the order and takes in what came before it.
pub(super) fn submit<'a>(
    policy: &'a Policy,
    name: &'a Name,
    waiting: Option<&State>,
    event: &Event,
    now: Time,
) -> Res<Turn<'a>> {
    let doc = understand(name, read(&event.kind, &event.data)?)?;
    let mut t = place(policy, name, waiting, doc, (event.occurred, now))?;
    checks::ask_all(&mut t)?;
    start(t, waiting)
}

/// Writes down what was placed, books its value and asks for stock. `times`: when it was placed, and now.
pub(super) fn place<'a>(
    policy: &'a Policy,
    name: &'a Name,
    waiting: Option<&State>,
    doc: Doc,
    times: (Time, Time),
) -> Res<Turn<'a>> {
    let (occurred, now) = times;
    let mut doc = doc;
    doc.revision = policy.revision;
    if doc.routes.is_empty() {
        let about = (doc.brand.as_deref(), doc.source.as_str(), doc.region.as_deref());
        doc.routes = policy.routes_of(&name.value, about);
    }
    let raised = waiting.map(|s| s.body.raised.clone()).unwrap_or_default();
    let mut body = Body {
        version: VERSION,
        since: now.0,
        raised,
        lines: vec![Counters::default(); doc.lines.len()],
        tenders: vec![TenderSums::default(); doc.tenders.len()],
        ..Body::default()
    };
    body.answered = !doc.has_pooled();
    let out = Out::routed(&doc.routes);
    let mut t = Turn { policy, name, now, occurred, doc: Arc::new(doc), body, out };
    let doc = Arc::clone(&t.doc);
    let total = doc.total();
    let placed = Placed { source: &doc.source, currency: doc.currency.code(), total, lines: doc.lines.len() };
    t.out.fact("order.placed", &placed)?;
    for tender in doc.tenders.iter().filter(|x| !is_virtual(&x.executor)) {
        t.out.named(&name.tenant, "payment", &tender.payment);
    }
    change::bundles(&mut t, &doc.bundles)?;
    t.out.post(t.posting().order_booked(doc.money(total)))?;
    t.out.clear("order_not_submitted");
    for (i, tender) in doc.tenders.iter().enumerate() {
        capture::took(&mut t, i, tender.captured)?;
    }
    if !t.body.answered {
        pool::reserve(&mut t)?;
    }
    Ok(t)
}

/// Sets it going and takes in what came before it.
pub(super) fn start<'a>(mut t: Turn<'a>, waiting: Option<&State>) -> Res<Turn<'a>> {
    advance::advance(&mut t)?;
    replay(&mut t, waiting.map(|s| s.body.early.clone()).unwrap_or_default())?;
    Ok(t)
}

/// Takes in what came early, in the order of arrival. What cannot be taken in becomes an exception, since its
/// message was answered long ago.
fn replay(t: &mut Turn<'_>, early: Vec<Early>) -> Res {
    for one in early {
        let event = one.event(t.name);
        let (body, marks) = (t.body.clone(), t.out.marks());
        if let Err(fault) = decide::event(t, &event).and_then(|()| advance::advance(t)) {
            t.body = body;
            t.out.back_to(&marks);
            t.out.raise(
                "early_event_refused",
                "integration",
                format!(
                    "{} came before the order and does not fit it: {} ({})",
                    event.kind, fault.why, fault.code
                ),
                "compare the order with its sender and report the event again once it is right",
            );
        }
    }
    Ok(())
}

/// A second submission changes nothing; one that differs is shown to a person.
pub(super) fn again(t: &mut Turn<'_>, event: &Event) -> Res {
    let mut doc = understand(t.name, read(&event.kind, &event.data)?)?;
    // These are not the storefront's to say.
    doc.routes.clone_from(&t.doc.routes);
    doc.revision = t.doc.revision;
    if doc != *t.body.placed(&t.doc) {
        let settled = counts::settled(&t.doc, &t.body);
        t.out.raise(
            "order_changed",
            "customer_service",
            format!("the storefront submitted order {} again with other contents", t.name.value),
            if settled {
                "settle the difference by a return or a new order"
            } else {
                "cancel the lines that changed and have the customer order them anew"
            },
        );
    }
    Ok(())
}

fn understand(name: &Name, s: Submitted) -> Res<Doc> {
    if s.order != name.value {
        let why = format!("it says {:?} and came under the name of {:?}", s.order, name.value);
        return Err(Fault::new("order_differs", why));
    }
    if s.order != format!("{}-{}", s.source, s.source_id) {
        let why = format!("{:?} is not {}-{}", s.order, s.source, s.source_id);
        return Err(Fault::new("order_differs", why));
    }
    if s.lines.is_empty() || s.lines.len() > MAX_LINES {
        let why = format!("it has {} lines; an order has 1 to {MAX_LINES}", s.lines.len());
        return Err(Fault::new("line_count", why));
    }
    let mut ids = BTreeSet::new();
    if let Some(t) = s.tenders.iter().find(|t| !ids.insert(t.payment.as_str())) {
        return Err(Fault::new("duplicate_tender", format!("payment {:?} stands in it twice", t.payment)));
    }
    let tenders = s.tenders.into_iter().map(|t| tender(t, s.currency)).collect::<Res<Vec<_>>>()?;
    let address = s.ship_to.map(Address::check).transpose()?;
    let (lines, bundles) = lines::read(s.lines, s.currency)?;
    let doc = Doc {
        version: doc::VERSION,
        source: s.source,
        source_id: s.source_id,
        number: s.number,
        placed_at: s.placed_at,
        currency: s.currency,
        customer: s.customer,
        hold: s.hold,
        region: s.region.or_else(|| address.as_ref().map(|a| a.area.country.clone())),
        brand: s.brand,
        routes: Routes::new(),
        revision: 0,
        email_hash: s.email_hash,
        presentment: s.presentment,
        exchange: None,
        lines,
        tenders,
        bundles,
        ship_to: address.as_ref().map(|a| a.area.clone()),
        to: address.map(|a| a.person).unwrap_or_default(),
        deliver: s.deliver.map(|d| d.check("the order")).transpose()?,
    };
    line_ids(&doc.lines, &doc.bundles)?;
    let sum = doc.total();
    if sum != s.total {
        let why = format!("its total is {} and its lines add up to {sum}", s.total);
        return Err(Fault::new("total_differs", why));
    }
    let authorised = doc.tenders.iter().try_fold(0_i64, |sum, t| sum.checked_add(t.authorised));
    let Some(authorised) = authorised else {
        return Err(Fault::new("bad_data", "tenders: authorised: the sum is too large"));
    };
    if authorised < sum {
        let why = format!("its tenders authorise {authorised} of {sum}");
        return Err(Fault::new("tender_short", why));
    }
    Ok(doc)
}

/// Refuses a line that stands in it twice, and a promotion that qualifies by a line that is not there.
pub(super) fn line_ids(lines: &[Line], bundles: &[Bundle]) -> Res {
    let mut ids = BTreeSet::new();
    if let Some(l) = lines.iter().find(|l| !ids.insert(l.id.as_str())) {
        return Err(Fault::new("duplicate_line", format!("line {:?} stands in it twice", l.id)));
    }
    ids.extend(bundles.iter().map(|b| b.id.as_str()));
    let qualify =
        lines.iter().flat_map(|l| l.prices.iter().flat_map(move |p| p.qualifies.iter().map(move |q| (l, q))));
    for (l, q) in qualify {
        if !ids.contains(q.as_str()) {
            let why = format!("a discount of line {:?} qualifies by line {q:?}, which is not in it", l.id);
            return Err(Fault::new("unknown_line", why));
        }
    }
    Ok(())
}

/// Reads a tender of an order in this currency.
pub(super) fn tender(t: super::events::SubmittedTender, currency: Currency) -> Res<Tender> {
    if is_virtual(&t.executor) {
        let why = format!("tender {:?} names the executor {:?}, which is no system", t.id, t.executor);
        return Err(Fault::new("executor_reserved", why));
    }
    if t.executor.is_empty() {
        let why =
            format!("tender {:?} names no executor; one system must be able to capture and refund it", t.id);
        return Err(Fault::new("no_executor", why));
    }
    if let Some(other) = t.currency.filter(|c| *c != currency) {
        let why =
            format!("tender {:?} is in {other} and the order in {currency}; an order has one currency", t.id);
        return Err(Fault::new("currency_differs", why));
    }
    if t.captured > t.authorised {
        let why = format!("tender {:?}: {} of {} was captured", t.id, t.captured, t.authorised);
        return Err(Fault::new("captured_exceeds", why));
    }
    let super::events::SubmittedTender {
        id,
        kind,
        executor,
        payment,
        authorised,
        several,
        captured,
        expires_at,
        ..
    } = t;
    Ok(Tender { id, kind, executor, payment, authorised, several, captured, expires_at })
}

pub(super) fn line(l: SubmittedLine) -> Res<Line> {
    let charge = if l.tax_included { l.amount } else { l.amount.saturating_add(l.tax) };
    if charge > MAX_AMOUNT || l.tax > charge {
        let why = format!("line {:?}: a tax of {} in a charge of {charge}", l.line, l.tax);
        return Err(Fault::new("tax_differs", why));
    }
    prices::check(&l)?;
    if l.unit_price < retail::money::UnitPrice(0.into()) {
        return Err(Fault::new(
            "bad_data",
            format!("line {:?}: `unit_price` {} is negative", l.line, l.unit_price),
        ));
    }
    Ok(Line {
        id: l.line,
        sku: l.sku,
        title: l.title,
        kind: l.kind,
        category: l.category,
        quantity: l.quantity,
        unit_price: l.unit_price,
        charge,
        discount: l.discount,
        tax: l.tax,
        prices: l.prices,
        parent: None,
        raises: None,
        supply: l.supply,
        vendor: l.vendor,
        available_from: l.available_from,
        deliver: l.deliver,
    })
}
