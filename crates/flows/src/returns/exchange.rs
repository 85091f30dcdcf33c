//! What a customer gets instead of what comes back: an order of its own, which the return's credit pays for as far as
//! that goes. It is opened when the credit is granted, or in advance, and then paid for when the goods have come.

use super::state::{Exchange, ExchangeState as X, RequestState};
use super::turn::Turn;
use crate::messages::{Checked, ExchangeFor as Pays, ExchangeFunded, ExchangeLine, ExchangeOpen, Granted};
use crate::out::Res;
use retail::money::Currency;
use retail::order::LineKind;
use retail::returns::LineOutcome;
use std::sync::Arc;

/// The id of the `n`th exchange order, counted from 0.
pub(super) fn order_id(t: &Turn<'_>, n: usize) -> String {
    format!("{}-E{}", t.rma(), n + 1)
}

/// The order that the customer gets, once it is open.
pub(super) fn id(t: &Turn<'_>) -> Option<String> {
    let open = t.body.exchanges.iter().position(|x| x.state != X::Asked)?;
    Some(order_id(t, open))
}

/// Remembers where an order came from, for the exchange that may follow it.
pub(super) fn channel(t: &mut Turn<'_>, order: u16, answer: &Checked) {
    let wanted = t.doc.lines.iter().any(|l| l.exchange.is_some());
    if wanted && !t.body.channels.iter().any(|c| c.0 == order) {
        t.body.channels.push((order, answer.source.clone(), answer.customer.clone()));
    }
}

/// Lines of an order that are to be exchanged, with the units that count.
fn lines(t: &Turn<'_>, order: u16, units: impl Fn(u16) -> i64) -> Vec<(u16, i64)> {
    let of = |l: u16| t.body.parts.iter().any(|p| p.line == l && p.order == order);
    let exchanged = |l: &u16| t.wish(*l).is_some_and(|w| w.outcome == LineOutcome::Exchange);
    let lines = t.body.line_numbers().filter(|l| of(*l)).filter(exchanged);
    lines.map(|l| (l, units(l))).filter(|l| l.1 > 0).collect()
}

/// What the customer is charged for: a line of goods for each line, in proportion to the units that count.
fn wanted(t: &Turn<'_>, lines: &[(u16, i64)], currency: Currency) -> Vec<ExchangeLine> {
    let one = |(line, units): &(u16, i64)| {
        let wish = t.wish(*line)?;
        let x = wish.exchange.as_deref()?;
        let (quantity, amount, tax) = x.share(*units, t.body.approved(*line), currency);
        (quantity > 0).then(|| ExchangeLine {
            line: wish.id.clone(),
            sku: x.sku.clone(),
            title: x.title.clone(),
            kind: LineKind::Goods,
            category: x.category.clone(),
            quantity,
            unit_price: x.unit_price,
            amount,
            tax,
            tax_included: x.tax_included,
        })
    };
    lines.iter().filter_map(one).collect()
}

fn total(lines: &[ExchangeLine]) -> i64 {
    lines.iter().map(|l| if l.tax_included { l.amount } else { l.amount + l.tax }).sum()
}

fn currency(t: &Turn<'_>, order: u16) -> Currency {
    let known = t.body.orders.get(usize::from(order)).and_then(|o| o.2);
    known.unwrap_or(t.policy.currency)
}

/// Opens what is to be sent before the goods have come, at approval.
pub(super) fn in_advance(t: &mut Turn<'_>) -> Res {
    for order in (0_u16..).take(t.body.orders.len()) {
        let lines = lines(t, order, |l| t.body.approved(l));
        let advance =
            |l: &(u16, i64)| t.wish(l.0).and_then(|w| w.exchange.as_deref()).is_some_and(|x| x.advance);
        let open = t.body.exchanges.iter().any(|x| x.order == order);
        if open || lines.is_empty() || !lines.iter().all(advance) {
            continue;
        }
        t.body.exchanges.push(Exchange { order, state: X::Advance });
        let n = t.body.exchanges.len() - 1;
        open_order(t, n, &lines, None)?;
    }
    Ok(())
}

/// Whether the credit of an order's exchanged lines may be asked for: they pay for one order, so all of them must have
/// come or been given up.
pub(super) fn ready(t: &Turn<'_>, order: u16) -> bool {
    let doc = &t.doc;
    lines(t, order, |l| t.body.approved(l))
        .iter()
        .all(|(l, _)| t.body.line_final(*l) || t.body.ahead_of_goods(doc, *l, &t.policy.returns).is_some())
}

