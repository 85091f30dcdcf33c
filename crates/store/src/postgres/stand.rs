//! How things stand before a commit: the heads locked, and all that can refuse a batch.

use super::fault::Bad;
use super::head::Line;
use super::load::nth;
use super::session::{Link, Value};
use super::text;
use super::view::{cells, part_at, u64_at};
use crate::check::{LARGEST, moved, movements, sorted};
use crate::code::{int, key, number};
use crate::row;
use futures_util::future::try_join_all;
use hub::batch::{Batch, CaseId, CommitAnswer, Digest, ExceptionChange, Head, OutboxChange, Part};
use retail::envelope::Name;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// In order of partition, so that two who want several never wait for each other.
pub(super) const HEADS: &str = "SELECT part, epoch, node, until, pos, received, cases, commands, mail, hash,
     totals, sum FROM head
   WHERE part = ANY($1) ORDER BY part FOR UPDATE";
const CASES: &str = "SELECT id, ver, sum FROM cases WHERE id = ANY($1)";
const DOCS: &str = "SELECT id, sum FROM doc WHERE id = ANY($1)";
const UNSETTLED: &str = "SELECT id, sum FROM unsettled WHERE id = ANY($1)";
const OUTBOX: &str = "SELECT id, number, cause, created, state, time, attempts, body, sum FROM outbox
   WHERE id = ANY($1)";
const ROWS: &str = "SELECT k.n, r.sum FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS k (id, key, n)
   JOIN rows r ON r.id = k.id AND r.key = k.key";
const ROUTES: &str = "SELECT k.n FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[])
     WITH ORDINALITY AS k (part, tenant, kind, value, number, n)
   JOIN route r ON r.value = k.value AND r.kind = k.kind AND r.tenant = k.tenant AND r.part = k.part
     AND r.number = k.number";
const MARKS: &str =
    "SELECT k.n, m.pos, m.sum FROM unnest($1::int[], $2::int[]) WITH ORDINALITY AS k (to_part, from_part, n)
   JOIN mark m ON m.to_part = k.to_part AND m.from_part = k.from_part";
const MAIL: &str =
    "SELECT m.to_part, m.sum FROM unnest($1::int[], $2::int[], $3::bigint[]) AS k (to_part, from_part, pos)
   JOIN mail m ON m.to_part = k.to_part AND m.from_part = k.from_part AND m.pos <= k.pos";
const NAMES: &str = "SELECT k.n FROM unnest($1::int[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY
     AS k (part, tenant, kind, value, n)
   WHERE EXISTS (SELECT 1 FROM route r
     WHERE r.value = k.value AND r.kind = k.kind AND r.tenant = k.tenant AND r.part = k.part)";
const SEEN: &str = "SELECT k.n FROM unnest($1::bigint[], $2::bytea[]) WITH ORDINALITY AS k (id, key, n)
   JOIN seen s ON s.id = k.id AND s.key = k.key";
const BALANCES: &str =
    "SELECT k.n, b.value, b.sum FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY
     AS k (part, account, unit, n)
   JOIN balance b ON b.part = k.part AND b.account = k.account AND b.unit = k.unit";
const OPEN: &str =
    "SELECT k.n, e.id, e.part, e.about, e.code, e.cause, e.owner, e.next_step, e.opened, e.pos,
     e.closed, e.closed_pos, e.sum FROM unnest($1::int[], $2::text[], $3::text[]) WITH ORDINALITY
     AS k (part, about, code, n)
   JOIN exception e ON e.part = k.part AND e.about = k.about AND e.code = k.code AND e.closed IS NULL";
const NEWEST: &str = "SELECT p, coalesce((SELECT max(id) FROM exception
     WHERE id > p::bigint << 47 AND id <= (p::bigint << 47) + $2), p::bigint << 47) FROM unnest($1::int[]) p";

/// A row's sum; none where an earlier release wrote it.
pub(super) type Sum = Option<i64>;

