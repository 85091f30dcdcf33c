//! The check as something that rows are fed to, so that a year of trade needs no more memory than its sums.

use crate::args::Data;
use crate::books::Books;
use crate::cases::{Cases, display};
use crate::chain::{Chain, Link};
use crate::commands::{Commands, Ordered};
use crate::documents::Role;
use crate::ledger::{LedgerRow, Ledgers, Sums};
use crate::names::{Id, Texts};
use crate::posts::{Posts, ReceivedState};
use crate::record::{Cause, Fact, Input, Row};
use crate::report::{Breach, Findings, Report};
use crate::rules::{self, Rule};
use crate::shelf::PoolRules;
use crate::trade::{At, Trade, family};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};

/// What the caller knows and the evidence does not say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// Whether no system has anything under way to the hub: a row in a ledger that the hub has not heard of is then
    /// a breach, else in progress.
    pub systems_at_rest: bool,
    /// Units per SKU that are never promised, per place; none where a place is not named.
    pub safety: BTreeMap<String, i64>,
    /// What is decided about a pool besides; nothing where a pool is not named.
    pub pools: BTreeMap<String, PoolRules>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { systems_at_rest: true, safety: BTreeMap::new(), pools: BTreeMap::new() }
    }
}

/// The stored head of a partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Head {
    pub part: u16,
    /// Positions of the last journal row and the last received message, numbers of the last case and the last
    /// command, position of the last mail.
    pub pos: u64,
    pub received: u64,
    pub cases: u64,
    pub commands: u64,
    pub mail: u64,
    /// Hash of the last journal row.
    pub hash: [u8; 32],
}

/// A stored case.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    pub part: u16,
    pub id: u64,
    pub tenant: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    /// Its last journal row.
    pub last: u64,
    pub open: bool,
    pub body: &'a [u8],
}

/// Takes evidence in, row by row, and judges it.
///
/// Per partition journal rows come in order of their positions, and ledger rows in order of theirs. The journal comes
/// before stored cases, rows, commands, marks and mail; everything else may come in any order.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    settings: Settings,
    texts: Texts,
    findings: Findings,
    chain: Chain,
    cases: Cases,
    posts: Posts,
    commands: Commands,
    books: Books,
    trade: Trade,
    ledgers: Ledgers,
    heads: Vec<Head>,
    mail_waits: u64,
    received_waits: u64,
}

