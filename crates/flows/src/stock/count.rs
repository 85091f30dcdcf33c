//! Count: what a place had at an instant, by its own word.

use super::desk::Desk;
use super::facts;
use super::messages::Counted;
use super::spot::SpotNo;
use super::state::seen_key;
use crate::out::Res;
use books::Moved;

/// Applies a count: on hand becomes what was counted and what moved since. One that is older than the last is not
/// applied, nor one so old that not every movement since is remembered.
pub(super) fn counted(desk: &mut Desk<'_>, report: &Counted) -> Res {
    let place = super::place(desk, &report.place)?;
    if desk.is_repeat(seen_key("count", &report.place, &report.count))? {
        return Ok(());
    }
    // A place whose clock is ahead cannot know of what is still to come.
    let as_of = report.as_of.0.min(desk.now.0);
    let (mut lines, mut changes, mut stale, mut overtaken) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for l in &report.lines {
        desk.categorise(&l.sku, l.category.as_deref())?;
        let spot = desk.spot(&l.sku, place, &l.kind)?;
        let position = desk.position(&l.sku)?;
        let known = position.spot(spot).as_of;
        if known.is_some_and(|known| as_of < known) {
            stale.push(l.sku.as_str());
            continue;
        }
        // A movement at the very instant of a count is taken as after it, so it must be remembered too.
        let forgotten = position.log.horizon.is_some_and(|horizon| as_of <= horizon);
        let first = known.is_none() && position.log.begins_after(spot, as_of);
        if forgotten && !first {
            stale.push(l.sku.as_str());
            overtaken.push(l.sku.as_str());
            continue;
        }
        let since = position.log.after(spot, as_of);
        position.log.settle(spot, as_of);
        for lost in [&mut position.lost, &mut position.covered] {
            lost.retain(|l| l.0 != spot || l.2 >= as_of);
        }
        let here = position.spot_mut(spot);
        let before = here.on_hand();
        here.net = l.on_hand.saturating_add(since);
        here.as_of = Some(as_of);
        lines.push((l.sku.as_str(), l.on_hand, here.on_hand()));
        changes.push((l.sku.as_str(), spot, here.on_hand() - before));
        if known.is_none() && spot == SpotNo::from(place) {
            // Storefronts learn of a SKU by its first count, be it of nothing.
            desk.announce.push(l.sku.clone());
        }
    }
    let fact =
        facts::Counted { count: &report.count, place: &report.place, as_of: report.as_of, lines, stale };
    desk.out.fact("stock.counted", &fact)?;
    let changes = changes.iter().map(|(sku, spot, n)| Ok((*sku, desk.spot_name(sku, *spot)?, *n)));
    let changes: Vec<_> = changes.collect::<Res<_>>()?;
    let moves = changes.iter().map(|(sku, place, quantity)| Moved { place, sku, quantity: *quantity });
    let entry = desk.posting(&report.count, report.as_of).adjusted("counted", moves);
    desk.out.post(entry)?;
    if !overtaken.is_empty() {
        desk.out.raise(
            "count_overtaken",
            "operations",
            format!(
                "count {} of {} is too old for {} SKUs that moved much since: {}",
                report.count,
                report.place,
                overtaken.len(),
                overtaken.iter().take(5).copied().collect::<Vec<_>>().join(", ")
            ),
            "count these SKUs again and report the count at once",
        );
    }
    Ok(())
}
