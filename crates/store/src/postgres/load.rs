//! Keys looked up for a turn: one statement for all cases, one for all rows, one for all marks.

use super::fault::Bad;
use super::session::Link;
use super::text;
use super::view::{body_at, case, checked, digest_at};
use crate::code::key;
use crate::totals::Table;
use hub::batch::{Digest, Found, Key, Part, SEEN_WITH_CASE, StoredCase};
use tokio_postgres::Row;

/// Cases by name: the one that was opened under it, else the latest that took it; with their documents, and with
/// one more mark than is loaded, to see whether there are more.
const CASES: &str =
    "SELECT c.id, c.ver, c.last, c.due, c.live, c.tenant, c.kind, c.value, c.body, c.sum, d.id, d.body, d.sum,
     s.marks, k.n
   FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS k (tenant, kind, value, n)
   CROSS JOIN LATERAL (
     SELECT number FROM route r
     WHERE r.value = k.value AND r.kind = k.kind AND r.tenant = k.tenant AND r.part = $1
     ORDER BY own DESC, number DESC LIMIT 1) r
   JOIN cases c ON c.id = ($1::bigint << 47) + r.number
   LEFT JOIN doc d ON d.id = c.id
   CROSS JOIN LATERAL (
     SELECT string_agg(key || body, ''::bytea ORDER BY key) AS marks FROM (
       SELECT key, body FROM seen WHERE id = c.id ORDER BY key LIMIT $5) AS first) s";
const ROWS: &str =
    "SELECT r.id, r.key, r.body, r.sum, k.n FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS k (id, key, n)
   JOIN rows r ON r.id = k.id AND r.key = k.key";
const MARKS: &str =
    "SELECT s.id, s.key, s.body, s.pos, s.sum, k.n FROM unnest($1::bigint[], $2::bytea[]) WITH ORDINALITY AS k (id, key, n)
   JOIN seen s ON s.id = k.id AND s.key = k.key";

/// How many of the three statements the keys need: more than one must share a snapshot.
pub(super) fn statements(keys: &[Key]) -> usize {
    let any = |wanted: fn(&Key) -> bool| usize::from(keys.iter().any(wanted));
    any(|k| matches!(k, Key::Case(_)))
        + any(|k| matches!(k, Key::Row(..)))
        + any(|k| matches!(k, Key::Seen(..)))
}

pub(super) async fn load(link: &Link, part: Part, keys: &[Key]) -> Result<Vec<Found>, Bad> {
    let (mut names, mut rows, mut marks) = (Vec::new(), Vec::new(), Vec::new());
    for (at, wanted) in keys.iter().enumerate() {
        match wanted {
            Key::Case(name) => names.push((at, name)),
            Key::Row(case, row) => rows.push((at, key(part, *case), text::put(row))),
            Key::Seen(case, mark) => marks.push((at, key(part, *case), mark.as_slice())),
        }
    }
    let mut found: Vec<Found> = keys.iter().map(|_| Found::Nothing).collect();
    let mut put = |at: Option<usize>, what: Found| {
        if let Some(place) = at.and_then(|at| found.get_mut(at)) {
            *place = what;
        }
    };
    if !names.is_empty() {
        let column = |pick: fn(&retail::envelope::Name) -> &str| -> Vec<_> {
            names.iter().map(|(_, name)| text::put(pick(name))).collect()
        };
        let (tenants, kinds, values) = (column(|n| &n.tenant), column(|n| &n.kind), column(|n| &n.value));
        let limit = i64::try_from(SEEN_WITH_CASE + 1).unwrap_or(i64::MAX);
        for r in link.rows(CASES, &[&i32::from(part), &tenants, &kinds, &values, &limit]).await? {
            let at = nth(&r, 14)?.and_then(|n| names.get(n)).map(|(at, _)| *at);
            put(at, Found::Case(Box::new(stored(&r)?)));
        }
    }
    if !rows.is_empty() {
        let ids: Vec<i64> = rows.iter().map(|(_, id, _)| *id).collect();
        let texts: Vec<&str> = rows.iter().map(|(_, _, row)| row.as_ref()).collect();
        for r in link.rows(ROWS, &[&ids, &texts]).await? {
            let at = nth(&r, 4)?.and_then(|n| rows.get(n)).map(|(at, ..)| *at);
            put(at, Found::Row(body_at(checked(&r, Table::Rows.name(), 0, 3)?, 2)?));
        }
    }
    if !marks.is_empty() {
        let ids: Vec<i64> = marks.iter().map(|(_, id, _)| *id).collect();
        let digests: Vec<&[u8]> = marks.iter().map(|(_, _, mark)| *mark).collect();
        for r in link.rows(MARKS, &[&ids, &digests]).await? {
            let at = nth(&r, 5)?.and_then(|n| marks.get(n)).map(|(at, ..)| *at);
            put(at, Found::Seen(digest_at(checked(&r, Table::Seen.name(), 0, 4)?, 2)?));
        }
    }
    Ok(found)
}

/// Which of the keys a row answers: its ordinal, from 0.
pub(super) fn nth(r: &Row, column: usize) -> Result<Option<usize>, Bad> {
    Ok(usize::try_from(r.try_get::<_, i64>(column)? - 1).ok())
}

/// A case with its marks, each sixteen bytes of key and sixteen of body.
fn stored(r: &Row) -> Result<StoredCase, Bad> {
    let marks = r.try_get::<_, Option<&[u8]>>(13)?.unwrap_or_default();
    let mut seen: Vec<(Digest, Digest)> = Vec::with_capacity(marks.len() / 32);
    let (halves, rest) = marks.as_chunks::<16>();
    let (pairs, odd) = halves.as_chunks::<2>();
    if !rest.is_empty() || !odd.is_empty() {
        return Err(Bad::Unreadable("a mark is not sixteen bytes".to_owned()));
    }
    seen.extend(pairs.iter().map(|[key, body]| (*key, *body)));
    let seen_complete = seen.len() <= SEEN_WITH_CASE;
    seen.truncate(SEEN_WITH_CASE);
    Ok(StoredCase { row: case(r)?, seen, seen_complete })
}
