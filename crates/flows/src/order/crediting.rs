//! Credits without a return, asked for by a named person: a price adjustment, goodwill, shipping given back, a lost
//! parcel, money taken for what was never sold. Each stays within what may still be given back; above a set amount
//! a second person must approve (M8).

use super::credit::{Credit, CreditState, Kind, Way, Wish};
use super::events::{CreditDecided, CreditRequested};
use super::naming::{self, credit_id};
use super::refunds;
use super::split::in_proportion;
use super::turn::{LineValue, Turn};
use crate::out::{Res, To};
use hub::process::Fault;
use retail::credit::CreditKind;
use retail::envelope::Class;
use retail::order::LineKind;
use retail::returns::LineOutcome;
use serde::Serialize;
use std::sync::Arc;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RefundTax<'a> {
    id: &'a str,
    order: &'a str,
    currency: &'a str,
    lines: Vec<LineValue<'a>>,
    tax: i64,
}

/// Somebody asks for a credit. What is asked counts as given from now on (M1).
pub(super) fn requested(t: &mut Turn<'_>, ask: CreditRequested) -> Res {
    naming::same_order(t, &ask.order)?;
    named(&ask.by)?;
    let kind = ask.kind;
    if kind == CreditKind::Return {
        let why = "a credit for a return is asked by the return (return.requested)";
        return Err(Fault::new("not_without_return", why));
    }
    let issued = match ask.outcome {
        LineOutcome::Refund => false,
        LineOutcome::StoreCredit if t.policy.credits.store_credit.is_empty() => {
            return Err(Fault::new("no_store_credit", "policy names nobody who issues store credit"));
        }
        LineOutcome::StoreCredit => true,
        other => {
            let why =
                format!("credit.requested: `outcome` is {}; it is refund or store_credit", other.code());
            return Err(Fault::new("bad_data", why));
        }
    };
    let mut credit = Credit {
        request: ask.id.clone(),
        kind: Kind(kind),
        asked_by: ask.by.clone(),
        reason: ask.reason.clone(),
        ..Credit::default()
    };
    if let Some(known) = t.body.credits.iter().find(|c| c.rma.is_empty() && c.request == ask.id) {
        let same = known.kind.0 == kind && ask.sum().is_none_or(|n| n == known.amount);
        let why = format!("credit {:?} was asked for before, with another kind or amount", ask.id);
        return if same { Ok(()) } else { Err(Fault::new("credit_differs", why)) };
    }
    match kind {
        CreditKind::Goodwill | CreditKind::Cancellation => whole(t, &mut credit, &ask)?,
        CreditKind::LostParcel => lost(t, &mut credit, &ask)?,
        _ if ask.lines.is_empty() => spread(t, &mut credit, &ask)?,
        _ => adjusted(t, &mut credit, &ask)?,
    }
    if credit.amount <= 0 {
        return Err(not_positive());
    }
    credit.wish = Wish { issued: if issued { credit.amount } else { 0 }, ..Wish::default() };
    let above = t.policy.credits.approve_above.is_some_and(|limit| credit.amount > limit);
    if above { propose(t, credit) } else { granted(t, credit) }
}

/// A person acts under a name.
pub(super) fn named(by: &str) -> Res {
    if by.trim().is_empty() {
        return Err(Fault::new("no_name", "`by` is empty; whoever moves money is named"));
    }
    Ok(())
}

fn not_positive() -> Fault {
    Fault::new("credit_not_positive", "a credit of nothing or less is refused")
}

fn beyond(what: &str, asked: i64, most: i64) -> Fault {
    let why = format!("{asked} was asked for {what}, and {most} may still be given back");
    Fault::new("credit_beyond_limit", why)
}

/// The one amount of a credit that cites no line.
fn amount_of(ask: &CreditRequested) -> Res<i64> {
    if !ask.lines.is_empty() {
        let why = format!("a credit of kind {} is one amount and cites no line", ask.kind.code());
        return Err(Fault::new("bad_data", why));
    }
    ask.amount.filter(|n| *n > 0).ok_or_else(not_positive)
}

fn whole(t: &Turn<'_>, credit: &mut Credit, ask: &CreditRequested) -> Res {
    credit.amount = amount_of(ask)?;
    let (what, most) = if ask.kind == CreditKind::Goodwill {
        let given = t.body.credits.iter().filter(|c| c.kind.0 == CreditKind::Goodwill && c.counts());
        ("goodwill", t.policy.credits.goodwill_limit - given.map(|c| c.amount).sum::<i64>())
    } else {
        ("what was paid and never sold", surplus(t))
    };
    if credit.amount > most { Err(beyond(what, credit.amount, most.max(0))) } else { Ok(()) }
}

