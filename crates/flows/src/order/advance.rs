//! What follows from the counters as they stand now. Run after every stimulus, so that the same situation has
//! the same consequences however it came about.

use super::state::Erp;
use super::turn::Turn;
use super::{
    cancel, capture, change, close, collect, documents, holding, invoicing, label, promise, readdress,
    refunds, release, ship, tenders, vendor, withdrawn,
};
use crate::out::Res;

pub(super) fn advance(t: &mut Turn<'_>) -> Res {
    vendor::reserve(t);
    if t.body.answered {
        cancel::settle(t)?;
        cancel::dependants(t)?;
        let all_gone = t.doc.lines.iter().zip(&t.body.lines).all(|(d, l)| l.cancelled == d.quantity);
        if t.body.erp == Erp::Untold && !all_gone {
            documents::sales_order(t)?;
            t.body.erp = Erp::Asked;
        }
        change::tell_erp(t)?;
        cancel::report(t)?;
        tenders::settle(t)?;
        holding::settle(t)?;
        release::release(t)?;
        ship::digital(t)?;
        ship::without_goods(t)?;
        holding::settle(t)?;
        invoicing::whole(t)?;
        capture::capture(t)?;
        capture::void(t)?;
    }
    withdrawn::forget(t);
    promise::forget(t);
    collect::forget(t);
    readdress::forget(t);
    label::forget(t)?;
    refunds::open(t)?;
    close::complete(t)
}
