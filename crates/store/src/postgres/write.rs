//! The rows of a wave of batches, table by table: a statement per table, however many rows there are.
//!
//! What several changes of a batch do to one row is worked out here first, since a statement may touch a row once.

use super::session::Value;
use super::stand::{Standing, about};
use super::text;
use crate::code::{key, live, state_code};
use crate::pack::pack;
use crate::row::{self, Cell, Row};
use crate::totals::{Table, Totals};
use hub::batch::{Batch, ExceptionChange, MailRow, OutboxChange, OutboxRow, Part, Pos, ReceivedState};
use retail::envelope::Name;
use std::collections::{BTreeMap, BTreeSet};

/// A statement and its columns.
pub(super) type Call<'a> = (&'static str, Vec<Value<'a>>);

/// Rows of one statement stop at so many bytes: PostgreSQL takes a message of 1 GB at most.
const LOAD: usize = 32 * 1024 * 1024;

/// A batch that stands, and its balances afterwards.
pub(super) type Good<'a> = (&'a Batch, Vec<(&'a str, &'a str, i64)>);

const HEAD: &str =
    "UPDATE head SET pos = u.pos, received = u.received, cases = u.cases, commands = u.commands,
     mail = u.mail, hash = u.hash, totals = u.totals, sum = u.sum
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],
     $8::bytea[], $9::bytea[], $10::bigint[])
     AS u (part, epoch, pos, received, cases, commands, mail, hash, totals, sum)
   WHERE head.part = u.part AND head.epoch = u.epoch";
const OPENED: &str = "INSERT INTO cases (id, ver, last, due, live, tenant, kind, value, body, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[],
     $7::text[], $8::text[], $9::bytea[], $10::bigint[])";
const TURNED: &str = "UPDATE cases SET ver = u.ver, last = u.last, due = u.due, live = u.live, body = u.body,
     sum = u.sum
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bytea[], $7::bigint[])
     AS u (id, ver, last, due, live, body, sum)
   WHERE cases.id = u.id";
const DOCS: &str =
    "INSERT INTO doc (id, body, sum) SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[])
   ON CONFLICT (id) DO UPDATE SET body = excluded.body, sum = excluded.sum";
const ROUTES: &str = "INSERT INTO route (value, kind, tenant, part, number, own, sum)
   SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])";
const JOURNAL: &str = "INSERT INTO journal (id, number, prev, at, body, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bigint[])";
const RECEIVED: &str = "INSERT INTO received (id, at, connection, key, headers, body, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bigint[])";
const DECIDED: &str = "DELETE FROM unsettled WHERE id = ANY($1)";
const UNSETTLED: &str = "INSERT INTO unsettled (id, state, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])
   ON CONFLICT (id) DO UPDATE SET state = excluded.state, sum = excluded.sum";
const SEEN: &str = "INSERT INTO seen (id, key, body, pos, sum)
   SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[])";
const ROWS_GONE: &str = "DELETE FROM rows USING unnest($1::bigint[], $2::text[]) AS u (id, key)
   WHERE rows.id = u.id AND rows.key = u.key";
const ROWS: &str = "INSERT INTO rows (id, key, body, sum)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::bytea[], $4::bigint[])
   ON CONFLICT (id, key) DO UPDATE SET body = excluded.body, sum = excluded.sum";
const OUTBOX_GONE: &str = "DELETE FROM outbox WHERE id = ANY($1)";
const OUTBOX_MOVED: &str = "UPDATE outbox SET state = u.state, time = u.time, attempts = u.attempts,
     sum = u.sum
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
     AS u (id, state, time, attempts, sum)
   WHERE outbox.id = u.id";
const OUTBOX: &str = "INSERT INTO outbox (id, number, cause, created, state, time, attempts, body, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
     $7::bigint[], $8::bytea[], $9::bigint[])
   ON CONFLICT (id) DO UPDATE SET number = excluded.number, cause = excluded.cause, created = excluded.created,
     state = excluded.state, time = excluded.time, attempts = excluded.attempts, body = excluded.body,
     sum = excluded.sum";