impl Verifier {
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings, ..Self::default() }
    }

    /// From here on systems may have something under way to the hub.
    pub const fn under_way(&mut self) {
        self.settings.systems_at_rest = false;
    }

    /// A head that was exported earlier, to be given before the journal: it must still be in the chain.
    pub fn exported_head(&mut self, part: u16, pos: u64, hash: [u8; 32]) {
        self.chain.exported(part, pos, hash);
    }

    /// A partition's stored head.
    pub fn head(&mut self, head: Head) {
        self.chain.head(head.part, head.pos, head.hash);
        self.posts.head(head.part, head.received);
        self.heads.push(head);
    }

    /// The stored heads that were given so far.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// The next journal row of a partition, its body unpacked.
    pub fn journal_row(&mut self, part: u16, pos: u64, case: u64, prev: u64, at: i64, body: &[u8]) {
        self.journal_row_telling(part, pos, case, prev, at, body, &mut |_| {});
    }

    /// The same, and says what is in the row: the kinds of its facts, the codes it raised, and `parked`.
    #[expect(clippy::too_many_arguments, reason = "the columns of a row, and who is told")]
    pub fn journal_row_telling(
        &mut self,
        part: u16,
        pos: u64,
        case: u64,
        prev: u64,
        at: i64,
        body: &[u8],
        tell: &mut dyn FnMut(&str),
    ) {
        self.chain.row(&Link { part, pos, case, prev, at, body }, &mut self.findings);
        self.findings.checked(rules::JOURNAL_BODY, 1);
        self.findings.checked(rules::STORE_BODY, 1);
        match serde_json::from_slice::<Row<'_>>(body) {
            Ok(row) if row.v == 1 => {
                self.turn((part, pos), case, prev, &row);
                if row.parked.is_some() {
                    tell("parked");
                }
                row.facts.iter().for_each(|fact| tell(&fact.kind));
                row.raised.iter().for_each(|alarm| tell(&alarm.code));
            }
            Ok(row) => self.unreadable((part, pos), &format!("version {}", row.v)),
            Err(e) => self.unreadable((part, pos), &e.to_string()),
        }
    }

    fn unreadable(&mut self, at: (u16, u64), why: &str) {
        let place = format!("journal {}/{}", at.0, at.1);
        self.findings.breach(rules::JOURNAL_BODY, place.as_str(), "a body of version 1", why, place.as_str());
    }

    fn turn(&mut self, at: (u16, u64), case: u64, prev: u64, row: &Row<'_>) {
        self.cases.row(at, case, prev, row, &mut self.texts, &mut self.findings);
        let about = self.texts.id(&display(&row.case.tenant, &row.case.kind, &row.case.value));
        self.posts.case(about);
        self.cause(at, row, about);
        if case != 0 && row.parked.is_none() && matches!(row.cause, Cause::Received(_)) {
            self.posts.took(at, case);
        }
        for alarm in &row.raised {
            let code = self.texts.id(&alarm.code);
            self.posts.raised(about, code, at.1, true);
            self.trade.told.raised(at, &row.case, alarm, &mut self.texts);
        }
        for code in &row.cleared {
            self.trade.told.cleared(&row.case, code, &mut self.texts);
            let code = self.texts.id(code);
            self.posts.raised(about, code, at.1, false);
        }
        for entry in &row.entries {
            self.books.entry(entry, at, &mut self.texts, &mut self.findings);
            let mut here =
                At { place: at, case: &row.case, texts: &mut self.texts, findings: &mut self.findings };
            self.trade.entry(entry, &mut here);
        }
        self.input(at, row);
        for fact in &row.facts {
            let mut here =
                At { place: at, case: &row.case, texts: &mut self.texts, findings: &mut self.findings };
            if let Err(why) = self.trade.made(fact, &mut here) {
                self.unreadable(at, &format!("{}: {why}", &*fact.kind));
            }
        }
        for fact in row.facts.iter().filter(|f| Trade::reads(&f.kind)) {
            if let Some(data) = self.data(at, &fact.kind, fact.data) {
                let mut here =
                    At { place: at, case: &row.case, texts: &mut self.texts, findings: &mut self.findings };
                self.trade.fact(&fact.kind, &data, &mut here);
            }
        }
        for message in &row.messages {
            let to = self.texts.id(&display(&message.to.tenant, &message.to.kind, &message.to.value));
            self.posts.sent(at, message.pos, (message.part, to));
            if let Some(data) = self.data(at, &message.kind, message.data) {
                let mut here =
                    At { place: at, case: &row.case, texts: &mut self.texts, findings: &mut self.findings };
                self.trade.message(&message.kind, &data, &mut here);
            }
        }
        let family = self.texts.id(family(&row.case.kind, &row.case.value));
        for command in &row.commands {
            let mut doc = None;
            let again = self.commands.knows(&command.key, &self.texts);
            if let Some(data) = self.data(at, &command.op, command.args) {
                let mut here =
                    At { place: at, case: &row.case, texts: &mut self.texts, findings: &mut self.findings };
                doc = self.trade.command(command, &data, again, &mut here);
            }
            if let Some((kind, key, side)) = doc {
                self.trade.documents.asked(kind, key, side);
            }
            let ordered = Ordered { id: command.id, op: &command.op, key: &command.key, about: family, doc };
            self.commands.ordered(at, ordered, &mut self.texts, &mut self.findings);
        }
    }

    fn cause(&mut self, at: (u16, u64), row: &Row<'_>, about: Id) {
        match (row.cause, &row.input) {
            (Cause::Received(pos), _) => self.posts.named(at.0, pos, at.1),
            (Cause::Command(id, pos), Input::Outcome(o)) => {
                let said: (&str, &str, &str) = (&o.op, &o.key, &o.outcome);
                self.commands.outcome(at, (id, pos), said, &self.texts, &mut self.findings);
            }
            (Cause::Mail(part, pos, row), Input::Mail(_)) => {
                self.posts.taken((part, pos), row, (at.0, about))
            }
            (Cause::Timer, Input::Timer {}) => {}
            (cause, _) => {
                let found = format!("another input than its cause {cause:?} brings");
                let place = format!("journal {}/{}", at.0, at.1);
                self.findings.breach(
                    rules::JOURNAL_BODY,
                    place.as_str(),
                    "input and cause to match",
                    found,
                    place.as_str(),
                );
            }
        }
        if let Some(parked) = &row.parked
            && !matches!(row.cause, Cause::Received(_))
        {
            let code = self.texts.id(&parked.code);
            self.posts.parked_turn(about, code, at.1);
        }
    }

    fn input(&mut self, at: (u16, u64), row: &Row<'_>) {
        let (kind, raw) = match &row.input {
            Input::Event(event) => (&event.kind, event.data),
            Input::Mail(mail) if row.parked.is_none() => (&mail.kind, mail.data),
            _ => return,
        };
        // What was parked may well be unreadable; that is why a person sees it.
        let data = match serde_json::from_str::<Data<'_>>(raw.get()) {
            Ok(data) => data,
            Err(_) if row.parked.is_some() => return,
            Err(e) => return self.unreadable(at, &format!("{}: {e}", &**kind)),
        };
        let mut here =
            At { place: at, case: &row.case, texts: &mut self.texts, findings: &mut self.findings };
        if &**kind == "fulfilment.picked_up" {
            let left = |f: &Fact<'_>| {
                &*f.kind == "order.shipped"
                    && serde_json::from_str::<Data<'_>>(f.data.get())
                        .is_ok_and(|d| *d.shipment == *data.shipment)
            };
            if row.facts.iter().any(left) {
                self.trade.collected(&data, &mut here);
            }
        } else if matches!(row.input, Input::Event(_)) {
            self.trade.event(kind, &data, row.parked.is_some(), &mut here);
        } else {
            self.trade.mail(kind, &data, &mut here);
        }
    }

    fn data<'a>(&mut self, at: (u16, u64), kind: &str, raw: &'a RawValue) -> Option<Data<'a>> {
        match serde_json::from_str(raw.get()) {
            Ok(data) => Some(data),
            Err(e) => {
                self.unreadable(at, &format!("{kind}: {e}"));
                None
            }
        }
    }

    /// A stored case, its body unpacked.
    pub fn case(&mut self, case: Case<'_>) {
        self.cases.stored(&case, &mut self.texts, &mut self.findings);
        if case.kind == "pool"
            && let Err(why) =
                self.trade.stock.pool((case.part, case.id), case.value, case.body, &mut self.texts)
        {
            let (about, place) =
                (display(case.tenant, case.kind, case.value), format!("cases {}/{}", case.part, case.id));
            self.findings.breach(rules::STOCK_ON_HAND, about, "a pool's state", why, place);
        }
    }

    /// A stored balance of a partition.
    pub fn balance(&mut self, account: &str, unit: &str, amount: i64) {
        self.books.balance(account, unit, amount, &mut self.texts);
    }

    /// A stored row of a case, its body unpacked.
    pub fn stock_row(&mut self, part: u16, case: u64, key: &str, body: &[u8]) {
        let read = match key.strip_prefix("t/") {
            Some(_) => self.trade.holding.transfer(body),
            None => self.trade.stock.row((part, case), key, body, &mut self.texts),
        };
        if let Err(why) = read {
            let place = format!("rows {part}/{case}");
            self.findings.breach(rules::STOCK_ON_HAND, key, "a pool's row", why, place);
        }
    }

    /// A command in the outbox.
    pub fn outbox(&mut self, part: u16, id: u64, key: &str) {
        self.commands.outbox(part, id, key, &self.texts, &mut self.findings);
    }

    /// A received message; per partition in order of position.
    pub fn received(&mut self, part: u16, pos: u64, state: ReceivedState) {
        self.received_waits += u64::from(state == ReceivedState::Waiting);
        self.posts.received(part, pos, state, &mut self.texts, &mut self.findings);
    }

    /// A mark that a case took a message in, by the journal row which did.
    pub fn seen(&mut self, part: u16, case: u64, pos: u64) {
        self.posts.seen(part, case, pos, &mut self.findings);
    }

    /// Mail that has not been taken in, by its sending partition and position.
    pub fn mail(&mut self, from_part: u16, pos: u64) {
        self.mail_waits += 1;
        self.posts.waits(from_part, pos);
    }

    /// So many stored things were held against a rule while they were read.
    pub fn checked(&mut self, rule: Rule, rows: u64) {
        self.findings.checked(rule, rows);
    }

    /// Something stored is not as it was written.
    pub fn damaged(&mut self, rule: Rule, table: &str, row: &str, why: &str) {
        let place = format!("{table} {row}");
        self.findings.breach(rule, place.as_str(), "as it was written", why, place.as_str());
    }

    /// What the heads say that is left in a table, and what is there.
    pub fn total(&mut self, table: &str, kept: u64, found: u64) {
        self.findings.checked(rules::STORE_WHOLE, 1);
        if kept != found {
            let (kept, found) = (format!("rows that come to {kept:016x}"), format!("{found:016x}"));
            self.findings.breach(rules::STORE_WHOLE, table, kept, found, table);
        }
    }

    /// An exception, open or closed.
    pub fn exception(&mut self, about: &str, code: &str, open: bool) {
        self.posts.exception(about, code, open, &mut self.texts);
    }

    /// A system's ledger was asked for, be it empty. `role` is the contract's name of its role, asked once for each
    /// that it plays; without one it is told by the system's name (`shop`, `stripe`, `giftcards`, `wms-…`, else the
    /// role's). Answers whether it is known.
    pub fn ledger(&mut self, system: &str, role: Option<&str>) -> bool {
        self.ledgers.open(system, role.and_then(Role::of), &mut self.trade.documents)
    }

    /// The next row of a system's ledger, a JSON object.
    pub fn ledger_row(&mut self, system: &str, line: &str) {
        let (ledgers, mut sums) = self.ledgers();
        ledgers.line(system, line, &mut sums);
    }

    /// The same, read already.
    pub fn ledger_entry(&mut self, system: &str, row: LedgerRow<'_>) {
        let (ledgers, mut sums) = self.ledgers();
        ledgers.row(system, row, &mut sums);
    }

    fn ledgers(&mut self) -> (&mut Ledgers, Sums<'_>) {
        let Trade { orders, stock, documents, told, filed, .. } = &mut self.trade;
        let (texts, findings) = (&mut self.texts, &mut self.findings);
        (&mut self.ledgers, Sums { texts, documents, orders, stock, told, filed, findings })
    }

    /// What was found wrong so far, while rows were taken in. Fed with each row when it comes about, this is what is
    /// wrong at that moment; more is compared at the end.
    pub fn so_far(&self) -> impl Iterator<Item = &Breach> {
        self.findings.so_far()
    }

    /// What a storefront shows as available of a SKU.
    pub fn shelf(&mut self, sku: &str, available: i64) {
        let sku = self.texts.id(sku);
        self.trade.stock.shelf(sku, available);
    }

    /// Judges all that was taken in.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.chain.finish(&mut self.findings);
        self.counts();
        self.cases.finish(&self.texts, &mut self.findings);
        self.commands.finish(&self.texts, &mut self.findings);
        self.books.finish(&self.texts, &mut self.findings);
        let mut busy = self.commands.settle(&mut self.trade.documents, &mut self.trade.payments);
        let quiet = busy.is_empty()
            && self.mail_waits == 0
            && self.received_waits == 0
            && self.settings.systems_at_rest;
        let pools_rest =
            quiet && !self.cases.all().any(|(kind, _, open)| open && self.texts.text(kind) == "pool");
        self.busy(&mut busy);
        let stock_short = self.posts.any_open("stock_short", &self.texts);
        self.posts.finish(&self.texts, &mut self.findings);
        let Self { trade, texts, findings, settings, books, .. } = &mut self;
        trade.credits.settle(&mut trade.documents, &mut trade.payments);
        trade.payments.finish(texts, findings);
        trade.clearing.finish(quiet, findings);
        trade.gates.finish(texts, findings);
        trade.returns.trace_back(&mut trade.orders);
        trade.documents.check(texts, settings.systems_at_rest, findings);
        trade.credits.finish(&busy, texts, findings);
        trade.told.finish(texts, findings);
        trade.filed.finish(&busy, &trade.documents, texts, findings);
        trade.returns.finish(&busy, &trade.documents, texts, findings);
        trade.orders.finish(&busy, &trade.documents, texts, findings);
        let rest = crate::stock::Rest { quiet, pools: pools_rest, short: stock_short };
        trade.holding.finish(books.transit(), findings);
        trade.stock.finish(books.places(), settings, rest, &trade.documents, texts, findings);
        self.findings.report()
    }

    /// Adds orders and returns whose cases are in progress. Mail and messages under way make all of them busy.
    fn busy(&mut self, busy: &mut BTreeSet<Id>) {
        let all: Vec<(Id, Id, bool)> = self.cases.all().collect();
        let everything = self.mail_waits > 0 || self.received_waits > 0;
        for (kind, value, open) in all {
            if open || everything {
                let about = family(self.texts.text(kind), self.texts.text(value)).to_owned();
                busy.insert(self.texts.id(&about));
            }
        }
    }

    /// The head's counts against the journal's: what a cut tail leaves behind when the hash was mended.
    fn counts(&mut self) {
        for head in &self.heads {
            let part = head.part;
            let counts = [
                ("case", head.cases, self.cases.most(part)),
                ("command", head.commands, self.commands.most(part)),
                ("mail", head.mail, self.posts.last_mail(part)),
            ];
            for (what, expected, found) in counts.into_iter().filter(|(_, expected, found)| expected != found)
            {
                self.findings.breach(
                    rules::JOURNAL_DENSE,
                    format!("partition {part}"),
                    format!("{what} {expected} last"),
                    format!("{what} {found}"),
                    format!("head {part}"),
                );
            }
        }
    }
}
