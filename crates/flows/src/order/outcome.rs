//! What became of the order's commands.

use super::naming::{fulfilment_at, release_at};
use super::state::{Erp, FulfilmentState as F, ReleaseState as R};
use super::turn::Turn;
use super::{
    capture, close, documents, invoicing, label, pool, readdress, recall, release, tenders, verdicts,
};
use crate::out::Res;
use crate::pending::{self, Heard, Pending};
use crate::tell;
use retail::envelope::{Json, Outcome};
use serde::Deserialize;

/// What connectors promise of a result, as far as an order looks at it.
#[derive(Debug, Default, Deserialize)]
struct Told {
    #[serde(default)]
    total: Option<i64>,
    #[serde(default)]
    amount: Option<i64>,
}

/// Takes an outcome in.
pub(super) fn heard(t: &mut Turn<'_>, op: &str, key: &str, outcome: &Outcome) -> Res {
    let id = key.split_once(':').map_or(key, |(_, id)| id);
    if tell::heard(&mut t.out, op, key, outcome) || verdicts::heard(t, op, id, outcome)? {
        return Ok(());
    }
    match pending::heard(&mut t.body.pending, &mut t.out, "order", (op, key), outcome) {
        Heard::Done(result) => done(t, op, key, id, result),
        Heard::Refused { code, message } => refused(t, op, key, id, code, message),
        Heard::Accepted(_) | Heard::Unknown | Heard::Nothing => Ok(()),
    }
}

fn done(t: &mut Turn<'_>, op: &str, key: &str, id: &str, result: &Json) -> Res {
    // A result is the connector's word for a person; only the totals in it are compared, where it has any.
    let told: Told = serde_json::from_str(result.get()).unwrap_or_default();
    match op {
        "create_sales_order" => {
            let total = documents::written_total(t);
            if told.total.is_none_or(|x| x == total) {
                t.body.erp = Erp::Done;
                t.out.clear("erp_total_differs");
            } else {
                t.body.pending.insert(key.to_owned(), Pending::Refused);
                totals_differ(t, "sales order", total, told.total);
            }
        }
        "post_invoice" => {
            let expected = invoicing::total(t, id);
            if told.total.is_some() && told.total != expected {
                totals_differ(t, "invoice", expected.unwrap_or_default(), told.total);
            }
        }
        "release_order" => {
            let r = release_at(t, id)?;
            if t.body.releases.get(r).is_some_and(|x| x.0 == R::Recalled) {
                recall::ask_release(t, r)?;
            }
        }
        "create_fulfilment" => {
            let f = fulfilment_at(t, id)?;
            if t.body.fulfilments.get(f).is_some_and(|x| x.2 == F::Recalled) {
                recall::ask_fulfilment(t, f)?;
            }
        }
        "cancel_release" => {
            let r = release_at(t, id)?;
            if t.body.releases.get(r).is_some_and(|x| x.0 == R::Recalled) {
                recall::release_ended(t, r);
            }
        }
        "cancel_fulfilment" => {
            let f = fulfilment_at(t, id)?;
            if t.body.fulfilments.get(f).is_some_and(|x| x.2 == F::Recalled) {
                recall::fulfilment_ended(t, f)?;
            }
        }
        "buy_label" => label::bought(t, key, id, result)?,
        "void_label" => label::given_back(t, id)?,
        "capture" => capture::done(t, key, told.amount)?,
        "report_shipment" => pool::shelf_touched(t)?,
        "reauthorise" => tenders::renewed(t, id, result)?,
        "void" => t.out.fact("payment.voided", &serde_json::json!({"payment": id}))?,
        _ => {}
    }
    close::forget_documents(t);
    Ok(())
}

fn totals_differ(t: &mut Turn<'_>, what: &str, ours: i64, theirs: Option<i64>) {
    t.out.raise(
        "erp_total_differs",
        "finance",
        format!(
            "the {what} of order {} is {ours} here and {} in the ERP, in minor units of {}",
            t.name.value,
            theirs.unwrap_or_default(),
            t.doc.currency
        ),
        "find the discount or tax that the ERP reckons otherwise, correct it there, then request a retry",
    );
}

fn refused(t: &mut Turn<'_>, op: &str, key: &str, id: &str, code: &str, message: &str) -> Res {
    match op {
        "release_order" => {
            let r = release_at(t, id)?;
            let state = t.body.releases.get(r).map(|x| x.0);
            if state == Some(R::Recalled) {
                recall::release_ended(t, r);
            } else if state == Some(R::Asked)
                && let Some(release) = t.body.releases.get_mut(r)
            {
                release.0 = R::Ended;
                let units = std::mem::take(&mut release.1);
                release::stuck(t, units, &format!("the order management refused ({code}: {message})"));
            }
        }
        "cancel_release" => {
            let r = release_at(t, id)?;
            if t.body.releases.get(r).is_some_and(|x| x.0 == R::Recalled) {
                recall::release_kept(t, r)?;
                recall_refused(t, key, code, "too_late");
            }
        }
        "create_fulfilment" => {
            let f = fulfilment_at(t, id)?;
            let state = t.body.fulfilments.get(f).map(|x| x.2);
            if state == Some(F::Recalled) {
                recall::fulfilment_ended(t, f)?;
            } else if let Some(x) = t.body.fulfilments.get_mut(f).filter(|x| x.2 == F::Open) {
                x.2 = F::Ended;
                let units = std::mem::take(&mut x.3);
                release::stuck(t, units, &format!("the warehouse refused ({code}: {message})"));
            }
        }
        "cancel_fulfilment" => {
            let f = fulfilment_at(t, id)?;
            if let Some(x) = t.body.fulfilments.get_mut(f).filter(|x| x.2 == F::Recalled) {
                x.2 = F::Leaving;
                recall_refused(t, key, code, "already_shipped");
                readdress::too_late(t, f);
            }
        }
        "reauthorise" => tenders::not_renewed(t, id, &format!("{message} ({code})"))?,
        "amend_fulfilment" => readdress::refused(t, id)?,
        "buy_label" => label::refused(t, key, id, (code, message))?,
        "capture" => {
            t.body.pending.insert(key.to_owned(), Pending::Refused);
            capture::refused(t, key, &format!("{message} ({code})"));
        }
        _ => pending::stays(&mut t.body.pending, &mut t.out, (op, key), (code, message)),
    }
    Ok(())
}

/// A cancellation that was refused for another reason than that it came too late.
fn recall_refused(t: &mut Turn<'_>, key: &str, code: &str, expected: &str) {
    if code != expected {
        t.out.raise(
            "recall_refused",
            "operations",
            format!("{key} was refused with {code}"),
            "ask the warehouse or the order management whether the units can still be stopped",
        );
    }
}