/// What is stored of all that a wave of batches, one of a partition at most, would touch.
#[derive(Debug, Default)]
pub(super) struct Standing<'a> {
    pub heads: BTreeMap<Part, Line>,
    /// Versions and sums, by row id.
    pub cases: BTreeMap<i64, (u64, Sum)>,
    pub docs: BTreeMap<i64, Sum>,
    pub unsettled: BTreeMap<i64, Sum>,
    pub outbox: BTreeMap<i64, (row::Row<'static>, Sum)>,
    pub rows: BTreeMap<(i64, &'a str), Sum>,
    /// Names that lead to the case already that the wave says they do.
    pub routes: BTreeSet<(Part, &'a Name, CaseId)>,
    pub marks: BTreeMap<(Part, Part), (i64, Sum)>,
    /// Mail that the wave takes in, by who takes it.
    pub mail: Vec<(Part, Sum)>,
    /// Cases that would open under a name that leads to one already, by row id.
    taken: BTreeSet<i64>,
    seen: BTreeSet<(i64, Digest)>,
    pub balances: BTreeMap<(Part, &'a str, &'a str), (i64, Sum)>,
    /// Open exceptions by what they say, and the newest number of each partition, as row ids.
    pub open: BTreeMap<(Part, &'a str, &'a str), (i64, row::Row<'static>, Sum)>,
    pub newest: BTreeMap<Part, i64>,
}

type Texts<'a> = Vec<Cow<'a, str>>;

impl<'a> Standing<'a> {
    /// Locks the heads and reads all that matters, in one round trip.
    pub(super) async fn read(link: &Link, wave: &[&'a Batch]) -> Result<Self, Bad> {
        let mut asks: Vec<(&'static str, Vec<Value<'_>>)> = Vec::new();
        let parts: Vec<i32> = wave.iter().map(|b| i32::from(b.part)).collect();
        asks.push((HEADS, vec![Box::new(parts)]));

        let ids: Vec<i64> = wave.iter().flat_map(|b| b.cases.iter().map(|c| key(b.part, c.id))).collect();
        asks.push((CASES, vec![Box::new(ids)]));

        let opened: Vec<_> = wave
            .iter()
            .flat_map(|b| b.cases.iter().filter(|c| c.ver == 1).map(|c| (b.part, c.id, &c.name)))
            .collect();
        let column = |pick: fn(&retail::envelope::Name) -> &str| -> Texts<'a> {
            opened.iter().map(|(_, _, name)| text::put(pick(name))).collect()
        };
        let of: Vec<i32> = opened.iter().map(|(part, ..)| i32::from(*part)).collect();
        let columns: Vec<Value<'_>> = vec![
            Box::new(of),
            Box::new(column(|n| &n.tenant)),
            Box::new(column(|n| &n.kind)),
            Box::new(column(|n| &n.value)),
        ];
        asks.push((NAMES, columns));

        let marks: Vec<_> =
            wave.iter().flat_map(|b| b.seen.iter().map(|s| (key(b.part, s.case), s.key))).collect();
        let digests: Vec<Vec<u8>> = marks.iter().map(|(_, key)| key.to_vec()).collect();
        let ids: Vec<i64> = marks.iter().map(|(id, _)| *id).collect();
        asks.push((SEEN, vec![Box::new(ids), Box::new(digests)]));

        let accounts: Vec<_> =
            wave.iter().flat_map(|b| movements(b).into_keys().map(|(a, u)| (b.part, a, u))).collect();
        asks.push((BALANCES, three(&accounts)));

        let about: BTreeSet<_> =
            wave.iter().flat_map(|b| b.exceptions.iter().map(|e| about(b.part, e))).collect();
        let about: Vec<_> = about.into_iter().collect();
        asks.push((OPEN, three(&about)));
        let parts: BTreeSet<i32> = about.iter().map(|(part, ..)| i32::from(*part)).collect();
        let parts: Vec<i32> = parts.into_iter().collect();
        asks.push((NEWEST, vec![Box::new(parts), Box::new(LARGEST.cast_signed())]));

        let docs =
            wave.iter().flat_map(|b| b.cases.iter().filter(|c| c.doc.is_some()).map(|c| key(b.part, c.id)));
        let docs: Vec<i64> = docs.collect();
        let settled = wave.iter().flat_map(|b| b.settled.iter().map(|(pos, _)| key(b.part, *pos)));
        let settled: Vec<i64> = settled.collect();
        let commands: BTreeSet<i64> =
            wave.iter().flat_map(|b| b.outbox.iter().map(|change| key(b.part, command(change)))).collect();
        let commands: Vec<i64> = commands.into_iter().collect();
        let rows: BTreeSet<(i64, &'a str)> =
            wave.iter().flat_map(|b| b.rows.iter().map(|r| (key(b.part, r.case), r.key.as_str()))).collect();
        let rows: Vec<_> = rows.into_iter().collect();
        let routes: BTreeSet<(Part, &'a Name, CaseId)> =
            wave.iter().flat_map(|b| b.routes.iter().map(|(name, case)| (b.part, name, *case))).collect();
        let routes: Vec<_> = routes.into_iter().collect();
        // Of one sender only up to the last: a row of mail must not be met twice.
        let mut marks_to: BTreeMap<(Part, Part), i64> = BTreeMap::new();
        for b in wave {
            for (from, pos) in &b.taken {
                let last = marks_to.entry((b.part, *from)).or_default();
                *last = (*last).max(i64::try_from(*pos).unwrap_or(i64::MAX));
            }
        }
        let taken: Vec<(Part, Part, i64)> =
            marks_to.into_iter().map(|((to, from), pos)| (to, from, pos)).collect();
        let no_more = [
            docs.is_empty(),
            settled.is_empty(),
            commands.is_empty(),
            rows.is_empty(),
            routes.is_empty(),
            taken.is_empty(),
            taken.is_empty(),
        ];
        let to: Vec<i32> = taken.iter().map(|(to, ..)| i32::from(*to)).collect();
        let from: Vec<i32> = taken.iter().map(|(_, from, _)| i32::from(*from)).collect();
        let upto: Vec<i64> = taken.iter().map(|(.., pos)| *pos).collect();
        asks.push((DOCS, vec![Box::new(docs)]));
        asks.push((UNSETTLED, vec![Box::new(settled)]));
        asks.push((OUTBOX, vec![Box::new(commands)]));
        let ids: Vec<i64> = rows.iter().map(|(id, _)| *id).collect();
        let keys: Texts<'a> = rows.iter().map(|(_, key)| text::put(key)).collect();
        asks.push((ROWS, vec![Box::new(ids), Box::new(keys)]));
        let column = |pick: fn(&Name) -> &str| -> Texts<'a> {
            routes.iter().map(|(_, name, _)| text::put(pick(name))).collect()
        };
        let of: Vec<i32> = routes.iter().map(|(part, ..)| i32::from(*part)).collect();
        let cases: Vec<i64> = routes.iter().map(|(.., case)| int(*case)).collect();
        let columns: Vec<Value<'_>> = vec![
            Box::new(of),
            Box::new(column(|n| &n.tenant)),
            Box::new(column(|n| &n.kind)),
            Box::new(column(|n| &n.value)),
            Box::new(cases),
        ];
        asks.push((ROUTES, columns));
        asks.push((MARKS, vec![Box::new(to.clone()), Box::new(from.clone())]));
        asks.push((MAIL, vec![Box::new(to), Box::new(from), Box::new(upto)]));

        let empty = [
            false,
            wave.iter().all(|b| b.cases.is_empty()),
            opened.is_empty(),
            marks.is_empty(),
            accounts.is_empty(),
            about.is_empty(),
            about.is_empty(),
        ];
        let mut statements = Vec::new();
        for ((sql, _), empty) in asks.iter().zip(empty.into_iter().chain(no_more)) {
            statements.push(if empty { None } else { Some(link.statement(sql).await?) });
        }
        let sent = asks.iter().zip(&statements).map(async |((_, columns), statement)| match statement {
            None => Ok(Vec::new()),
            Some(statement) => {
                let values: Vec<_> = columns.iter().map(AsRef::as_ref).collect();
                link.client().query(statement, &values).await
            }
        });
        let mut answers = try_join_all(sent).await?.into_iter();
        let mut next = || answers.next().unwrap_or_default();

        let mut found = Self::default();
        for r in next() {
            found.heads.insert(part_at(&r, 0)?, Line::of(&r)?);
        }
        for r in next() {
            found.cases.insert(r.try_get(0)?, (u64_at(&r, 1)?, r.try_get(2)?));
        }
        for r in next() {
            found.taken.extend(nth(&r, 0)?.and_then(|n| opened.get(n)).map(|(part, id, _)| key(*part, *id)));
        }
        for r in next() {
            found.seen.extend(nth(&r, 0)?.and_then(|n| marks.get(n)).copied());
        }
        for r in next() {
            if let Some(account) = nth(&r, 0)?.and_then(|n| accounts.get(n)) {
                found.balances.insert(*account, (r.try_get(1)?, r.try_get(2)?));
            }
        }
        for r in next() {
            if let Some(about) = nth(&r, 0)?.and_then(|n| about.get(n)) {
                found.open.insert(*about, (r.try_get(1)?, cells(&r, 1, 11)?, r.try_get(12)?));
            }
        }
        for r in next() {
            found.newest.insert(part_at(&r, 0)?, r.try_get(1)?);
        }
        for r in next() {
            found.docs.insert(r.try_get(0)?, r.try_get(1)?);
        }
        for r in next() {
            found.unsettled.insert(r.try_get(0)?, r.try_get(1)?);
        }
        for r in next() {
            found.outbox.insert(r.try_get(0)?, (cells(&r, 0, 8)?, r.try_get(8)?));
        }
        for r in next() {
            if let Some(row) = nth(&r, 0)?.and_then(|n| rows.get(n)) {
                found.rows.insert(*row, r.try_get(1)?);
            }
        }
        for r in next() {
            found.routes.extend(nth(&r, 0)?.and_then(|n| routes.get(n)).copied());
        }
        for r in next() {
            if let Some((to, from, _)) = nth(&r, 0)?.and_then(|n| taken.get(n)) {
                found.marks.insert((*to, *from), (r.try_get(1)?, r.try_get(2)?));
            }
        }
        for r in next() {
            found.mail.push((part_at(&r, 0)?, r.try_get(1)?));
        }
        Ok(found)
    }

    /// Balances after a batch that stands as stored, or why it does not.
    pub(super) fn judge(&self, b: &'a Batch) -> Result<Vec<(&'a str, &'a str, i64)>, CommitAnswer> {
        if self.heads.get(&b.part).map(|line| (line.epoch, line.head)) != Some((b.epoch, b.from)) {
            return Err(CommitAnswer::Fenced);
        }
        let stands = |id: CaseId, ver: u64| {
            let id = key(b.part, id);
            match self.cases.get(&id) {
                Some((stored, _)) => ver > 1 && *stored == ver - 1,
                None => ver == 1 && !self.taken.contains(&id),
            }
        };
        let clash: Vec<CaseId> = b.cases.iter().filter(|c| !stands(c.id, c.ver)).map(|c| c.id).collect();
        if !clash.is_empty() {
            return Err(CommitAnswer::Clash(sorted(clash)));
        }
        let mut marks = BTreeSet::new();
        let known = |id| self.seen.contains(&id);
        let again =
            b.seen.iter().map(|s| (key(b.part, s.case), s.key)).find(|id| known(*id) || !marks.insert(*id));
        if let Some((id, _)) = again {
            return Err(CommitAnswer::Clash(vec![number(id)]));
        }
        let mut balances = Vec::new();
        for ((account, unit), by) in movements(b) {
            let value = self.balances.get(&(b.part, account, unit)).map_or(0, |(value, _)| *value);
            let value = moved(account, unit, value, by).map_err(CommitAnswer::Failed)?;
            balances.push((account, unit, value));
        }
        Ok(balances)
    }
}

/// The number of the command that changes.
const fn command(change: &OutboxChange) -> u64 {
    match change {
        OutboxChange::Put(row) => row.id,
        OutboxChange::Move { id, .. } | OutboxChange::Delete(id) => *id,
    }
}

/// What an exception is known by.
pub(super) fn about(part: Part, change: &ExceptionChange) -> (Part, &str, &str) {
    match change {
        ExceptionChange::Raise(e) => (part, &e.about, &e.code),
        ExceptionChange::Close { about, code, .. } => (part, about, code),
    }
}

/// Columns of a partition and two texts.
fn three<'a>(rows: &[(Part, &'a str, &'a str)]) -> Vec<Value<'a>> {
    let parts: Vec<i32> = rows.iter().map(|(part, ..)| i32::from(*part)).collect();
    let first: Texts<'a> = rows.iter().map(|(_, a, _)| text::put(a)).collect();
    let second: Texts<'a> = rows.iter().map(|(_, _, b)| text::put(b)).collect();
    vec![Box::new(parts), Box::new(first), Box::new(second)]
}

/// A head once it is nobody's to change. A transaction that was cut off with COMMIT on its way holds it locked until it
/// has ended; a server that died with it under way ends every connection that could still see the moment before.
pub(super) async fn settled(link: &Link, part: Part) -> Result<(u64, Head), Bad> {
    let row = link.row(HEADS, &[&[i32::from(part)].as_slice()]).await?;
    let line = row.as_ref().map(Line::of).transpose()?.unwrap_or_default();
    Ok((line.epoch, line.head))
}
