//! The rows of a wave of batches, table by table: a statement per table, however many rows there are.
//!
//! What several changes of a batch do to one row is worked out here first, since a statement may touch a row once.

use super::session::Value;
use super::stand::{Standing, about};
use super::text;
use crate::code::{int, key, live, state_code};
use crate::pack::pack;
use hub::batch::{
    Batch, CaseRow, ExceptionChange, ExceptionRow, MailRow, OutboxChange, OutboxRow, Part, Pos, ReceivedState,
};
use retail::envelope::Name;
use std::collections::BTreeMap;
use tokio_postgres::types::ToSql;

/// A statement and its columns.
pub(super) type Call<'a> = (&'static str, Vec<Value<'a>>);

/// Rows of one statement stop at so many bytes: PostgreSQL takes a message of 1 GB at most.
const LOAD: usize = 32 * 1024 * 1024;

/// A batch that stands, and its balances afterwards.
pub(super) type Good<'a> = (&'a Batch, Vec<(&'a str, &'a str, i64)>);

const HEAD: &str =
    "UPDATE head SET pos = u.pos, received = u.received, cases = u.cases, commands = u.commands,
     mail = u.mail, hash = u.hash
   FROM unnest($1::int[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
     $8::bytea[]) AS u (part, epoch, pos, received, cases, commands, mail, hash)
   WHERE head.part = u.part AND head.epoch = u.epoch";
const OPENED: &str = "INSERT INTO cases (id, ver, last, due, live, tenant, kind, value, body)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
     $7::text[], $8::text[], $9::bytea[])";
const TURNED: &str = "UPDATE cases SET ver = u.ver, last = u.last, due = u.due, live = u.live, body = u.body
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[])
     AS u (id, ver, last, due, live, body)
   WHERE cases.id = u.id";
const DOCS: &str = "INSERT INTO doc (id, body) SELECT * FROM unnest($1::bigint[], $2::bytea[])
   ON CONFLICT (id) DO UPDATE SET body = excluded.body";
const ROUTES: &str = "INSERT INTO route (part, tenant, kind, value, number, own)
   SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[])
   ON CONFLICT DO NOTHING";
const JOURNAL: &str = "INSERT INTO journal (id, number, prev, at, body)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[])";
const RECEIVED: &str = "INSERT INTO received (id, at, connection, key, headers, body)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[])";
const DECIDED: &str = "DELETE FROM unsettled WHERE id = ANY($1)";
const UNSETTLED: &str = "INSERT INTO unsettled (id, state) SELECT * FROM unnest($1::bigint[], $2::bigint[])
   ON CONFLICT (id) DO UPDATE SET state = excluded.state";
const SEEN: &str = "INSERT INTO seen (id, key, body, pos)
   SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[])";
const ROWS_GONE: &str = "DELETE FROM rows USING unnest($1::bigint[], $2::text[]) AS u (id, key)
   WHERE rows.id = u.id AND rows.key = u.key";
const ROWS: &str =
    "INSERT INTO rows (id, key, body) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[])
   ON CONFLICT (id, key) DO UPDATE SET body = excluded.body";
const OUTBOX_GONE: &str = "DELETE FROM outbox WHERE id = ANY($1)";
const OUTBOX_MOVED: &str = "UPDATE outbox SET state = u.state, time = u.time, attempts = u.attempts
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (id, state, time, attempts)
   WHERE outbox.id = u.id";
const OUTBOX: &str = "INSERT INTO outbox (id, number, cause, created, state, time, attempts, body)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::bytea[])
   ON CONFLICT (id) DO UPDATE SET number = excluded.number, cause = excluded.cause, created = excluded.created,
     state = excluded.state, time = excluded.time, attempts = excluded.attempts, body = excluded.body";
const MARKS: &str = "INSERT INTO mark (to_part, from_part, pos)
   SELECT * FROM unnest($1::int[], $2::int[], $3::bigint[])
   ON CONFLICT (to_part, from_part) DO UPDATE SET pos = greatest(mark.pos, excluded.pos)";
const MAIL_GONE: &str =
    "DELETE FROM mail USING unnest($1::int[], $2::int[], $3::bigint[]) AS u (to_part, from_part, pos)
   WHERE mail.to_part = u.to_part AND mail.from_part = u.from_part AND mail.pos <= u.pos";