/// What was captured beyond everything that is sold or still may be, and has not been given back.
pub(super) fn surplus(t: &Turn<'_>) -> i64 {
    let lines = t.doc.lines.iter().zip(&t.body.lines);
    let sold: i64 =
        (0_u16..).zip(lines).map(|(i, (d, l))| t.doc.share(i, 0, d.quantity - l.cancelled).0).sum();
    let captured: i64 = t.body.tenders.iter().map(|x| x.captured).sum();
    let given = t.body.credits.iter().filter(|c| c.kind.0 == CreditKind::Cancellation && c.counts());
    let elsewhere: i64 = t.body.tenders.iter().map(|x| x.elsewhere).sum();
    let covered: i64 = t.body.credits.iter().map(|c| c.part(Way::Elsewhere)).sum();
    captured - sold - given.map(|c| c.amount).sum::<i64>() - (elsewhere - covered)
}

/// The units whose price may still be adjusted, and by how much: (from unit, to unit), (amount, tax).
pub(super) fn adjustable(t: &Turn<'_>, line: u16, quantity: Option<i64>) -> Res<((i64, i64), (i64, i64))> {
    let Some(l) = t.body.lines.get(usize::from(line)) else { return Ok(((0, 0), (0, 0))) };
    let n = quantity.map_or(l.shipped - l.credited, |q| q.min(l.shipped - l.credited)).max(0);
    let (from, to, left) = (l.credited, l.credited + n, t.body.left_of(&t.doc, line));
    let worth = t.body.worth(&t.doc, line, from, to);
    // Where every unit was given back already, only what that left over can be.
    let most = if n == 0 || worth.0 > left.0 { left } else { worth };
    Ok(((from, to), most))
}

/// The tax in an amount of something that is worth `(amount, tax)`.
pub(super) fn tax_in(amount: i64, worth: (i64, i64)) -> i64 {
    if worth.0 <= 0 {
        return 0;
    }
    let tax = (i128::from(worth.1) * i128::from(amount)).div_euclid(i128::from(worth.0));
    i64::try_from(tax).unwrap_or(0)
}

fn adjusted(t: &Turn<'_>, credit: &mut Credit, ask: &CreditRequested) -> Res {
    for l in &ask.lines {
        let line = t.line(&l.line)?;
        let placed = t.placed(line)?;
        if ask.kind == CreditKind::Shipping && placed.kind != LineKind::Shipping {
            let why =
                format!("line {:?} of order {} is {:?}, not shipping", l.line, t.name.value, placed.kind);
            return Err(Fault::new("not_shipping", why));
        }
        if credit.lines.iter().any(|x| x.1 == line) {
            let why = format!("line {:?} stands in the request twice", l.line);
            return Err(Fault::new("duplicate_line", why));
        }
        let amount = l.amount.filter(|n| *n > 0).ok_or_else(not_positive)?;
        let (stretch, most) = adjustable(t, line, positive(l.quantity)?)?;
        if amount > most.0 {
            return Err(beyond(&format!("line {:?}", l.line), amount, most.0));
        }
        put(credit, (String::new(), line, stretch.0, stretch.1), (amount, tax_in(amount, most)));
    }
    same_sum(credit, ask)
}

/// One amount over all lines that have any left, in proportion.
fn spread(t: &Turn<'_>, credit: &mut Credit, ask: &CreditRequested) -> Res {
    let amount = amount_of(ask)?;
    let mut lines = Vec::new();
    for (i, placed) in (0_u16..).zip(&t.doc.lines) {
        if ask.kind != CreditKind::Shipping || placed.kind == LineKind::Shipping {
            let (stretch, most) = adjustable(t, i, None)?;
            lines.push((i, stretch, most));
        }
    }
    let left: Vec<i64> = lines.iter().map(|(_, _, most)| most.0).collect();
    let all: i64 = left.iter().map(|n| (*n).max(0)).sum();
    if amount > all {
        return Err(beyond(ask.kind.code(), amount, all));
    }
    for ((i, stretch, most), n) in lines.into_iter().zip(in_proportion(amount, &left)) {
        if n > 0 {
            put(credit, (String::new(), i, stretch.0, stretch.1), (n, tax_in(n, most)));
        }
    }
    Ok(())
}