const MARKS: &str = "INSERT INTO mark (to_part, from_part, pos, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])
   ON CONFLICT (to_part, from_part) DO UPDATE SET pos = excluded.pos, sum = excluded.sum";
const MAIL_GONE: &str =
    "DELETE FROM mail USING unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS u (to_part, from_part, pos)
   WHERE mail.to_part = u.to_part AND mail.from_part = u.from_part AND mail.pos <= u.pos";
const MAIL: &str = "INSERT INTO mail (to_part, from_part, pos, body, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bytea[], $5::bigint[])";
const BALANCES: &str = "INSERT INTO balance (part, account, unit, value, sum)
   SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[])
   ON CONFLICT (part, account, unit) DO UPDATE SET value = excluded.value, sum = excluded.sum";
const CLOSED: &str = "UPDATE exception SET closed = u.at, closed_pos = u.pos, sum = u.sum
   FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (id, at, pos, sum) WHERE exception.id = u.id";
const RAISED: &str =
    "INSERT INTO exception (id, part, about, code, cause, owner, next_step, opened, pos, closed, closed_pos, sum)
   SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
     $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[])";

/// All that the batches write, in the order in which it must be written.
///
/// # Errors
/// When a row cannot be written as JSON: which batch of the wave, and why.
pub(super) fn calls<'a>(
    wave: &[Good<'a>],
    standing: &Standing<'a>,
) -> Result<Vec<Call<'a>>, (usize, String)> {
    let totals = wave.iter().filter_map(|(b, _)| Some((b.part, standing.heads.get(&b.part)?.totals)));
    let mut writing = Writing { wave, standing, totals: totals.collect(), calls: Vec::new() };
    writing.cases();
    writing.routes();
    writing.journal();
    writing.inbox();
    writing.rows();
    writing.outbox()?;
    writing.mail()?;
    writing.balances();
    writing.exceptions();
    // Last, since they carry the totals.
    writing.heads();
    Ok(writing.calls)
}

