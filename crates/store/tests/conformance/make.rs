//! Batches made by hand, well formed unless a test spoils them.

use hub::batch::{
    BalanceChange, Batch, CaseId, CaseRow, CommandState, CommitAnswer, Digest, ExceptionChange, ExceptionRow,
    Found, Head, JournalRow, Key, MailRow, OutboxChange, OutboxRow, Part, ReceivedRow, ReceivedState,
    Recovered, RowChange, SeenRow, StoredCase,
};
use retail::envelope::{Class, Command, Name, json};
use retail::time::{Span, Time};
use store::{Reader, Scan, Scanned, Store};

pub const NOW: Time = Time(1_700_000_000_000);
pub const LONG: Span = Span::hours(1);

pub fn order(value: &str) -> Name {
    Name::new("acme", "order", value)
}

/// An owner as a hub is one: it knows its epoch and head, and moves the head with each commit.
#[derive(Clone)]
pub struct Owner {
    pub part: Part,
    pub epoch: u64,
    pub head: Head,
}

impl Owner {
    pub fn claim(store: &mut dyn Store, part: Part) -> Self {
        Self::of(part, &store.claim(part, "one", NOW, LONG).unwrap())
    }

    pub fn of(part: Part, found: &Recovered) -> Self {
        Self { part, epoch: found.epoch, head: found.head }
    }

    pub fn make(&self) -> Make {
        let b =
            Batch { part: self.part, epoch: self.epoch, from: self.head, to: self.head, ..Batch::default() };
        Make { b }
    }

    /// Commits a batch that must be taken.
    pub fn commit(&mut self, store: &mut dyn Store, m: Make) {
        assert_eq!(store.commit(&[&m.b]), [CommitAnswer::Yes]);
        self.head = m.b.to;
    }
}

/// Batches as a store takes them.
pub fn each(group: &[Batch]) -> Vec<&Batch> {
    group.iter().collect()
}

/// A batch in the making.
#[derive(Clone)]
pub struct Make {
    pub b: Batch,
}

impl Make {
    /// A case as it would stand after a turn.
    pub fn row(&self, id: CaseId, name: Name, ver: u64, body: &str) -> CaseRow {
        let body = body.as_bytes().to_vec();
        CaseRow { id, name, ver, last: self.b.to.pos, due: None, open: true, body, doc: None }
    }

    /// One turn that opens a case.
    pub fn open(&mut self, name: Name, body: &str) -> CaseId {
        self.b.to.cases += 1;
        let id = self.b.to.cases;
        self.journal(id, 0, body);
        let row = self.row(id, name, 1, body);
        self.b.cases.push(row);
        id
    }

    /// One turn of a case that exists.
    pub fn turn(&mut self, stored: &StoredCase, body: &str) -> &mut CaseRow {
        let row = &stored.row;
        self.journal(row.id, row.last, body);
        let row = self.row(row.id, row.name.clone(), row.ver + 1, body);
        self.b.cases.push(row);
        self.b.cases.last_mut().unwrap()
    }

    pub fn journal(&mut self, case: CaseId, prev: u64, body: &str) {
        self.b.to.pos += 1;
        let row = JournalRow { pos: self.b.to.pos, case, prev, at: NOW, body: body.as_bytes().to_vec() };
        self.b.to.hash = row.hash_onto(&self.b.to.hash);
        self.b.journal.push(row);
    }

    pub fn receive(&mut self, key: &str, body: &[u8], state: ReceivedState) -> u64 {
        self.b.to.received += 1;
        self.b.received.push(ReceivedRow {
            pos: self.b.to.received,
            at: NOW,
            connection: "shop".to_owned(),
            key: key.to_owned(),
            headers: r#"{"topic":"orders/create"}"#.to_owned(),
            body: body.to_vec(),
            state,
        });
        self.b.to.received
    }

    pub fn command(&mut self, case: CaseId, name: &Name, state: CommandState) -> u64 {
        self.b.to.commands += 1;
        let id = self.b.to.commands;
        self.b.outbox.push(OutboxChange::Put(Box::new(OutboxRow {
            id,
            case,
            name: name.clone(),
            cause: self.b.to.pos,
            created: NOW,
            state,
            attempts: 0,
            command: Command {
                role: "payments".to_owned(),
                at: "stripe".to_owned(),
                op: "refund".to_owned(),
                object: format!("payment/{id}"),
                key: format!("{name}-C1"),
                class: Class::Refund,
                args: json(&serde_json::json!({"amount": 1299, "currency": "GBP"})).unwrap(),
            },
        })));
        id
    }

    pub fn mail(&mut self, to_part: Part, kind: &str) -> u64 {
        self.b.to.mail += 1;
        self.b.mail.push(MailRow {
            from_part: self.b.part,
            to_part,
            pos: self.b.to.mail,
            cause: self.b.to.pos,
            from: order("1"),
            to: Name::new("acme", "pool", "web"),
            kind: kind.to_owned(),
            data: json(&serde_json::json!({"lines": [1, 2]})).unwrap(),
        });
        self.b.to.mail
    }

    pub fn seen(&mut self, case: CaseId, n: u8) {
        self.b.seen.push(SeenRow { case, key: mark(n), body: mark(n / 2), pos: self.b.to.pos });
    }