/// Units that left and never arrived: they cannot come back, so that they are given back as units.
fn lost(t: &Turn<'_>, credit: &mut Credit, ask: &CreditRequested) -> Res {
    if ask.lines.is_empty() {
        return Err(Fault::new(
            "bad_data",
            "a lost parcel's credit names the lines and units that were in it",
        ));
    }
    for l in &ask.lines {
        let line = t.line(&l.line)?;
        if credit.lines.iter().any(|x| x.1 == line) {
            let why = format!("line {:?} stands in the request twice", l.line);
            return Err(Fault::new("duplicate_line", why));
        }
        let (most, from) =
            (t.body.returnable(line), t.body.lines.get(usize::from(line)).map_or(0, |x| x.credited));
        let n = positive(l.quantity)?.unwrap_or(most);
        if n > most || n == 0 {
            return Err(beyond(&format!("units of line {:?}", l.line), n, most));
        }
        let worth = t.body.worth(&t.doc, line, from, from + n);
        let amount = l.amount.unwrap_or(worth.0);
        if amount <= 0 {
            return Err(not_positive());
        }
        if amount > worth.0 {
            return Err(beyond(&format!("line {:?}", l.line), amount, worth.0));
        }
        put(credit, (String::new(), line, from, from + n), (amount, tax_in(amount, worth)));
    }
    same_sum(credit, ask)
}

fn positive(quantity: Option<i64>) -> Res<Option<i64>> {
    match quantity {
        Some(n) if n <= 0 => Err(Fault::new("bad_data", format!("`quantity` is {n}; it is 1 at the least"))),
        other => Ok(other),
    }
}

fn put(credit: &mut Credit, line: (String, u16, i64, i64), value: (i64, i64)) {
    credit.lines.push(line);
    credit.values.push(value);
    credit.amount += value.0;
    credit.tax += value.1;
}

fn same_sum(credit: &Credit, ask: &CreditRequested) -> Res {
    match ask.amount {
        Some(n) if n != credit.amount => {
            let why = format!("its amount is {n} and its lines add up to {}", credit.amount);
            Err(Fault::new("total_differs", why))
        }
        _ => Ok(()),
    }
}

/// Keeps a credit for a second person.
pub(super) fn propose(t: &mut Turn<'_>, mut credit: Credit) -> Res {
    credit.state = CreditState::Requested;
    count_units(t, &credit);
    t.body.credits.push(credit);
    let c = t.body.credits.len() - 1;
    let (id, Some(credit)) = (credit_id(t, c), t.body.credits.get(c).cloned()) else { return Ok(()) };
    t.out.fact(
        "credit.requested",
        &serde_json::json!({
            "credit": id, "kind": credit.kind, "amount": credit.amount, "by": credit.asked_by,
            "reason": credit.reason,
        }),
    )?;
    t.out.raise(
        "credit_needs_approval",
        "finance",
        format!(
            "credit {id} ({}) of {} was asked for by {:?}",
            credit.kind.0.code(),
            credit.amount,
            credit.asked_by
        ),
        "somebody else than who asked approves or declines it (credit.approved, credit.declined)",
    );
    Ok(())
}

/// Units that a credit stands for are given back from now on.
pub(super) fn count_units(t: &mut Turn<'_>, credit: &Credit) {
    for (n, l) in credit.lines.iter().enumerate() {
        if credit.kind.0 == CreditKind::LostParcel
            && credit.carries_units(n)
            && let Some(counters) = t.body.lines.get_mut(usize::from(l.1))
        {
            counters.credited = counters.credited.max(l.3);
        }
    }
}

/// Units of a credit that was declined may be given back by another, unless a later one has counted on from them.
fn uncount(t: &mut Turn<'_>, c: usize, lines: &[(String, u16, i64, i64)]) {
    for (n, (_, line, from, to)) in lines.iter().enumerate().rev() {
        let carries = t.body.credits.get(c).is_some_and(|x| x.carries_units(n));
        if let Some(counters) = t.body.lines.get_mut(usize::from(*line))
            && carries
            && counters.credited == *to
        {
            counters.credited = *from;
        }
    }
}

/// Grants a credit that nobody has to approve.
pub(super) fn granted(t: &mut Turn<'_>, credit: Credit) -> Res {
    count_units(t, &credit);
    t.body.credits.push(credit);
    book(t, t.body.credits.len() - 1)
}

