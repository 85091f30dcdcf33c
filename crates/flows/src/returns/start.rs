//! Ways in which a return begins other than by a request: goods that nobody announced, goods handed over at a store's
//! counter, money that went back elsewhere.

use super::events::{Inspected, InspectedLine, Received, ReceivedLine};
use super::state::{Doc, Line, State, VERSION};
use super::turn::Turn;
use super::{advance, inspect, matching, receive, request};
use crate::early::Early;
use crate::out::{Out, Res};
use crate::policy::Policy;
use crate::read::{field, read};
use hub::process::Fault;
use retail::envelope::Name;
use retail::returns::{LineOutcome, ReturnStart, ReturnType};
use retail::time::Time;
use std::sync::Arc;

/// The name of a return that nobody requested, after the receipt that brought it.
pub(super) fn own_rma(place: &str, receipt: &str) -> String {
    format!("{place}-{receipt}")
}

/// A line as it is seen on a receipt: its ground is the retailer's own promise until somebody says another.
pub(super) fn seen(id: String, receipt: &Received, l: &ReceivedLine) -> Line {
    let order = l.order.clone().or_else(|| receipt.order.clone()).filter(|o| field::is_id(o));
    Line {
        id,
        order_line: l.order_line.clone().filter(|x| order.is_some() && !x.is_empty()),
        order,
        sku: Some(l.sku.clone()),
        quantity: l.quantity,
        reason: String::new(),
        kind: ReturnType::Commercial,
        claimed: None,
        outcome: LineOutcome::Refund,
        keep: false,
        exchange: None,
        grade: None,
        also: Some(l.line.clone()),
    }
}

/// What a line that nobody requested is called: as the warehouse calls it, else by a number of the hub's.
pub(super) fn line_id(lines: &[Line], said: &str) -> String {
    let free = |id: &str| !lines.iter().any(|l| l.id == id);
    if field::is_id(said) && free(said) {
        return said.to_owned();
    }
    let mut n = lines.len() + 1;
    while !free(&format!("x{n}")) {
        n += 1;
    }
    format!("x{n}")
}

/// Opens a return from the receipts that brought it.
pub(super) fn unannounced<'a>(
    policy: &'a Policy,
    name: &'a Name,
    mut state: State,
    now: Time,
) -> Res<Turn<'a>> {
    let early = std::mem::take(&mut state.body.early);
    let mut lines: Vec<Line> = Vec::new();
    let (mut first, mut tracking) = (None, None);
    for one in early.iter().filter(|e| e.kind == "return.received") {
        let receipt: Received = read(&one.kind, &one.data)?;
        first = first.or(Some(receipt.received_at));
        tracking = tracking.or_else(|| receipt.tracking.clone());
        for l in receipt.lines.iter().filter(|l| l.is_of(&name.value)) {
            let same = |x: &&mut Line| x.also.as_deref() == Some(&l.line) && x.sku.as_deref() == Some(&l.sku);
            if let Some(line) = lines.iter_mut().find(same) {
                line.quantity += l.quantity;
            } else {
                let id = line_id(&lines, &l.line);
                lines.push(seen(id, &receipt, l));
            }
        }
    }
    let Some(at) = first.filter(|_| !lines.is_empty()) else {
        let why = format!("nothing that waits for {name} brought goods of it");
        return Err(Fault::new("line_count", why));
    };
    let doc = Doc {
        start: ReturnStart::UnannouncedReceipt,
        by_hub: true,
        tracking,
        ..Doc::new(at, ReturnType::Commercial.regime(), lines)
    };
    let mut t = opened(policy, name, state, doc, (at, now))?;
    let lines = t.body.line_numbers();
    matching::set_apart(&mut t, lines)?;
    request::ask(&mut t)?;
    request::replay(&mut t, early)?;
    advance::advance(&mut t)?;
    Ok(t)
}