const MAIL: &str = "INSERT INTO mail (to_part, from_part, pos, body)
   SELECT * FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bytea[])";
const BALANCES: &str = "INSERT INTO balance (part, account, unit, value)
   SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::bigint[])
   ON CONFLICT (part, account, unit) DO UPDATE SET value = excluded.value";
const CLOSED: &str = "UPDATE exception SET closed = u.at, closed_pos = u.pos
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (id, at, pos) WHERE exception.id = u.id";
const RAISED: &str =
    "INSERT INTO exception (id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos)
   SELECT * FROM unnest($1::bigint[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[])";

/// All that the batches write, in the order in which it must be written.
///
/// # Errors
/// When a row cannot be written as JSON: which batch of the wave, and why.
pub(super) fn calls<'a>(
    wave: &[Good<'a>],
    standing: &Standing<'a>,
) -> Result<Vec<Call<'a>>, (usize, String)> {
    let mut calls = Vec::new();
    heads(wave, &mut calls);
    cases(wave, &mut calls);
    journal(wave, &mut calls);
    inbox(wave, &mut calls);
    rows(wave, &mut calls);
    outbox(wave, &mut calls)?;
    mail(wave, &mut calls)?;
    balances(wave, &mut calls);
    exceptions(wave, standing, &mut calls);
    Ok(calls)
}

fn column<'a, R, T: ToSql + Sync + 'a>(rows: &[R], pick: impl Fn(&R) -> T) -> Value<'a> {
    Box::new(rows.iter().map(pick).collect::<Vec<T>>())
}

/// Rows in as many statements as their bytes need; none where there are none.
fn put<'a, R>(
    calls: &mut Vec<Call<'a>>,
    sql: &'static str,
    rows: &[R],
    bytes: impl Fn(&R) -> usize,
    columns: impl Fn(&[R]) -> Vec<Value<'a>>,
) {
    let (mut start, mut sum) = (0, 0);
    for (at, row) in rows.iter().enumerate() {
        let more = bytes(row);
        if sum + more > LOAD && at > start {
            calls.push((sql, columns(&rows[start..at])));
            (start, sum) = (at, 0);
        }
        sum += more;
    }
    if start < rows.len() {
        calls.push((sql, columns(&rows[start..])));
    }
}

const fn small<R>(_: &R) -> usize {
    64
}

fn heads<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) {
    put(calls, HEAD, wave, small, |rows| {
        let n = |pick: fn(&hub::batch::Head) -> u64| column(rows, |(b, _)| int(pick(&b.to)));
        vec![
            column(rows, |(b, _)| i32::from(b.part)),
            column(rows, |(b, _)| int(b.epoch)),
            n(|h| h.pos),
            n(|h| h.received),
            n(|h| h.cases),
            n(|h| h.commands),
            n(|h| h.mail),
            column(rows, |(b, _)| b.to.hash.to_vec()),
        ]
    });
}

fn cases<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) {
    let all = wave.iter().flat_map(|(b, _)| b.cases.iter().map(|c| (b.part, c)));
    let (opened, turned): (Vec<(Part, &CaseRow)>, Vec<_>) = all.clone().partition(|(_, c)| c.ver == 1);
    let size = |(_, c): &(Part, &CaseRow)| c.body.len() + 128;
    let state = |rows: &[(Part, &CaseRow)]| -> Vec<Value<'a>> {
        vec![
            column(rows, |(part, c)| key(*part, c.id)),
            column(rows, |(_, c)| int(c.ver)),
            column(rows, |(_, c)| int(c.last)),
            column(rows, |(_, c)| c.due.map(|t| t.0)),
            column(rows, |(_, c)| live(c.open, c.due)),
        ]
    };
    put(calls, OPENED, &opened, size, |rows| {
        let mut columns = state(rows);
        columns.push(column(rows, |(_, c)| text::put(&c.name.tenant)));
        columns.push(column(rows, |(_, c)| text::put(&c.name.kind)));
        columns.push(column(rows, |(_, c)| text::put(&c.name.value)));
        columns.push(column(rows, |(_, c)| pack(&c.body)));
        columns
    });
    put(calls, TURNED, &turned, size, |rows| {
        let mut columns = state(rows);
        columns.push(column(rows, |(_, c)| pack(&c.body)));
        columns
    });
    let docs: Vec<_> = all.filter_map(|(part, c)| Some((key(part, c.id), c.doc.as_ref()?))).collect();
    put(
        calls,
        DOCS,
        &docs,
        |(_, doc)| doc.len(),
        |rows| vec![column(rows, |(id, _)| *id), column(rows, |(_, doc)| pack(doc))],
    );
    // A case's own names first: being told one again changes nothing.
    let own = opened.iter().map(|(part, c)| (*part, &c.name, c.id, 1_i64));
    let further = wave.iter().flat_map(|(b, _)| b.routes.iter().map(|(name, case)| (b.part, name, *case, 0)));
    let routes: Vec<(Part, &Name, u64, i64)> = own.chain(further).collect();
    put(calls, ROUTES, &routes, small, |rows| {
        vec![
            column(rows, |(part, ..)| i32::from(*part)),
            column(rows, |(_, name, ..)| text::put(&name.tenant)),
            column(rows, |(_, name, ..)| text::put(&name.kind)),
            column(rows, |(_, name, ..)| text::put(&name.value)),
            column(rows, |(_, _, case, _)| int(*case)),
            column(rows, |(.., own)| *own),
        ]
    });
}