/// Books a credit as granted, and says so.
pub(super) fn book(t: &mut Turn<'_>, c: usize) -> Res {
    let (doc, id) = (Arc::clone(&t.doc), credit_id(t, c));
    let Some(credit) = t.body.credits.get_mut(c) else { return Ok(()) };
    credit.state = CreditState::Held;
    let credit = credit.clone();
    let (net, tax) = (doc.money(credit.amount - credit.tax), doc.money(credit.tax));
    match credit.kind.0 {
        CreditKind::Goodwill => t.out.post(t.posting().goodwill_granted(net))?,
        CreditKind::Cancellation => t.out.post(t.posting().surplus_granted(net))?,
        _ => t.out.post(t.posting().credit_granted(net, tax))?,
    }
    let lines = refunds::values(&doc, &credit);
    t.out.fact(
        "credit.granted",
        &serde_json::json!({
            "credit": id, "kind": credit.kind, "rma": credit.rma, "amount": credit.amount, "tax": credit.tax,
            "lines": lines, "withheld": credit.wish.withheld, "applied": credit.wish.applied,
            "issued": credit.wish.issued, "refunded": credit.by_tender(), "by": credit.asked_by,
            "approved_by": credit.approved_by,
        }),
    )?;
    refund_tax(t, c)
}

/// Tells the tax system, where one plays its role, that tax was given back.
pub(super) fn refund_tax(t: &mut Turn<'_>, c: usize) -> Res {
    let (doc, id, order) = (Arc::clone(&t.doc), credit_id(t, c), t.order());
    let Some(credit) = t.body.credits.get(c).cloned() else { return Ok(()) };
    if credit.tax == 0 || !t.policy.asks.contains("tax") {
        return Ok(());
    }
    let lines = refunds::values(&doc, &credit);
    let args = RefundTax { id: &id, order, currency: doc.currency.code(), lines, tax: credit.tax };
    let object = format!("order/{order}");
    t.command(To { role: "tax", at: "", object: &object, class: Class::Fulfilment }, "refund_tax", &id, &args)
}

/// Asks again for what the tax system refused.
pub(super) fn tax_again(t: &mut Turn<'_>, id: &str) -> Res {
    find(t, id).and_then(|c| refund_tax(t, c))
}

/// A credit by its own id, or by its asker's.
pub(super) fn find(t: &Turn<'_>, said: &str) -> Res<usize> {
    let own = (0..t.body.credits.len()).find(|c| credit_id(t, *c) == said);
    own.or_else(|| t.body.credits.iter().position(|c| c.rma.is_empty() && c.request == said))
        .ok_or_else(|| Fault::new("unknown_credit", format!("order {} has no credit {said:?}", t.name.value)))
}

/// A second person says yes, or no. For a credit that a refund made elsewhere paid in part, that is said of the rest.
pub(super) fn decided(t: &mut Turn<'_>, said: &CreditDecided, yes: bool) -> Res {
    naming::same_order(t, &said.order)?;
    named(&said.by)?;
    let c = find(t, &said.credit)?;
    let id = credit_id(t, c);
    let Some(credit) = t.body.credits.get_mut(c) else { return Ok(()) };
    if credit.state == CreditState::Held && credit.wish.paid_by.is_some() {
        credit.wish.pay_rest = Some(yes);
        credit.approved_by.clone_from(&said.by);
        let fact = serde_json::json!({"credit": id, "by": said.by, "paid": yes});
        return t.out.fact("credit.rest_decided", &fact);
    }
    if credit.state != CreditState::Requested {
        let repeated =
            if yes { credit.approved_by == said.by } else { credit.state == CreditState::Declined };
        let why = format!("credit {id} is {} and waits for nobody's word", credit.state.word());
        return if repeated { Ok(()) } else { Err(Fault::new("credit_decided", why)) };
    }
    if yes && credit.asked_by == said.by {
        let why = format!("{} asked for credit {id}, and somebody else must approve it", said.by);
        return Err(Fault::new("same_person", why));
    }
    credit.approved_by.clone_from(&said.by);
    if yes {
        t.out.fact("credit.approved", &serde_json::json!({"credit": id, "by": said.by}))?;
        book(t, c)?;
        super::grant::granted(t, c)?;
    } else {
        credit.state = CreditState::Declined;
        let lines = credit.lines.clone();
        uncount(t, c, &lines);
        let reason = said.reason.clone().unwrap_or_default();
        let fact = serde_json::json!({"credit": id, "by": said.by, "reason": reason});
        t.out.fact("credit.declined", &fact)?;
        refunds::tell(t, c, "credit.failed", Some("declined".to_owned()))?;
    }
    if !t.body.credits.iter().any(|c| c.state == CreditState::Requested) {
        t.out.clear("credit_needs_approval");
    }
    Ok(())
}

#[cfg(test)]
pub(super) fn shapes() -> Vec<crate::schemas::CommandShape> {
    use crate::schemas::command;
    vec![command::<RefundTax<'_>>("refund_tax")]
}
