//! What a storefront says it shows. Mostly it says again what it was told, and then nothing comes of it. Where
//! somebody else changed a figure it is put right, a few times; then two systems are correcting each other, and a
//! person must look.

use super::desk::Desk;
use super::facts;
use super::reports::Shown;
use crate::out::Res;
use retail::time::Time;

/// Takes in what a storefront shows. What it showed before the last publication, and SKUs that are about to be
/// published anyway, are no news.
pub(super) fn shown(desk: &mut Desk<'_>, report: &Shown, at: Time) -> Res {
    let Some(no) = desk.policy.publish_to.iter().position(|source| *source == report.channel) else {
        return Ok(());
    };
    if desk.state.sent.is_none_or(|sent| at.0 <= sent) {
        return Ok(());
    }
    let contested = !desk.state.contested.is_empty();
    let (mut lines, mut stubborn) = (Vec::new(), Vec::new());
    for l in &report.lines {
        let Some(stored) = desk.stored_position(&l.sku)? else { continue };
        // Never published, or waiting to be: then what it shows is expected to be otherwise.
        if stored.chunk == 0 || stored.chunk >= desk.state.first {
            continue;
        }
        let ours = desk.figures(&l.sku, Some(stored)).available.get(no).copied().unwrap_or(0);
        if ours == l.available {
            desk.position(&l.sku)?.corrections = 0;
            desk.state.contested.remove(&l.sku);
            continue;
        }
        lines.push((l.sku.as_str(), ours, l.available));
        let tries = desk.policy.publish_tries;
        let compares = desk.policy.compare.contains(&report.channel);
        let position = desk.position(&l.sku)?;
        if compares {
            position.shown.insert(report.channel.clone(), l.available);
        }
        if position.corrections >= tries {
            desk.state.contested.insert(l.sku.clone());
            stubborn.push(format!("{} ({} instead of {ours})", l.sku, l.available));
            continue;
        }
        position.corrections += 1;
        desk.announce.push(l.sku.clone());
    }
    if contested && desk.state.contested.is_empty() {
        desk.out.clear("stock_contested");
    }
    if !stubborn.is_empty() {
        let shown: Vec<&str> = stubborn.iter().take(5).map(String::as_str).collect();
        desk.out.raise(
            "stock_contested",
            "commerce",
            format!(
                "{} keeps showing other figures than it is told, of {} SKUs: {}",
                report.channel,
                stubborn.len(),
                shown.join(", ")
            ),
            "find who else sets stock at the storefront and stop it; the figures are sent again when they change",
        );
    }
    if lines.is_empty() {
        return Ok(());
    }
    desk.out.fact("stock.shelf_differed", &facts::ShelfDiffered { channel: &report.channel, lines })
}