fn journal<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) {
    let all: Vec<_> = wave.iter().flat_map(|(b, _)| b.journal.iter().map(|r| (b.part, r))).collect();
    put(
        calls,
        JOURNAL,
        &all,
        |(_, r)| r.body.len() + 64,
        |rows| {
            vec![
                column(rows, |(part, r)| key(*part, r.pos)),
                column(rows, |(_, r)| int(r.case)),
                column(rows, |(_, r)| int(r.prev)),
                column(rows, |(_, r)| r.at.0),
                column(rows, |(_, r)| pack(&r.body)),
            ]
        },
    );
}

fn inbox<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) {
    let all: Vec<_> = wave.iter().flat_map(|(b, _)| b.received.iter().map(|r| (b.part, r))).collect();
    put(
        calls,
        RECEIVED,
        &all,
        |(_, r)| r.body.len() + r.headers.len() + 128,
        |rows| {
            vec![
                column(rows, |(part, r)| key(*part, r.pos)),
                column(rows, |(_, r)| r.at.0),
                column(rows, |(_, r)| text::put(&r.connection)),
                column(rows, |(_, r)| text::put(&r.key)),
                column(rows, |(_, r)| pack(r.headers.as_bytes())),
                column(rows, |(_, r)| pack(&r.body)),
            ]
        },
    );
    let mut states: BTreeMap<i64, ReceivedState> = BTreeMap::new();
    for (b, _) in wave {
        let fresh = b.received.iter().filter(|r| r.state != ReceivedState::Decided).map(|r| (r.pos, r.state));
        states.extend(fresh.chain(b.settled.iter().copied()).map(|(pos, state)| (key(b.part, pos), state)));
    }
    let (decided, rest): (Vec<_>, Vec<_>) =
        states.into_iter().partition(|(_, state)| *state == ReceivedState::Decided);
    put(calls, DECIDED, &decided, small, |rows| vec![column(rows, |(id, _)| *id)]);
    put(calls, UNSETTLED, &rest, small, |rows| {
        vec![column(rows, |(id, _)| *id), column(rows, |(_, state)| *state as i64)]
    });
    let seen: Vec<_> = wave.iter().flat_map(|(b, _)| b.seen.iter().map(|s| (b.part, s))).collect();
    put(calls, SEEN, &seen, small, |rows| {
        vec![
            column(rows, |(part, s)| key(*part, s.case)),
            column(rows, |(_, s)| s.key.to_vec()),
            column(rows, |(_, s)| s.body.to_vec()),
            column(rows, |(_, s)| int(s.pos)),
        ]
    });
}

