//! Pays credits back once the money they come out of has been captured, each on the tenders it was paid with, and
//! says what else became of them: store credit, an exchange, a fee kept, a refund that somebody else had made.

use super::credit::{Credit, CreditPart, CreditState, Way};
use super::doc::Doc;
use super::naming::credit_id;
use super::split::split;
use super::state::Body;
use super::turn::{LineValue, Turn};
use super::{elsewhere, grant, settled};
use crate::messages::{self, Open, OpenLine, Pay, Verdict};
use crate::out::Res;
use retail::credit::CreditKind;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The place of a tender in a part that no tender has a share in.
const NO_TENDER: u16 = u16::MAX;
/// Why a credit may be held.
const HOLDS: [&str; 6] = [
    "refund_exceeds_capture",
    "dispute_open",
    "refund_report_awaited",
    "paid_elsewhere_differs",
    "store_credit_unavailable",
    "credit_or_dispute",
];

/// Opens refunds for held credits. They wait until everything that was shipped is captured, so that no refund
/// comes before its capture (M6).
pub(super) fn open(t: &mut Turn<'_>) -> Res {
    let mut held = BTreeSet::new();
    for c in 0..t.body.credits.len() {
        if t.body.credits.get(c).is_some_and(|x| x.state == CreditState::Held)
            && let Some(code) = one(t, c)?
        {
            held.insert(code);
        }
    }
    for code in HOLDS.into_iter().filter(|code| !held.contains(code)) {
        t.out.clear(code);
    }
    Ok(())
}