/// Writes down what is known as a return begins.
pub(super) fn opened<'a>(
    policy: &'a Policy,
    name: &'a Name,
    mut state: State,
    doc: Doc,
    (occurred, now): (Time, Time),
) -> Res<Turn<'a>> {
    state.body.version = VERSION;
    state.body.since = now.0;
    state.body.revision = policy.revision;
    state.body.warned.clear();
    state.body.lines = vec![super::state::Counters::default(); doc.lines.len()];
    let doc = Arc::new(doc);
    let (first, out) = (Arc::clone(&doc), Out::default());
    let mut t = Turn { policy, name, now, occurred, doc, first, body: state.body, out };
    let doc = Arc::clone(&t.doc);
    t.out.clear("return_not_requested");
    if let Some(tracking) = doc.tracking.as_deref().filter(|_| doc.start != ReturnStart::RefusedParcel) {
        // A refused parcel travels under the order's own number.
        t.out.named(&name.tenant, "tracking", tracking);
    }
    t.out.fact(
        "return.opened",
        &serde_json::json!({
            "lines": doc.lines.len(), "regime": doc.regime, "notice": doc.notice, "start": doc.start,
        }),
    )?;
    Ok(t)
}

/// What follows at once from judged lines: goods at a counter are in hand, and money that went back elsewhere must
/// have been owed.
pub(super) fn over(t: &mut Turn<'_>, judged: &[u16]) -> Res {
    let doc = Arc::clone(&t.doc);
    if let Some(paid) = &doc.paid
        && judged.iter().all(|l| t.body.approved(*l) == 0)
    {
        t.out.raise(
            "refunded_unapproved",
            "finance",
            format!(
                "{} refunded {} for return {}, of which no line may come back",
                paid.refund, paid.amount, t.name.value
            ),
            "settle with whoever refunded, or grant the order a goodwill credit for it",
        );
    }
    if doc.start == ReturnStart::StoreCounter { counter(t, judged) } else { Ok(()) }
}

/// Goods that a store's counter took in, with what was found.
fn counter(t: &mut Turn<'_>, judged: &[u16]) -> Res {
    let doc = Arc::clone(&t.doc);
    let place = doc.place.clone().unwrap_or_else(|| t.policy.returns.place.clone());
    let receipt = format!("{}-S", t.rma());
    let (mut lines, mut looked) = (Vec::new(), Vec::new());
    for i in judged {
        let Some(l) = doc.lines.get(usize::from(*i)) else { continue };
        let quantity = t.body.approved(*i);
        let Some(sku) = t.body.sku(&doc, *i).filter(|_| quantity > 0 && t.body.is_goods(*i)) else {
            continue;
        };
        if t.body.kept.contains(i) {
            continue;
        }
        let sku = sku.to_owned();
        if let Some(grade) = l.grade {
            let (line, sku) = (l.id.clone(), sku.clone());
            looked.push(InspectedLine {
                line,
                sku,
                quantity,
                grade,
                accepted: quantity,
                rejected: 0,
                rma: None,
            });
        }
        lines.push(ReceivedLine {
            line: l.id.clone(),
            sku,
            quantity,
            rma: None,
            order: None,
            order_line: None,
        });
    }
    if lines.is_empty() {
        return Ok(());
    }
    let rma = Some(t.rma().to_owned());
    let received = Received {
        receipt: receipt.clone(),
        rma: rma.clone(),
        place,
        received_at: doc.requested_at,
        order: None,
        tracking: None,
        lines,
    };
    receive::received(t, &received)?;
    if looked.is_empty() {
        return Ok(());
    }
    let inspection = format!("{}-SI", t.rma());
    inspect::inspected(t, Inspected { inspection, rma, place: None, receipt, lines: looked })
}

/// Whether anything that waits brought goods.
pub(super) fn brought(early: &[Early]) -> bool {
    early.iter().any(|e| e.kind == "return.received")
}