fn rows<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) {
    let mut last: BTreeMap<(i64, &str), Option<&Vec<u8>>> = BTreeMap::new();
    for (b, _) in wave {
        last.extend(b.rows.iter().map(|r| ((key(b.part, r.case), r.key.as_str()), r.body.as_ref())));
    }
    let gone: Vec<_> = last.iter().filter(|(_, body)| body.is_none()).map(|(at, _)| *at).collect();
    let kept: Vec<_> = last.iter().filter_map(|(at, body)| Some((*at, (*body)?))).collect();
    put(calls, ROWS_GONE, &gone, small, |rows| {
        vec![column(rows, |(id, _)| *id), column(rows, |(_, row)| text::put(row))]
    });
    put(
        calls,
        ROWS,
        &kept,
        |(_, body)| body.len() + 64,
        |rows| {
            vec![
                column(rows, |((id, _), _)| *id),
                column(rows, |((_, row), _)| text::put(row)),
                column(rows, |(_, body)| pack(body)),
            ]
        },
    );
}

/// What becomes of one command. A command that is not there was settled, and stays so.
enum Fate<'a> {
    Put(&'a OutboxRow, (i64, Option<i64>), u32),
    Move((i64, Option<i64>), u32),
    Gone,
}

fn outbox<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) -> Result<(), (usize, String)> {
    let mut fates: BTreeMap<i64, (usize, Fate<'a>)> = BTreeMap::new();
    for (at, (b, _)) in wave.iter().enumerate() {
        for change in &b.outbox {
            match change {
                OutboxChange::Put(row) => {
                    let fate = Fate::Put(row, state_code(row.state), row.attempts);
                    fates.insert(key(b.part, row.id), (at, fate));
                }
                OutboxChange::Move { id, state, attempts } => {
                    let (id, state) = (key(b.part, *id), state_code(*state));
                    match fates.get_mut(&id) {
                        None => drop(fates.insert(id, (at, Fate::Move(state, *attempts)))),
                        Some((_, Fate::Put(_, s, n) | Fate::Move(s, n))) => (*s, *n) = (state, *attempts),
                        Some((_, Fate::Gone)) => {}
                    }
                }
                OutboxChange::Delete(id) => drop(fates.insert(key(b.part, *id), (at, Fate::Gone))),
            }
        }
    }
    let (mut gone, mut moved, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    for (id, (at, fate)) in fates {
        match fate {
            Fate::Gone => gone.push(id),
            Fate::Move(state, attempts) => moved.push((id, state, attempts)),
            Fate::Put(row, state, attempts) => {
                let body = json(&(&row.name, &row.command)).map_err(|why| (at, why))?;
                kept.push((id, row, state, attempts, body));
            }
        }
    }
    put(calls, OUTBOX_GONE, &gone, small, |rows| vec![column(rows, |id| *id)]);
    put(calls, OUTBOX_MOVED, &moved, small, |rows| {
        vec![
            column(rows, |(id, ..)| *id),
            column(rows, |(_, (state, _), _)| *state),
            column(rows, |(_, (_, time), _)| *time),
            column(rows, |(.., attempts)| i64::from(*attempts)),
        ]
    });
    put(
        calls,
        OUTBOX,
        &kept,
        |(.., body)| body.len() + 64,
        |rows| {
            vec![
                column(rows, |(id, ..)| *id),
                column(rows, |(_, row, ..)| int(row.case)),
                column(rows, |(_, row, ..)| int(row.cause)),
                column(rows, |(_, row, ..)| row.created.0),
                column(rows, |(_, _, (state, _), ..)| *state),
                column(rows, |(_, _, (_, time), ..)| *time),
                column(rows, |(_, _, _, attempts, _)| i64::from(*attempts)),
                column(rows, |(.., body)| pack(body)),
            ]
        },
    );
    Ok(())
}

/// In the order of the batches: mail that a later one of the wave has taken in is never written, and what was there
/// before goes by the marks.
fn mail<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) -> Result<(), (usize, String)> {
    let mut fresh: BTreeMap<(i32, i32, Pos), (usize, &MailRow)> = BTreeMap::new();
    let mut marks: BTreeMap<(i32, i32), Pos> = BTreeMap::new();
    for (at, (b, _)) in wave.iter().enumerate() {
        let own = i32::from(b.part);
        fresh.extend(b.mail.iter().map(|m| ((i32::from(m.to_part), own, m.pos), (at, m))));
        for (from, pos) in &b.taken {
            let from = i32::from(*from);
            let mark = marks.entry((own, from)).or_default();
            *mark = (*mark).max(*pos);
            fresh.retain(|(to, sender, at), _| (*to, *sender) != (own, from) || at > pos);
        }
    }
    let marks: Vec<_> =
        marks.into_iter().map(|(of, pos)| (of, i64::try_from(pos).unwrap_or(i64::MAX))).collect();
    let columns = |rows: &[((i32, i32), i64)]| -> Vec<Value<'a>> {
        vec![
            column(rows, |((to, _), _)| *to),
            column(rows, |((_, from), _)| *from),
            column(rows, |(_, pos)| *pos),
        ]
    };
    put(calls, MARKS, &marks, small, columns);
    put(calls, MAIL_GONE, &marks, small, columns);
    let mut rows = Vec::new();
    for ((to, from, pos), (at, m)) in fresh {
        rows.push((to, from, int(pos), json(m).map_err(|why| (at, why))?));
    }
    put(
        calls,
        MAIL,
        &rows,
        |(.., body)| body.len() + 64,
        |rows| {
            vec![
                column(rows, |(to, ..)| *to),
                column(rows, |(_, from, ..)| *from),
                column(rows, |(_, _, pos, _)| *pos),
                column(rows, |(.., body)| pack(body)),
            ]
        },
    );
    Ok(())
}