/// The value of a column for each row of a statement, by what the first says of its type.
fn column<'a>(rows: &[Row<'_>], at: usize, of: u8) -> Value<'a> {
    let cells = rows.iter().map(|row| row.get(at));
    match of {
        b't' => Box::new(
            cells
                .map(|cell| match cell {
                    Some(Cell::Text(text)) => Some(text.clone().into_owned()),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
        b'b' => Box::new(
            cells
                .map(|cell| match cell {
                    Some(Cell::Blob(bytes)) => Some(bytes.clone().into_owned()),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
        _ => Box::new(
            cells
                .map(|cell| match cell {
                    Some(Cell::Int(n)) => Some(*n),
                    _ => None,
                })
                .collect::<Vec<_>>(),
        ),
    }
}

fn size(row: &Row<'_>) -> usize {
    let bytes = row.iter().map(|cell| match cell {
        Cell::Null | Cell::Int(_) => 8,
        Cell::Text(text) => text.len(),
        Cell::Blob(bytes) => bytes.len(),
    });
    bytes.sum()
}

/// What becomes of one command. A command that is not there was settled, and stays so.
enum Fate<'a> {
    Put(&'a OutboxRow, (i64, Option<i64>), u32),
    Move((i64, Option<i64>), u32),
    Gone,
}

struct Writing<'w, 'a> {
    wave: &'w [Good<'a>],
    standing: &'w Standing<'a>,
    totals: BTreeMap<Part, Totals>,
    calls: Vec<Call<'a>>,
}

impl<'a> Writing<'_, 'a> {
    /// Rows in as many statements as their bytes need; none where there are none. `types` has a letter for each
    /// column: `i` a number, `t` a text, `b` bytes.
    fn put(&mut self, sql: &'static str, types: &str, rows: &[Row<'_>]) {
        let columns =
            |rows: &[Row<'_>]| types.bytes().enumerate().map(|(at, of)| column(rows, at, of)).collect();
        let (mut start, mut sum) = (0, 0);
        for (at, row) in rows.iter().enumerate() {
            let more = size(row);
            if sum + more > LOAD && at > start {
                self.calls.push((sql, columns(&rows[start..at])));
                (start, sum) = (at, 0);
            }
            sum += more;
        }
        if start < rows.len() {
            self.calls.push((sql, columns(&rows[start..])));
        }
    }

    /// Notes in the totals that a row is written, over one with that sum.
    fn totalled(&mut self, part: Part, table: Table, over: Option<i64>, sum: i64) {
        self.taken(part, table, over);
        if let Some(totals) = self.totals.get_mut(&part) {
            totals.add(table, sum);
        }
    }

    fn taken(&mut self, part: Part, table: Table, over: Option<i64>) {
        if let Some(totals) = self.totals.get_mut(&part) {
            totals.take(table, over);
        }
    }

    /// A row with its sum behind it, totalled.
    fn row<'r>(&mut self, part: Part, table: Table, mut row: Row<'r>, over: Option<i64>) -> Row<'r> {
        let sum = row::sum(table.name(), &row);
        self.totalled(part, table, over, sum);
        row.push(sum.into());
        row
    }

    fn heads(&mut self) {
        let mut rows = Vec::new();
        for (b, _) in self.wave {
            let Some(line) = self.standing.heads.get(&b.part) else { continue };
            let totals = self.totals.get(&b.part).copied().unwrap_or(line.totals);
            let line = super::head::Line { head: b.to, totals, ..line.clone() };
            let all = line.row();
            // Part, epoch and what a commit moves; owner and lease are not its own to write.
            let moved =
                all.iter().enumerate().filter(|(at, _)| !matches!(at, 2 | 3)).map(|(_, cell)| cell.clone());
            rows.push(moved.map(owned).collect());
        }
        self.put(HEAD, "iiiiiiibbi", &rows);
    }

    fn cases(&mut self) {
        let (mut opened, mut turned, mut docs) = (Vec::new(), Vec::new(), Vec::new());
        for (b, _) in self.wave {
            for c in &b.cases {
                let id = key(b.part, c.id);
                let row = vec![
                    id.into(),
                    c.ver.into(),
                    c.last.into(),
                    c.due.map(|t| t.0).into(),
                    live(c.open, c.due).into(),
                    text::put(&c.name.tenant).into(),
                    text::put(&c.name.kind).into(),
                    text::put(&c.name.value).into(),
                    pack(&c.body).into(),
                ];
                let over = self.standing.cases.get(&id).and_then(|(_, sum)| *sum);
                let mut row = self.row(b.part, Table::Cases, row, over);
                if c.ver == 1 {
                    opened.push(row);
                } else {
                    row.drain(5..8);
                    turned.push(row);
                }
                if let Some(doc) = &c.doc {
                    let over = self.standing.docs.get(&id).copied().flatten();
                    docs.push(self.row(b.part, Table::Doc, vec![id.into(), pack(doc).into()], over));
                }
            }
        }
        self.put(OPENED, "iiiiitttbi", &opened);
        self.put(TURNED, "iiiiibi", &turned);
        self.put(DOCS, "ibi", &docs);
    }

    /// A case's own names first: being told one again changes nothing.
    fn routes(&mut self) {
        let own = self
            .wave
            .iter()
            .flat_map(|(b, _)| b.cases.iter().filter(|c| c.ver == 1).map(|c| (b.part, &c.name, c.id, 1_i64)));
        let further =
            self.wave.iter().flat_map(|(b, _)| b.routes.iter().map(|(name, case)| (b.part, name, *case, 0)));
        let routes: Vec<(Part, &Name, u64, i64)> = own.chain(further).collect();
        let (mut had, mut rows) = (BTreeSet::new(), Vec::new());
        for (part, name, case, own) in routes {
            if self.standing.routes.contains(&(part, name, case)) || !had.insert((part, name, case)) {
                continue;
            }
            let row = vec![
                text::put(&name.value).into(),
                text::put(&name.kind).into(),
                text::put(&name.tenant).into(),
                part.into(),
                case.into(),
                own.into(),
            ];
            rows.push(self.row(part, Table::Route, row, None));
        }
        self.put(ROUTES, "tttiiii", &rows);
    }

    fn journal(&mut self) {
        let mut rows = Vec::new();
        for (b, _) in self.wave {
            for r in &b.journal {
                let id = key(b.part, r.pos);
                let row = vec![id.into(), r.case.into(), r.prev.into(), r.at.0.into(), pack(&r.body).into()];
                rows.push(self.row(b.part, Table::Journal, row, None));
            }
        }
        self.put(JOURNAL, "iiiibi", &rows);
    }

    fn inbox(&mut self) {
        let (mut rows, mut seen) = (Vec::new(), Vec::new());
        let mut states: BTreeMap<i64, (Part, ReceivedState)> = BTreeMap::new();
        for (b, _) in self.wave {
            for r in &b.received {
                let row = vec![
                    key(b.part, r.pos).into(),
                    r.at.0.into(),
                    text::put(&r.connection).into(),
                    text::put(&r.key).into(),
                    pack(r.headers.as_bytes()).into(),
                    pack(&r.body).into(),
                ];
                rows.push(self.row(b.part, Table::Received, row, None));
            }
            let fresh =
                b.received.iter().filter(|r| r.state != ReceivedState::Decided).map(|r| (r.pos, r.state));
            let all = fresh.chain(b.settled.iter().copied());
            states.extend(all.map(|(pos, state)| (key(b.part, pos), (b.part, state))));
            for s in &b.seen {
                let row = vec![
                    key(b.part, s.case).into(),
                    s.key.as_slice().into(),
                    s.body.as_slice().into(),
                    s.pos.into(),
                ];
                seen.push(self.row(b.part, Table::Seen, row, None));
            }
        }
        self.put(RECEIVED, "iittbbi", &rows);
        let (mut decided, mut rest) = (Vec::new(), Vec::new());
        for (id, (part, state)) in states {
            let over = self.standing.unsettled.get(&id).copied().flatten();
            if state == ReceivedState::Decided {
                self.taken(part, Table::Unsettled, over);
                decided.push(vec![id.into()]);
            } else {
                let row = vec![id.into(), (state as i64).into()];
                rest.push(self.row(part, Table::Unsettled, row, over));
            }
        }
        self.put(DECIDED, "i", &decided);
        self.put(UNSETTLED, "iii", &rest);
        self.put(SEEN, "ibbii", &seen);
    }

    fn rows(&mut self) {
        let mut last: BTreeMap<_, (Part, Option<&Vec<u8>>)> = BTreeMap::new();
        for (b, _) in self.wave {
            let changes =
                b.rows.iter().map(|r| ((key(b.part, r.case), r.key.as_str()), (b.part, r.body.as_ref())));
            last.extend(changes);
        }
        let (mut gone, mut kept) = (Vec::new(), Vec::new());
        for (at, (part, body)) in last {
            let over = self.standing.rows.get(&at).copied().flatten();
            let mut row: Row<'_> = vec![at.0.into(), text::put(at.1).into()];
            match body {
                None => {
                    self.taken(part, Table::Rows, over);
                    gone.push(row);
                }
                Some(body) => {
                    row.push(pack(body).into());
                    kept.push(self.row(part, Table::Rows, row, over));
                }
            }
        }
        self.put(ROWS_GONE, "it", &gone);
        self.put(ROWS, "itbi", &kept);
    }

    fn outbox(&mut self) -> Result<(), (usize, String)> {
        let mut fates: BTreeMap<i64, (usize, Part, Fate<'_>)> = BTreeMap::new();
        for (at, (b, _)) in self.wave.iter().enumerate() {
            for change in &b.outbox {
                match change {
                    OutboxChange::Put(row) => {
                        let fate = Fate::Put(row, state_code(row.state), row.attempts);
                        fates.insert(key(b.part, row.id), (at, b.part, fate));
                    }
                    OutboxChange::Move { id, state, attempts } => {
                        let (id, state) = (key(b.part, *id), state_code(*state));
                        match fates.get_mut(&id) {
                            None => {
                                fates.insert(id, (at, b.part, Fate::Move(state, *attempts)));
                            }
                            Some((.., Fate::Put(_, s, n) | Fate::Move(s, n))) => {
                                (*s, *n) = (state, *attempts)
                            }
                            Some((.., Fate::Gone)) => {}
                        }
                    }
                    OutboxChange::Delete(id) => {
                        fates.insert(key(b.part, *id), (at, b.part, Fate::Gone));
                    }
                }
            }
        }
        let (mut gone, mut moved, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for (id, (at, part, fate)) in fates {
            let stands = self.standing.outbox.get(&id);
            let over = stands.and_then(|(_, sum)| *sum);
            match (fate, stands) {
                (Fate::Gone, _) => {
                    self.taken(part, Table::Outbox, over);
                    gone.push(vec![id.into()]);
                }
                (Fate::Move(..), None) => {}
                (Fate::Move((state, time), attempts), Some((old, _))) => {
                    let mut new = old.clone();
                    (new[4], new[5], new[6]) = (state.into(), time.into(), attempts.into());
                    let sum = row::changed(Table::Outbox.name(), over, old, &new);
                    self.totalled(part, Table::Outbox, over, sum);
                    moved.push(vec![id.into(), state.into(), time.into(), attempts.into(), sum.into()]);
                }
                (Fate::Put(command, (state, time), attempts), _) => {
                    let body = json(&(&command.name, &command.command)).map_err(|why| (at, why))?;
                    let row = vec![
                        id.into(),
                        command.case.into(),
                        command.cause.into(),
                        command.created.0.into(),
                        state.into(),
                        time.into(),
                        attempts.into(),
                        pack(&body).into(),
                    ];
                    kept.push(self.row(part, Table::Outbox, row, over));
                }
            }
        }
        self.put(OUTBOX_GONE, "i", &gone);
        self.put(OUTBOX_MOVED, "iiiii", &moved);
        self.put(OUTBOX, "iiiiiiibi", &kept);
        Ok(())
    }

    /// In the order of the batches: mail that a later one of the wave has taken in is never written, and what was there
    /// before goes by the marks.
    fn mail(&mut self) -> Result<(), (usize, String)> {
        let mut fresh: BTreeMap<(Part, Part, Pos), (usize, &MailRow)> = BTreeMap::new();
        let mut marks: BTreeMap<(Part, Part), Pos> = BTreeMap::new();
        for (at, (b, _)) in self.wave.iter().enumerate() {
            fresh.extend(b.mail.iter().map(|m| ((m.to_part, b.part, m.pos), (at, m))));
            for (from, pos) in &b.taken {
                let mark = marks.entry((b.part, *from)).or_default();
                *mark = (*mark).max(*pos);
                fresh.retain(|(to, sender, at), _| (*to, *sender) != (b.part, *from) || at > pos);
            }
        }
        let (mut moved, mut gone) = (Vec::new(), Vec::new());
        for ((to, from), pos) in marks {
            let pos = i64::try_from(pos).unwrap_or(i64::MAX);
            let stands = self.standing.marks.get(&(to, from)).copied();
            let over = stands.and_then(|(_, sum)| sum);
            let row = |pos: i64| -> Row<'static> { vec![to.into(), from.into(), pos.into()] };
            let was = stands.map_or(pos, |(was, _)| was);
            let mut new = row(was.max(pos));
            let sum = row::changed(Table::Mark.name(), over, &row(was), &new);
            self.totalled(to, Table::Mark, over, sum);
            new.push(sum.into());
            moved.push(new);
            gone.push(row(pos));
        }
        for (to, sum) in &self.standing.mail {
            if let Some(totals) = self.totals.get_mut(to) {
                totals.take(Table::Mail, *sum);
            }
        }
        self.put(MARKS, "iiii", &moved);
        self.put(MAIL_GONE, "iii", &gone);
        let mut rows = Vec::new();
        for ((to, from, pos), (at, m)) in fresh {
            let body = pack(&json(m).map_err(|why| (at, why))?);
            let row = vec![to.into(), from.into(), pos.into(), body.into()];
            rows.push(self.row(from, Table::Mail, row, None));
        }
        self.put(MAIL, "iiibi", &rows);
        Ok(())
    }

    fn balances(&mut self) {
        let mut rows = Vec::new();
        for (b, sums) in self.wave {
            for (account, unit, value) in sums {
                let stands = self.standing.balances.get(&(b.part, *account, *unit)).copied();
                let over = stands.and_then(|(_, sum)| sum);
                let row = |value: i64| -> Row<'_> {
                    vec![b.part.into(), text::put(account).into(), text::put(unit).into(), value.into()]
                };
                let (old, mut new) = (row(stands.map_or(0, |(was, _)| was)), row(*value));
                let sum = row::changed(Table::Balance.name(), over, &old, &new);
                self.totalled(b.part, Table::Balance, over, sum);
                new.push(sum.into());
                rows.push(new);
            }
        }
        self.put(BALANCES, "ittii", &rows);
    }

    /// An exception raised while one of the same (about, code) is open changes nothing; numbers are dense.
    fn exceptions(&mut self) {
        let mut raised: Vec<(Part, Row<'_>)> = Vec::new();
        let mut closed = Vec::new();
        let mut open: BTreeMap<_, i64> = self.standing.open.iter().map(|(of, (id, ..))| (*of, *id)).collect();
        let mut newest = self.standing.newest.clone();
        for (b, _) in self.wave {
            let b: &'a Batch = b;
            for change in &b.exceptions {
                let of = about(b.part, change);
                match change {
                    ExceptionChange::Raise(e) if !open.contains_key(&of) => {
                        let id = newest.entry(b.part).or_insert_with(|| key(b.part, 0));
                        *id += 1;
                        open.insert(of, *id);
                        let row = vec![
                            (*id).into(),
                            e.part.into(),
                            text::put(&e.about).into(),
                            text::put(&e.code).into(),
                            text::put(&e.cause).into(),
                            text::put(&e.owner).into(),
                            text::put(&e.next_step).into(),
                            e.opened.0.into(),
                            e.pos.into(),
                            Cell::Null,
                            Cell::Null,
                        ];
                        raised.push((b.part, row));
                    }
                    ExceptionChange::Raise(_) => {}
                    ExceptionChange::Close { at, pos, .. } => {
                        let Some(id) = open.remove(&of) else { continue };
                        let (at, pos): (Cell<'_>, Cell<'_>) = (at.0.into(), (*pos).into());
                        if let Some((_, row)) = raised.iter_mut().find(|(_, row)| row[0] == id.into()) {
                            (row[9], row[10]) = (at, pos);
                        } else if let Some((_, old, over)) = self.standing.open.get(&of) {
                            let mut new = old.clone();
                            (new[9], new[10]) = (at.clone(), pos.clone());
                            let sum = row::changed(Table::Exception.name(), *over, old, &new);
                            self.totalled(b.part, Table::Exception, *over, sum);
                            closed.push(vec![id.into(), at, pos, sum.into()]);
                        }
                    }
                }
            }
        }
        // Closed before raised: one of the same may be open only then.
        self.put(CLOSED, "iiii", &closed);
        let rows: Vec<_> =
            raised.into_iter().map(|(part, row)| self.row(part, Table::Exception, row, None)).collect();
        self.put(RAISED, "iitttttiiiii", &rows);
    }
}

fn owned(cell: Cell<'_>) -> Cell<'static> {
    match cell {
        Cell::Null => Cell::Null,
        Cell::Int(n) => Cell::Int(n),
        Cell::Text(text) => Cell::Text(text.into_owned().into()),
        Cell::Blob(bytes) => Cell::Blob(bytes.into_owned().into()),
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, String> {
    serde_json::to_vec(value).map_err(|e| format!("a row cannot be written as JSON: {e}"))
}
