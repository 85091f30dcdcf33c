//! Transfers between places. What has left one place and not arrived at another is in transit, which is a place too:
//! nobody is promised what is there. Reports come in any order, and each once. What arrives short, over or not at
//! all is an exception until it is settled.

use super::desk::Desk;
use super::moved::{self, Line};
use super::reports::{TransferLine, TransferLost, TransferReceived, TransferShipped};
use super::state::{Row, transfer_key};
use super::{due, facts};
use crate::out::Res;
use hub::process::Fault;
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// What is known of a transfer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TransferRow {
    /// (SKU, kind's tag, shipped, received, lost).
    #[serde(rename = "l", skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<(String, String, i64, i64, i64)>,
    /// Arrivals that were taken in.
    #[serde(rename = "r", skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<String>,
    /// Whether its departure was reported.
    #[serde(rename = "s", skip_serializing_if = "std::ops::Not::not")]
    pub shipped: bool,
    /// Whether it left a place of this pool: then what is in transit is posted here.
    #[serde(rename = "o", skip_serializing_if = "std::ops::Not::not")]
    pub ours: bool,
    /// Whether its last arrival was reported.
    #[serde(rename = "z", skip_serializing_if = "std::ops::Not::not")]
    pub complete: bool,
}

impl TransferRow {
    fn line(&mut self, sku: &str, tag: &str) -> &mut (String, String, i64, i64, i64) {
        let at = self.lines.iter().position(|l| l.0 == sku && l.1 == tag).unwrap_or_else(|| {
            self.lines.push((sku.to_owned(), tag.to_owned(), 0, 0, 0));
            self.lines.len() - 1
        });
        &mut self.lines[at]
    }

    /// Whether all that left has arrived or is known to be lost.
    fn is_settled(&self) -> bool {
        self.shipped && self.lines.iter().all(|l| l.2 == l.3 + l.4)
    }
}

/// Units left for another place. Where only the other place is of this pool, they are expected there.
pub(super) fn shipped(desk: &mut Desk<'_>, report: &TransferShipped, at: Time) -> Res {
    let (from, to) = (desk.state.place(&report.from), desk.state.place(&report.to));
    if from.is_none() && to.is_none() {
        super::place(desk, &report.from)?;
    }
    let mut row = stored(desk, &report.transfer)?;
    if row.shipped {
        return Ok(());
    }
    (row.shipped, row.ours) = (true, from.is_some());
    for l in &report.lines {
        let tag = l.kind.tag(&desk.policy.entity);
        row.line(&l.sku, &tag).2 += l.quantity;
    }
    if let Some(place) = from {
        let lines = lines(desk, &report.lines, place, -1)?;
        let left: Vec<Line<'_>> = lines.iter().map(|l| (l.0, l.1, l.2.clone(), -l.3)).collect();
        let entry = desk.posting(&report.transfer, at).transfer_shipped(moved::moves(&left));
        moved::take_in(desk, ("stock.transfer_shipped", &report.transfer, ""), &lines, at, Some(entry))?;
    }
    close(desk, &report.transfer, row, at)
}

/// Units arrived, perhaps before their departure is known.
pub(super) fn received(desk: &mut Desk<'_>, report: &TransferReceived, at: Time) -> Res {
    let place = super::place(desk, &report.to)?;
    let mut row = stored(desk, &report.transfer)?;
    if row.receipts.contains(&report.receipt) {
        return Ok(());
    }
    row.receipts.push(report.receipt.clone());
    row.complete |= !report.more;
    let mut found = Vec::new();
    for l in &report.lines {
        let tag = l.kind.tag(&desk.policy.entity);
        let line = row.line(&l.sku, &tag);
        line.3 += l.quantity;
        let back = line.4.min(l.quantity);
        line.4 -= back;
        found.push((l.sku.as_str(), back));
    }
    let entry = desk.posting(&report.transfer, at).transfer_found(found);
    desk.out.post(entry)?;
    let lines = lines(desk, &report.lines, place, 1)?;
    let entry = desk.posting(&report.transfer, at).transfer_received(moved::moves(&lines));
    moved::take_in(desk, ("stock.transfer_received", &report.transfer, ""), &lines, at, Some(entry))?;
    close(desk, &report.transfer, row, at)
}

