//! An order that a return opened: goods in exchange for goods. What the returned goods are worth is a tender of its
//! own on it, of which no system is ever told: the order that sold them books the other side.

use super::checks;
use super::counts;
use super::delivery::Person;
use super::doc::{self, Doc, ExchangeOf, Tender};
use super::state::State;
use super::submit;
use super::tenders;
use super::turn::Turn;
use crate::messages::{EXCHANGE, ExchangeFunded, ExchangeOpen};
use crate::out::Res;
use crate::policy::Policy;
use hub::process::Fault;
use retail::envelope::Name;
use retail::time::Time;

/// `exchange.open`: places the order.
pub(super) fn open<'a>(
    policy: &'a Policy,
    name: &'a Name,
    waiting: Option<&State>,
    ask: ExchangeOpen,
    now: Time,
) -> Res<Turn<'a>> {
    if ask.exchange != name.value {
        let why = format!("it opens {:?} and came under the name of {:?}", ask.exchange, name.value);
        return Err(Fault::new("order_differs", why));
    }
    let lines = ask.lines.into_iter().map(|l| submit::line(l.into())).collect::<Res<Vec<_>>>()?;
    let mut doc = Doc {
        version: doc::VERSION,
        source: ask.source,
        source_id: ask.exchange.clone(),
        number: ask.exchange,
        placed_at: now,
        currency: ask.currency,
        customer: ask.customer,
        hold: None,
        brand: None,
        region: None,
        routes: ask.routes,
        revision: 0,
        ship_to: None,
        email_hash: None,
        presentment: None,
        exchange: Some(ExchangeOf { rma: ask.rma, order: ask.order }),
        lines,
        tenders: Vec::new(),
        bundles: Vec::new(),
        to: Person::default(),
        deliver: None,
    };
    submit::line_ids(&doc.lines, &[])?;
    let total = doc.total();
    if ask.applied > total {
        let why = format!("{} is applied to an order of {total}; the rest is the customer's", ask.applied);
        return Err(Fault::new("applied_exceeds", why));
    }
    if ask.applied > 0 {
        doc.tenders
            .push(applied(ask.credit.unwrap_or_else(|| format!("{}-applied", name.value)), ask.applied));
    }
    if let Some(t) = ask.tender {
        doc.tenders.push(submit::tender(t.into(), doc.currency)?);
    }
    let mut t = submit::place(policy, name, waiting, doc, (now, now))?;
    t.body.unfunded = ask.advance;
    tenders::cover(&mut t)?;
    checks::ask_all(&mut t)?;
    submit::start(t, waiting)
}

/// What the returned goods are worth, as a means of payment that is taken already.
fn applied(credit: String, amount: i64) -> Tender {
    Tender {
        id: EXCHANGE.to_owned(),
        kind: EXCHANGE.to_owned(),
        executor: EXCHANGE.to_owned(),
        payment: credit,
        authorised: amount,
        several: false,
        captured: amount,
        expires_at: None,
    }
}

/// `exchange.funded`: the goods that were exchanged in advance have come and pay for it; other tenders pay the rest.
pub(super) fn funded(t: &mut Turn<'_>, said: ExchangeFunded) -> Res {
    if t.doc.tenders.iter().any(|x| x.payment == said.credit) {
        return Ok(());
    }
    t.body.unfunded = false;
    let i = tenders::add(t, applied(said.credit, said.amount));
    super::capture::took(t, i, said.amount)?;
    let over: i64 = t.body.tenders.iter().map(|x| x.captured).sum::<i64>() - tenders::wanted(t);
    if over > 0 {
        t.out.raise(
            "exchange_overpaid",
            "finance",
            format!("{over} more is paid for exchange order {} than it comes to", t.name.value),
            "give the surplus back to the customer",
        );
    }
    Ok(())
}

/// `exchange.unfunded`: the goods never came, or were rejected. The customer's own tender pays for all of it.
pub(super) fn unfunded(t: &mut Turn<'_>) -> Res {
    t.body.unfunded = false;
    if counts::settled(&t.doc, &t.body) { Ok(()) } else { tenders::cover(t) }
}