/// The exchange that a credit for these units pays for, by position, with what it comes to; none where they come to
/// less than one unit of it.
pub(super) fn asked(t: &mut Turn<'_>, order: u16, units: &[(u16, i64)]) -> Option<(u16, Pays)> {
    let known = t.body.exchanges.iter().position(|x| x.order == order);
    // What was sent in advance was sent whole.
    let advance = known.and_then(|n| t.body.exchanges.get(n)).is_some_and(|x| x.state == X::Advance);
    let counted = if advance { lines(t, order, |l| t.body.approved(l)) } else { units.to_vec() };
    let wanted = wanted(t, &counted, currency(t, order));
    if wanted.is_empty() {
        return None;
    }
    let n = known.unwrap_or_else(|| {
        t.body.exchanges.push(Exchange { order, state: X::Asked });
        t.body.exchanges.len() - 1
    });
    Some((u16::try_from(n).unwrap_or(u16::MAX), Pays { order: order_id(t, n), total: total(&wanted) }))
}

/// The credit is granted: the order that it pays for is opened, or hears that it is paid for.
pub(super) fn granted(t: &mut Turn<'_>, n: u16, said: &Granted) -> Res {
    let n = usize::from(n);
    let Some(x) = t.body.exchanges.get(n).cloned() else { return Ok(()) };
    match x.state {
        X::Asked => {
            let units = lines(t, x.order, |l| t.body.credited(l));
            set(t, n, X::Funded);
            open_order(t, n, &units, Some(said))
        }
        X::Advance => {
            set(t, n, X::Funded);
            let funded = ExchangeFunded { credit: said.credit.clone(), amount: said.applied };
            tell(t, n, "exchange.funded", &funded)
        }
        X::Funded | X::Unfunded => Ok(()),
    }
}

/// What was sent in advance and never paid for by goods is the customer's to pay: nothing can become due any more.
pub(super) fn unfunded(t: &mut Turn<'_>) -> Res {
    for n in 0..t.body.exchanges.len() {
        let Some(x) = t.body.exchanges.get(n).filter(|x| x.state == X::Advance).cloned() else { continue };
        let exchanged = lines(t, x.order, |l| t.body.approved(l));
        let asked = t.body.requests.iter().any(|r| r.exchange.is_some_and(|e| usize::from(e) == n));
        let over = exchanged.iter().all(|(l, _)| t.body.line_final(*l) && t.body.still_approved(*l) == 0);
        if !asked && over {
            set(t, n, X::Unfunded);
            t.out.fact("return.exchange_unpaid", &serde_json::json!({"exchange": order_id(t, n)}))?;
            tell(t, n, "exchange.unfunded", &serde_json::json!({}))?;
        }
    }
    Ok(())
}

/// A credit that was refused pays for nothing.
pub(super) fn denied(t: &mut Turn<'_>, n: u16) -> Res {
    let n = usize::from(n);
    match t.body.exchanges.get(n).map(|x| x.state) {
        Some(X::Advance) => {
            set(t, n, X::Unfunded);
            tell(t, n, "exchange.unfunded", &serde_json::json!({}))
        }
        _ => Ok(()),
    }
}

fn set(t: &mut Turn<'_>, n: usize, state: X) {
    if let Some(x) = t.body.exchanges.get_mut(n) {
        x.state = state;
    }
}

fn tell<T: serde::Serialize>(t: &mut Turn<'_>, n: usize, kind: &'static str, data: &T) -> Res {
    let id = order_id(t, n);
    t.out.tell(&t.name.tenant, ("order", &id), kind, data)
}

fn open_order(t: &mut Turn<'_>, n: usize, units: &[(u16, i64)], said: Option<&Granted>) -> Res {
    let Some(of) = t.body.exchanges.get(n).map(|x| x.order) else { return Ok(()) };
    let doc = Arc::clone(&t.doc);
    let currency = currency(t, of);
    let lines = wanted(t, units, currency);
    let first = |(l, _): &(u16, i64)| doc.lines.get(usize::from(*l))?.exchange.as_deref()?.tender.clone();
    let channel = t.body.channels.iter().find(|c| c.0 == of).cloned().unwrap_or_default();
    let id = order_id(t, n);
    let open = ExchangeOpen {
        exchange: id.clone(),
        rma: t.rma().to_owned(),
        order: t.body.orders.get(usize::from(of)).map(|o| o.0.clone()).unwrap_or_default(),
        source: channel.1,
        routes: t.body.routes.clone(),
        currency,
        customer: doc.customer.clone().or(channel.2),
        credit: said.map(|s| s.credit.clone()),
        applied: said.map_or(0, |s| s.applied),
        advance: said.is_none(),
        tender: units.iter().find_map(first),
        lines,
    };
    let fact = serde_json::json!({
        "exchange": id, "order": open.order, "total": total(&open.lines), "applied": open.applied,
        "credit": open.credit, "currency": currency, "advance": open.advance,
    });
    t.out.fact("return.exchange_opened", &fact)?;
    tell(t, n, "exchange.open", &open)
}

/// Whether the customer has what was wanted instead, and nothing else of it is owed.
pub(super) fn done(body: &super::state::Body) -> bool {
    let paid =
        |x: u16| body.requests.iter().any(|r| r.exchange == Some(x) && r.state == RequestState::Settled);
    (0_u16..).zip(&body.exchanges).any(|(n, x)| x.state == X::Funded && paid(n))
}