/// Answers why it stays held, where a person is told.
fn one(t: &mut Turn<'_>, c: usize) -> Res<Option<&'static str>> {
    let doc = Arc::clone(&t.doc);
    let Some(credit) = t.body.credits.get(c).cloned() else { return Ok(None) };
    if credit.amount == 0 {
        return settled::all(t, c).map(|()| None);
    }
    let captured: i64 = t.body.tenders.iter().map(|x| x.captured).sum();
    if captured < t.body.invoiced(&doc) {
        return Ok(None);
    }
    let cover = match elsewhere::cover(t, c) {
        Ok(cover) => cover,
        Err(code) => return Ok(Some(code)),
    };
    if credit.wish.issued > 0 && t.policy.credits.store_credit.is_empty() {
        t.out.raise(
            "store_credit_unavailable",
            "integration",
            format!("credit {} is to be store credit, and policy names nobody to issue it", credit_id(t, c)),
            "name the executor that keeps stored value in the policy, then request a retry of the order",
        );
        return Ok(Some("store_credit_unavailable"));
    }
    let need = credit.by_tender() - cover.paid - cover.kept;
    let goodwill = credit.kind.0 == CreditKind::Goodwill;
    let backing = if goodwill { need } else { need + credit.wish.issued + credit.wish.applied };
    let reserved = if credit.wish.taken_over { 0 } else { t.body.given_otherwise() };
    let free: Vec<i64> = (0..t.body.tenders.len()).map(|i| t.body.free(i)).collect();
    if backing > 0 && free.iter().sum::<i64>() - reserved < backing {
        return Ok(Some(hold(t, c, backing, reserved)));
    }
    let mut parts = Vec::new();
    for (i, n) in split(t.policy.refund_first, need, &free).into_iter().enumerate() {
        if n > 0 {
            if let Some(sums) = t.body.tenders.get_mut(i) {
                sums.refund_asked += n;
            }
            parts.push(CreditPart(u16::try_from(i).unwrap_or(NO_TENDER), n, false, Way::Tender));
        }
    }
    if credit.wish.issued > 0 {
        parts.push(CreditPart(NO_TENDER, credit.wish.issued, false, Way::Issued));
    }
    if cover.paid > 0 {
        parts.push(CreditPart(cover.tender, cover.paid, true, Way::Elsewhere));
    }
    release(t, c, parts, cover.kept).map(|()| None)
}

/// Shows why a credit cannot be paid yet.
fn hold(t: &mut Turn<'_>, c: usize, backing: i64, reserved: i64) -> &'static str {
    let id = credit_id(t, c);
    let without_disputes: i64 = t.body.tenders.iter().map(|x| x.refundable().max(0)).sum();
    if without_disputes - reserved < backing {
        t.out.raise(
            "refund_exceeds_capture",
            "finance",
            format!(
                "credit {id} is {backing} and only {} can still be refunded",
                without_disputes - reserved
            ),
            "find out who refunded the difference; the credit stays held until it can be paid",
        );
        return "refund_exceeds_capture";
    }
    if t.body.in_dispute() {
        t.out.raise(
            "dispute_open",
            "finance",
            format!("credit {id} of {backing} waits, since its payment is disputed"),
            "nothing is refunded on a disputed payment; the end of the dispute decides",
        );
        return "dispute_open";
    }
    t.out.raise(
        "credit_or_dispute",
        "finance",
        format!("credit {id} of {backing} is owed, and its payment was lost to a dispute"),
        "say that the dispute has paid it (credit.settled_by_dispute), or pay the customer in another way and report that",
    );
    "credit_or_dispute"
}

impl Body {
    /// Value that was given back without leaving by a tender, and that captured money stands for: carried to exchange
    /// orders and not asked back from there, or issued as store credit.
    fn given_otherwise(&self) -> i64 {
        let of = |c: &Credit| {
            let issued = if c.kind.0 == CreditKind::Goodwill { 0 } else { c.part(Way::Issued) };
            let taken_over = if c.wish.taken_over { c.part(Way::Tender) } else { 0 };
            issued + c.part(Way::Applied) - taken_over
        };
        self.credits.iter().map(of).sum()
    }
}

/// Says what a held credit comes to: `parts`, what its wish carries elsewhere, and `kept` beside the fees. Together
/// they are the credit exactly (M5).
pub(super) fn release(t: &mut Turn<'_>, c: usize, mut parts: Vec<CreditPart>, kept: i64) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(credit) = t.body.credits.get_mut(c) else { return Ok(()) };
    let (applied, withheld) = (credit.wish.applied, credit.wish.withheld + kept);
    if applied > 0 {
        parts.push(CreditPart(NO_TENDER, applied, true, Way::Applied));
    }
    if withheld > 0 {
        parts.push(CreditPart(NO_TENDER, withheld, true, Way::Withheld));
    }
    credit.parts.clone_from(&parts);
    credit.state = CreditState::Asked;
    t.out.post(t.posting().refund_paid(messages::EXCHANGE, doc.money(applied)))?;
    t.out.post(t.posting().fee_withheld(doc.money(withheld)))?;
    if applied > 0 {
        grant::granted(t, c)?;
    }
    let elsewhere: i64 = parts.iter().filter(|p| p.3 == Way::Elsewhere).map(|p| p.1).sum();
    if elsewhere > 0 {
        let refund = t.body.credits.get(c).and_then(|x| x.wish.paid_by.clone());
        let fact = serde_json::json!({"credit": credit_id(t, c), "refund": refund, "amount": elsewhere});
        t.out.fact("credit.settled_elsewhere", &fact)?;
    }
    for (p, part) in parts.iter().enumerate() {
        if p == 0 || part.3.moves_money() {
            ask(t, c, p, part)?;
        }
    }
    if parts.iter().all(|p| p.2) { settled::all(t, c) } else { Ok(()) }
}

/// The id of the refund that pays a credit's `p`th part: the credit's own for the first.
pub(super) fn refund_id(t: &Turn<'_>, c: usize, p: usize) -> String {
    let credit = credit_id(t, c);
    let n = p + t.body.credits.get(c).map_or(0, |x| usize::from(x.wish.opened));
    if n == 0 { credit } else { format!("{credit}.{}", n + 1) }
}

/// Opens the refund of a part. The first carries the memo of the whole credit, also where it moves no money.
fn ask(t: &mut Turn<'_>, c: usize, p: usize, part: &CreditPart) -> Res {
    let doc = Arc::clone(&t.doc);
    let Some(credit) = t.body.credits.get(c) else { return Ok(()) };
    let tender = doc.tenders.get(usize::from(part.0));
    let pay = match part.3 {
        Way::Tender if tender.is_some_and(|x| messages::is_virtual(&x.executor)) => Pay::Onward,
        Way::Tender => Pay::Refund,
        Way::Issued => Pay::StoreCredit,
        Way::Applied | Way::Withheld | Way::Elsewhere | Way::Dispute => Pay::Recorded,
    };
    let executor = match pay {
        Pay::StoreCredit => t.policy.credits.store_credit.clone(),
        _ => tender.map(|x| x.executor.clone()).unwrap_or_default(),
    };
    let carries_memo = p == 0 && credit.wish.opened == 0 && !credit.wish.taken_over;
    let lines = if carries_memo { memo_lines(&doc, credit) } else { Vec::new() };
    let open = Open {
        credit: refund_id(t, c, p),
        order: t.name.value.clone(),
        rma: Some(credit.rma.clone()).filter(|rma| !rma.is_empty()),
        executor,
        payment: tender.map(|x| x.payment.clone()).unwrap_or_default(),
        currency: doc.currency,
        amount: part.1,
        tender: tender.map(|x| x.id.clone()).unwrap_or_default(),
        lines,
        pay,
        kind: Some(memo_kind(credit.kind.0)).filter(|k| *k != CreditKind::Return),
        customer: doc.customer.clone().filter(|_| pay == Pay::StoreCredit),
        withheld: if carries_memo { credit.part(Way::Withheld) } else { 0 },
        routes: doc.routes.clone(),
    };
    if pay == Pay::Recorded && open.lines.is_empty() {
        return Ok(());
    }
    t.out.tell(&t.name.tenant, ("refund", &open.credit), "refund.open", &open)
}

/// The ERP knows four kinds: shipping given back is an adjustment of a price, a lost parcel goods never delivered.
const fn memo_kind(kind: CreditKind) -> CreditKind {
    match kind {
        CreditKind::Shipping => CreditKind::PriceAdjustment,
        CreditKind::LostParcel => CreditKind::Cancellation,
        other => other,
    }
}

fn memo_lines(doc: &Doc, credit: &Credit) -> Vec<OpenLine> {
    if credit.lines.is_empty() {
        let whole = OpenLine { line: String::new(), quantity: 0, amount: credit.amount, tax: credit.tax };
        return vec![whole];
    }
    let line = |l: LineValue<'_>| OpenLine {
        line: l.line.to_owned(),
        quantity: l.quantity,
        amount: l.amount,
        tax: l.tax,
    };
    values(doc, credit).into_iter().map(line).collect()
}

/// A credit's lines with their values; units of one line that came back on several return lines are one line. A line
/// of which only the price is given back has no units.
pub(super) fn values<'d>(doc: &'d Doc, credit: &Credit) -> Vec<LineValue<'d>> {
    let mut lines: Vec<LineValue<'d>> = Vec::new();
    for (n, l) in credit.lines.iter().enumerate() {
        let Some(placed) = doc.lines.get(usize::from(l.1)) else { continue };
        let (amount, tax) = credit.value(doc, n);
        let quantity = if credit.carries_units(n) { l.3 - l.2 } else { 0 };
        match lines.iter_mut().find(|x| x.line == placed.id) {
            Some(x) => {
                x.quantity += quantity;
                x.amount += amount;
                x.tax += tax;
            }
            None => lines.push(LineValue { line: &placed.id, quantity, amount, tax }),
        }
    }
    lines
}

/// Tells the return of a credit how it stands; a credit without a return is nobody's but the order's.
pub(super) fn tell(t: &mut Turn<'_>, c: usize, kind: &'static str, reason: Option<String>) -> Res {
    let Some(credit) = t.body.credits.get(c).filter(|c| !c.rma.is_empty()) else { return Ok(()) };
    let verdict = Verdict {
        rma: credit.rma.clone(),
        id: credit.request.clone(),
        credit: credit_id(t, c),
        currency: t.doc.currency,
        amount: credit.amount,
        reason,
    };
    t.out.tell(&t.name.tenant, ("return", &verdict.rma), kind, &verdict)
}
