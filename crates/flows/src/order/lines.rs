//! Lines as they are kept: bundles replaced by their components, supply and delivery checked.

use super::bundle::{self, Bundle};
use super::delivery::Supply;
use super::doc::Line;
use super::events::SubmittedLine;
use super::submit;
use crate::out::Res;
use crate::read::{MAX_LINES, field};
use hub::process::Fault;
use retail::money::Currency;
use std::collections::BTreeSet;

/// Reads lines that somebody ordered.
///
/// # Errors
/// `duplicate_line`, `line_count`, `no_vendor`, `no_place`, and what is wrong with a line's money.
pub(super) fn read(submitted: Vec<SubmittedLine>, currency: Currency) -> Res<(Vec<Line>, Vec<Bundle>)> {
    let (mut lines, mut bundles) = (Vec::with_capacity(submitted.len()), Vec::new());
    for mut l in submitted {
        let components = std::mem::take(&mut l.components);
        let line = submit::line(l)?;
        if components.is_empty() {
            lines.push(line);
        } else {
            let (bundle, mut parts) = bundle::expand(&line, components, currency)?;
            bundles.push(bundle);
            lines.append(&mut parts);
        }
    }
    if lines.len() > MAX_LINES {
        let why = format!("it has {} lines with all components; the most is {MAX_LINES}", lines.len());
        return Err(Fault::new("line_count", why));
    }
    let mut ids: BTreeSet<&str> = BTreeSet::new();
    let all = lines.iter().map(|l| l.id.as_str()).chain(bundles.iter().map(|b| b.id.as_str()));
    for id in all {
        if !ids.insert(id) {
            return Err(Fault::new("duplicate_line", format!("line {id:?} stands in it twice")));
        }
    }
    let lines = lines.into_iter().map(check).collect::<Res<Vec<_>>>()?;
    Ok((lines, bundles))
}

fn check(mut line: Line) -> Res<Line> {
    let what = format!("line {:?}", line.id);
    line.deliver = line.deliver.map(|d| d.check(&what)).transpose()?;
    if line.supply == Supply::Dropship && !line.vendor.as_deref().is_some_and(field::is_id) {
        let why = format!("{what} is drop-shipped and names no `vendor` that could ship it");
        return Err(Fault::new("no_vendor", why));
    }
    Ok(line)
}
