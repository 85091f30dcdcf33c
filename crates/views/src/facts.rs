//! Facts of given types, as JSON lines.

use crate::Turn;
use serde::Serialize;
use store::{Reader, Scan, Scanned, StoreError};

#[derive(Serialize)]
struct Line<'a> {
    part: u16,
    pos: u64,
    at: retail::time::Time,
    case: [&'a str; 3],
    #[serde(rename = "type")]
    kind: &'a str,
    data: &'a retail::envelope::Json,
}

/// Up to about `limit` facts of `types` from journal rows after position `after`, over all partitions in
/// turn; each line says its `part` and `pos`. The last line is `{"next": pos}` when there is more: ask again
/// with `after` set to it. Positions of several partitions are walked side by side.
///
/// # Errors
/// When the store cannot be read.
pub fn facts(
    reader: &mut dyn Reader,
    types: &[String],
    after: u64,
    limit: usize,
) -> Result<Vec<u8>, StoreError> {
    let mut out = Vec::new();
    let parts = reader.parts()?;
    let mut left = limit;
    let mut from = after;
    while left > 0 {
        let mut furthest = from;
        let mut rows_seen = 0;
        for part in &parts {
            for row in reader.scan(*part, Scan::Journal, from, PAGE)? {
                let Scanned::Journal(row) = row else { continue };
                if row.pos > from + PAGE as u64 {
                    break;
                }
                rows_seen += 1;
                furthest = furthest.max(row.pos);
                // Only rows that name the type at all are worth reading as JSON.
                if !types.iter().any(|kind| contains(&row.body, kind.as_bytes())) {
                    continue;
                }
                let Ok(turn) = serde_json::from_slice::<Turn>(&row.body) else { continue };
                for fact in turn.facts.iter().filter(|fact| types.contains(&fact.kind)) {
                    let line = Line {
                        part: *part,
                        pos: row.pos,
                        at: row.at,
                        case: [&turn.case.tenant, &turn.case.kind, &turn.case.value],
                        kind: &fact.kind,
                        data: &fact.data,
                    };
                    if serde_json::to_writer(&mut out, &line).is_ok() {
                        out.push(b'\n');
                        left = left.saturating_sub(1);
                    }
                }
            }
        }
        if rows_seen == 0 {
            return Ok(out);
        }
        from = furthest;
    }
    out.extend_from_slice(format!("{{\"next\":{from}}}\n").as_bytes());
    Ok(out)
}

const PAGE: usize = 2_000;

/// Whether `needle` stands in `hay`.
pub(crate) fn contains(hay: &[u8], needle: &[u8]) -> bool {
    !needle.is_empty() && hay.windows(needle.len()).any(|window| window == needle)
}