fn balances<'a>(wave: &[Good<'a>], calls: &mut Vec<Call<'a>>) {
    let all: Vec<_> = wave.iter().flat_map(|(b, sums)| sums.iter().map(|sum| (b.part, *sum))).collect();
    put(calls, BALANCES, &all, small, |rows| {
        vec![
            column(rows, |(part, _)| i32::from(*part)),
            column(rows, |(_, (account, ..))| text::put(account)),
            column(rows, |(_, (_, unit, _))| text::put(unit)),
            column(rows, |(_, (.., value))| *value),
        ]
    });
}

/// An exception raised while one of the same (about, code) is open changes nothing; numbers are dense.
fn exceptions<'a>(wave: &[Good<'a>], standing: &Standing<'a>, calls: &mut Vec<Call<'a>>) {
    type Closing = Option<(i64, i64)>;
    let mut raised: Vec<(i64, &'a ExceptionRow, Closing)> = Vec::new();
    let mut closed: Vec<(i64, (i64, i64))> = Vec::new();
    let mut open = standing.open.clone();
    let mut newest = standing.newest.clone();
    for (b, _) in wave {
        let b: &'a Batch = b;
        for change in &b.exceptions {
            let of = about(b.part, change);
            match change {
                ExceptionChange::Raise(row) if !open.contains_key(&of) => {
                    let number = newest.entry(b.part).or_insert_with(|| key(b.part, 0));
                    *number += 1;
                    open.insert(of, *number);
                    raised.push((*number, row, None));
                }
                ExceptionChange::Raise(_) => {}
                ExceptionChange::Close { at, pos, .. } => {
                    let Some(id) = open.remove(&of) else { continue };
                    let closing = (at.0, int(*pos));
                    match raised.iter_mut().find(|(new, ..)| *new == id) {
                        Some((.., over)) => *over = Some(closing),
                        None => closed.push((id, closing)),
                    }
                }
            }
        }
    }
    // Closed before raised: one of the same may be open only then.
    put(calls, CLOSED, &closed, small, |rows| {
        vec![
            column(rows, |(id, _)| *id),
            column(rows, |(_, (at, _))| *at),
            column(rows, |(_, (_, pos))| *pos),
        ]
    });
    put(
        calls,
        RAISED,
        &raised,
        |(_, e, _)| e.cause.len() + 256,
        |rows| {
            vec![
                column(rows, |(id, ..)| *id),
                column(rows, |(_, e, _)| i32::from(e.part)),
                column(rows, |(_, e, _)| text::put(&e.about)),
                column(rows, |(_, e, _)| text::put(&e.code)),
                column(rows, |(_, e, _)| text::put(&e.cause)),
                column(rows, |(_, e, _)| text::put(&e.owner)),
                column(rows, |(_, e, _)| text::put(&e.next_step)),
                column(rows, |(_, e, _)| e.opened.0),
                column(rows, |(_, e, _)| int(e.pos)),
                column(rows, |(.., over)| over.map(|(at, _)| at)),
                column(rows, |(.., over)| over.map(|(_, pos)| pos)),
            ]
        },
    );
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|e| format!("a row cannot be written as JSON: {e}"))
}
