//! What was carried to an exchange order comes back by the tenders of the order that it came from: the exchange order
//! was paid by nobody's card, so it asks the original order to pay.

use super::credit::{Credit, CreditState, Way, Wish};
use super::naming::credit_id;
use super::settled;
use super::turn::Turn;
use crate::messages::{EXCHANGE, Failed, Onward};
use crate::out::Res;
use hub::process::Fault;
use std::sync::Arc;

/// An exchange order owes its customer money that came from here.
pub(super) fn asked(t: &mut Turn<'_>, ask: Onward) -> Res {
    let doc = Arc::clone(&t.doc);
    if ask.currency != doc.currency {
        let why = format!("refund {:?} is in {} and the order in {}", ask.credit, ask.currency, doc.currency);
        return Err(Fault::new("currency_differs", why));
    }
    let known = t.body.credits.iter().find(|c| c.wish.taken_over && c.request == ask.credit).cloned();
    if let Some(known) = known {
        return if known.state == CreditState::Settled { settled::answer(t, &known) } else { Ok(()) };
    }
    let of = |c: &&Credit| c.wish.exchange.as_deref() == Some(ask.exchange_order.as_str());
    let carried: i64 = t.body.credits.iter().filter(of).map(|c| c.part(Way::Applied)).sum();
    let back: i64 = t.body.credits.iter().filter(of).filter(|c| c.wish.taken_over).map(|c| c.amount).sum();
    if ask.amount <= 0 || ask.amount > carried - back {
        t.out.raise(
            "onward_beyond_applied",
            "finance",
            format!(
                "exchange order {} asks {} back and {} of what was carried to it is left",
                ask.exchange_order,
                ask.amount,
                carried - back
            ),
            "compare the exchange order's payments with the credits of this order",
        );
        let said = Failed { credit: ask.credit, reason: "more than was carried to the exchange".to_owned() };
        return t.out.tell(&t.name.tenant, ("refund", &said.credit), "refund.failed", &said);
    }
    t.body.credits.push(Credit {
        request: ask.credit,
        amount: ask.amount,
        wish: Wish { taken_over: true, exchange: Some(ask.exchange_order), ..Wish::default() },
        ..Credit::default()
    });
    let c = t.body.credits.len() - 1;
    let (id, Some(credit)) = (credit_id(t, c), t.body.credits.get(c).cloned()) else { return Ok(()) };
    t.out.post(t.posting().refund_taken_over(EXCHANGE, doc.money(credit.amount)))?;
    t.out.fact(
        "refund.taken_over",
        &serde_json::json!({
            "credit": id, "refund": credit.request, "exchange": credit.wish.exchange, "amount": credit.amount,
        }),
    )
}