    pub fn post(&mut self, account: &str, unit: &str, delta: i64) {
        self.b.balances.push(BalanceChange { account: account.to_owned(), unit: unit.to_owned(), delta });
    }

    pub fn raise(&mut self, about: &str, code: &str, cause: &str) {
        self.b.exceptions.push(ExceptionChange::Raise(Box::new(ExceptionRow {
            part: self.b.part,
            about: about.to_owned(),
            code: code.to_owned(),
            cause: cause.to_owned(),
            owner: "operations".to_owned(),
            next_step: "count the shelf".to_owned(),
            opened: NOW,
            pos: self.b.to.pos,
        })));
    }

    pub fn close(&mut self, about: &str, code: &str) {
        self.b.exceptions.push(ExceptionChange::Close {
            about: about.to_owned(),
            code: code.to_owned(),
            at: NOW,
            pos: self.b.to.pos,
        });
    }
}

pub fn mark(n: u8) -> Digest {
    [n; 16]
}

pub fn load(reader: &mut dyn Reader, part: Part, name: &Name) -> Option<StoredCase> {
    match reader.load(part, &[Key::Case(name.clone())]).unwrap().pop().unwrap() {
        Found::Case(c) => Some(*c),
        Found::Nothing => None,
        other => panic!("{other:?}"),
    }
}

pub fn all(reader: &mut dyn Reader, part: Part, what: Scan) -> Vec<Scanned> {
    reader.scan(part, what, 0, usize::MAX).unwrap()
}

/// Rows as text: rows hold raw JSON, which has no equality of its own.
pub fn text<T: std::fmt::Debug>(rows: &[T]) -> Vec<String> {
    rows.iter().map(|r| format!("{r:?}")).collect()
}

/// All that is stored, as text, for comparing two stores or two moments.
pub fn everything(reader: &mut dyn Reader) -> Vec<String> {
    let mut out = Vec::new();
    for part in reader.parts().unwrap() {
        out.push(format!("{part}: {:?}", reader.head(part).unwrap()));
        let mut scans = vec![
            Scan::Journal,
            Scan::Received(None),
            Scan::Outbox,
            Scan::Marks,
            Scan::Timers,
            Scan::Cases { open: true },
            Scan::Exceptions { open: false },
            Scan::Exceptions { open: true },
            Scan::balances(),
        ];
        for state in [ReceivedState::Waiting, ReceivedState::Decided, ReceivedState::Parked] {
            scans.push(Scan::Received(Some(state)));
        }
        for sender in 0..4 {
            scans.push(Scan::Mail(sender));
        }
        for found in all(reader, part, Scan::Cases { open: false }) {
            if let Scanned::Case(c) = &found {
                scans.extend([Scan::JournalOf(c.id), Scan::OutboxOf(c.id), Scan::rows(c.id)]);
                scans.push(Scan::Seen { case: c.id, key: [0; 16] });
                out.push(format!("{:?}", reader.load(part, &[Key::Case(c.name.clone())]).unwrap()));
                out.push(format!("{:?}", reader.find_case(&c.name.tenant, &c.name.value).unwrap()));
            }
            out.push(format!("{found:?}"));
        }
        for what in scans {
            out.push(format!("{part} {what:?}"));
            out.extend(text(&all(reader, part, what)));
        }
    }
    let mut counts = reader.counts().unwrap();
    counts.bytes = 0;
    out.push(format!("{counts:?}"));
    out
}

fn first(owner: &Owner) -> Make {
    let mut m = owner.make();
    let id = m.open(order("1"), "first");
    m.command(id, &order("1"), CommandState::Queued);
    m.receive("a", b"{}", ReceivedState::Waiting);
    m.mail(0, "x");
    m.post("gb/cash", "GBP", 5);
    m
}

/// Touches every table, by insert, update and delete.
fn second(store: &mut dyn Store, owner: &Owner) -> Make {
    let mut m = owner.make();
    let stored = load(&mut *store.reader().unwrap(), owner.part, &order("1")).unwrap();
    m.turn(&stored, "second").open = false;
    let id = m.open(Name::new("acme", "new kind", "2"), "first");
    m.b.cases[1].doc = Some(vec![1; 5000]);
    m.b.routes.push((Name::new("acme", "tracking", "1Z"), id));
    m.b.rows.push(RowChange { case: id, key: "k".to_owned(), body: Some(vec![2; 5000]) });
    m.b.seen.push(SeenRow { case: 1, key: mark(1), body: mark(2), pos: 2 });
    m.b.settled.push((1, ReceivedState::Decided));
    m.receive("b", &[3; 9000], ReceivedState::Parked);
    m.b.outbox.push(OutboxChange::Delete(1));
    m.command(id, &order("2"), CommandState::Marked);
    m.mail(1, "y");
    m.b.taken.push((0, 1));
    m.post("gb/cash", "GBP", -5);
    m.raise("order/1", "short", "x");
    m
}

/// Two partitions with something in each table, and a group of batches that inserts, updates and deletes everywhere.
pub fn prepare(store: &mut dyn Store) -> Vec<Batch> {
    let mut owners = [0, 1].map(|part| Owner::claim(store, part));
    for owner in &mut owners {
        let m = first(owner);
        owner.commit(store, m);
    }
    owners.iter().map(|owner| second(store, owner).b).collect()
}