/// What has not arrived never will.
pub(super) fn lost(desk: &mut Desk<'_>, report: &TransferLost, at: Time) -> Res {
    let mut row = stored(desk, &report.transfer)?;
    if !row.shipped {
        let why = format!("transfer {:?} is not known to have left any place", report.transfer);
        return Err(Fault::new("unknown_transfer", why));
    }
    let mut gone = Vec::new();
    for l in &mut row.lines {
        let n = (l.2 - l.3 - l.4).max(0);
        l.4 += n;
        if n > 0 {
            gone.push((l.0.clone(), n));
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let lines: Vec<(&str, i64)> = gone.iter().map(|(sku, n)| (sku.as_str(), *n)).collect();
    desk.out.fact(
        "stock.transfer_lost",
        &facts::TransferLost { transfer: &report.transfer, lines: lines.clone() },
    )?;
    if row.ours {
        let entry = desk.posting(&report.transfer, at).transfer_lost(lines);
        desk.out.post(entry)?;
    }
    row.complete = true;
    close(desk, &report.transfer, row, at)
}

fn lines<'m>(
    desk: &mut Desk<'_>,
    said: &'m [TransferLine],
    place: super::state::PlaceNo,
    sign: i64,
) -> Res<Vec<Line<'m>>> {
    said.iter().map(|l| moved::line(desk, &l.sku, (place, &l.kind), sign * l.quantity)).collect()
}

fn stored(desk: &Desk<'_>, transfer: &str) -> Res<TransferRow> {
    match desk.stored(&transfer_key(transfer))? {
        Some(Row::Transfer(row)) => Ok(row.clone()),
        None => Ok(TransferRow::default()),
        Some(other) => Err(Fault::new("unreadable", format!("transfer {transfer:?} holds {other:?}"))),
    }
}

/// Writes the row, has it looked at in time when it is new, and says whether something is wrong with it.
fn close(desk: &mut Desk<'_>, transfer: &str, row: TransferRow, at: Time) -> Res {
    let key = transfer_key(transfer);
    if desk.stored(&key)?.is_none() && !row.is_settled() {
        due::note(desk, overdue_by(desk.policy, at), key.clone())?;
    }
    if row.is_settled() {
        settle(desk, transfer);
    } else if row.shipped && row.complete {
        differs(desk, transfer, &row, "arrived otherwise than it left");
    }
    desk.other.push((key, Some(Row::Transfer(row))));
    Ok(())
}

/// The midnight by which a transfer reported now should have arrived.
pub(super) fn overdue_by(policy: &super::StockPolicy, at: Time) -> i64 {
    due::midnight(at.plus(policy.transit).0)
}

/// A transfer has been under way for too long.
pub(super) fn overdue(desk: &mut Desk<'_>, key: &str, row: &TransferRow) -> Res {
    if !row.is_settled() {
        let transfer = key.split_once('/').map_or(key, |(_, transfer)| transfer).to_owned();
        let why =
            if row.shipped { "has not arrived in time" } else { "arrived and is not known to have left" };
        differs(desk, &transfer, row, why);
    }
    Ok(())
}

fn settle(desk: &mut Desk<'_>, transfer: &str) {
    if desk.state.late.remove(transfer) && desk.state.late.is_empty() {
        desk.out.clear("transfer_differs");
    }
}

fn differs(desk: &mut Desk<'_>, transfer: &str, row: &TransferRow, why: &str) {
    desk.state.late.insert(transfer.to_owned());
    let open: Vec<String> = (row.lines.iter().filter(|l| l.2 != l.3 + l.4))
        .map(|l| format!("{}: {} shipped, {} received, {} lost", l.0, l.2, l.3, l.4))
        .collect();
    let others = desk.state.late.len() - 1;
    let others = if others > 0 { format!(" (and {others} other transfers)") } else { String::new() };
    desk.out.raise(
        "transfer_differs",
        "warehouse",
        format!("transfer {transfer} {why}: {}{others}", open.join("; ")),
        "find the units and report what arrived or left, or report the transfer lost",
    );
}
