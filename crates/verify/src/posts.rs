//! What goes in and out: received messages, mail between cases, exceptions.

use crate::names::{Id, Texts};
use crate::report::Findings;
use crate::rules;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Where a received message stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReceivedState {
    Waiting,
    Decided,
    Parked,
}

#[derive(Clone, Debug, Default)]
struct Inbox {
    stored: u64,
    last: u64,
    head: Option<u64>,
    /// The furthest that the journal names, and where.
    named: (u64, u64),
    gaps: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Letter {
    /// The row that sent it, and the partition and case that it is for.
    sent: u64,
    to: (u16, Id),
    /// The row that its receiver says sent it, the receiver, and how often it was taken in.
    cause: u64,
    by: (u16, Id),
    taken: u32,
    waits: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Alarm {
    /// The last journal row that raised or ended it, and whether it raised it.
    raised: Option<(u64, bool)>,
    /// Parked turns that must be seen under it.
    parked: u64,
    open: u32,
    all: u32,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Posts {
    inbox: BTreeMap<u16, Inbox>,
    mail: HashMap<(u16, u64), Letter>,
    alarms: HashMap<(Id, Id), Alarm>,
    /// Names of cases and messages that the journal knows.
    known: HashSet<Id>,
    /// Per row that took a message in, its case; those that are remembered are taken out again.
    taken_in: HashMap<(u16, u64), u64>,
}

impl Posts {
    pub fn head(&mut self, part: u16, received: u64) {
        self.inbox.entry(part).or_default().head = Some(received);
    }

    /// A journal row was caused by a received message.
    pub fn named(&mut self, part: u16, received: u64, pos: u64) {
        let inbox = self.inbox.entry(part).or_default();
        if received > inbox.named.0 {
            inbox.named = (received, pos);
        }
    }

    /// Row `at` took a message in, for a case.
    pub fn took(&mut self, at: (u16, u64), case: u64) {
        self.taken_in.insert(at, case);
    }

    /// A case remembers that it took a message in, by the row which did. After the journal.
    pub fn seen(&mut self, part: u16, case: u64, pos: u64, findings: &mut Findings) {
        findings.checked(rules::RECEIVED_SEEN, 1);
        let took = self.taken_in.remove(&(part, pos));
        if took != Some(case) {
            let found = took.map_or("none".to_owned(), |other| format!("one of case {other}"));
            findings.breach(
                rules::RECEIVED_SEEN,
                format!("case {part}/{case}"),
                format!("row {pos} to have taken a message in for it"),
                found,
                format!("seen {part}/{case}, row {pos}"),
            );
        }
    }

    /// The next received message of a partition.
    pub fn received(
        &mut self,
        part: u16,
        pos: u64,
        state: ReceivedState,
        texts: &mut Texts,
        findings: &mut Findings,
    ) {
        findings.checked(rules::RECEIVED_DENSE, 1);
        let inbox = self.inbox.entry(part).or_default();
        if pos != inbox.last + 1 {
            inbox.gaps += 1;
            findings.breach(
                rules::RECEIVED_DENSE,
                format!("partition {part}"),
                format!("message {} next", inbox.last + 1),
                format!("message {pos}"),
                format!("received {part}/{pos}"),
            );
        }
        inbox.last = pos;
        inbox.stored += 1;
        match state {
            ReceivedState::Decided => {}
            ReceivedState::Waiting => findings.waits("received", 1),
            ReceivedState::Parked => {
                findings.with_people("messages", 1);
                findings.checked(rules::RECEIVED_PARKED, 1);
                let about = texts.id(&format!("received/{part}/{pos}"));
                self.alarms.entry((about, Id::NONE)).or_default().parked = pos;
            }
        }
    }

    /// Row `at` sent the mail at that position of its partition.
    pub fn sent(&mut self, at: (u16, u64), pos: u64, to: (u16, Id)) {
        let letter = self.mail.entry((at.0, pos)).or_default();
        (letter.sent, letter.to) = (at.1, to);
    }

    /// A case took in the mail of partition and position `from`, which row `cause` there is said to have sent.
    pub fn taken(&mut self, from: (u16, u64), cause: u64, by: (u16, Id)) {
        let letter = self.mail.entry(from).or_default();
        (letter.cause, letter.by) = (cause, by);
        letter.taken += 1;
    }

    pub fn waits(&mut self, part: u16, pos: u64) {
        self.mail.entry((part, pos)).or_default().waits = true;
    }

    /// Position of the last mail that a partition's journal sent.
    pub fn last_mail(&self, part: u16) -> u64 {
        self.mail
            .iter()
            .filter(|((p, _), l)| *p == part && l.sent != 0)
            .map(|((_, pos), _)| *pos)
            .max()
            .unwrap_or(0)
    }

    pub fn case(&mut self, about: Id) {
        self.known.insert(about);
    }

    pub fn raised(&mut self, about: Id, code: Id, pos: u64, raised: bool) {
        self.alarms.entry((about, code)).or_default().raised = Some((pos, raised));
    }

    /// A turn of a case, not of a message, was parked.
    pub fn parked_turn(&mut self, about: Id, code: Id, pos: u64) {
        self.alarms.entry((about, code)).or_default().parked = pos;
    }

    pub fn exception(&mut self, about: &str, code: &str, open: bool, texts: &mut Texts) {
        let about = texts.id(about);
        let alarm = self.alarms.entry((about, texts.id(code))).or_default();
        alarm.all += 1;
        alarm.open += u32::from(open);
        if texts.text(about).starts_with("received/") {
            let any = self.alarms.entry((about, Id::NONE)).or_default();
            any.all += 1;
            any.open += u32::from(open);
        }
    }

    /// Whether an exception of that code is open.
    pub fn any_open(&self, code: &str, texts: &Texts) -> bool {
        let code = texts.known(code);
        self.alarms.iter().any(|((_, c), alarm)| Some(*c) == code && alarm.open > 0)
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        for (part, inbox) in &self.inbox {
            let head = inbox.head.unwrap_or(inbox.last);
            if head != inbox.last {
                findings.breach(
                    rules::RECEIVED_DENSE,
                    format!("partition {part}"),
                    format!("message {head} last"),
                    format!("message {}", inbox.last),
                    format!("head {part}"),
                );
            }
            if inbox.named.0 > head {
                findings.breach(
                    rules::RECEIVED_DENSE,
                    format!("partition {part}"),
                    format!("a cause up to {head}"),
                    format!("message {}", inbox.named.0),
                    format!("journal {part}/{}", inbox.named.1),
                );
            }
        }
        for ((part, pos), case) in &self.taken_in {
            findings.breach(
                rules::RECEIVED_SEEN,
                format!("case {part}/{case}"),
                "to remember the message",
                "no mark of it",
                format!("journal {part}/{pos}"),
            );
        }
        self.finish_mail(findings);
        self.finish_alarms(texts, findings);
    }

    fn finish_mail(&self, findings: &mut Findings) {
        for ((part, pos), letter) in &self.mail {
            findings.checked(rules::MAIL_ONCE, 1);
            let (expected, found) = match (letter.sent, letter.taken, letter.waits) {
                (0, taken, _) => ("a row that sent it", format!("none, and it was taken in {taken} time(s)")),
                (_, 0, true) => {
                    findings.waits("mail", 1);
                    continue;
                }
                (sent, 1, false) if (sent, letter.to) == (letter.cause, letter.by) => continue,
                (sent, 1, false) if sent != letter.cause => {
                    ("its row as the cause", format!("row {}", letter.cause))
                }
                (_, 1, false) => ("to be taken in by whom it is for", "another".to_owned()),
                (_, 0, false) => ("to be taken in or to wait", "neither".to_owned()),
                (_, taken, true) => {
                    ("to be gone once taken in", format!("waiting, and taken in {taken} time(s)"))
                }
                (_, taken, false) => ("to be taken in once", format!("{taken} times")),
            };
            findings.breach(
                rules::MAIL_ONCE,
                format!("mail {part}/{pos}"),
                expected,
                found,
                format!("journal {part}/{}", letter.sent),
            );
        }
    }

    fn finish_alarms(&self, texts: &Texts, findings: &mut Findings) {
        for ((about, code), alarm) in &self.alarms {
            if *code != Id::NONE {
                findings.with_people("exceptions", u64::from(alarm.open));
            }
            let name = format!("{} {}", texts.text(*about), texts.text(*code));
            if alarm.parked > 0 && alarm.all == 0 {
                let expected = "an exception that shows it";
                findings.breach(rules::RECEIVED_PARKED, name.trim(), expected, "none", "exception");
            } else if alarm.parked > 0 && alarm.open == 0 && *code == Id::NONE {
                let expected = "an open exception, as long as the message is parked";
                findings.breach(rules::RECEIVED_PARKED, name.trim(), expected, "a closed one", "exception");
            }
            if let Some((pos, raised)) = alarm.raised {
                findings.checked(rules::EXCEPTION_KNOWN, 1);
                let place = format!("exception, journal row {pos}");
                if raised && alarm.all == 0 {
                    findings.breach(rules::EXCEPTION_KNOWN, name.trim(), "an exception", "none", place);
                } else if raised && alarm.open == 0 {
                    findings.breach(rules::EXCEPTION_KNOWN, name.trim(), "to be open", "closed", place);
                } else if !raised && alarm.open > 0 {
                    findings.breach(rules::EXCEPTION_KNOWN, name.trim(), "to be closed", "still open", place);
                }
            } else if alarm.all > 0 && alarm.parked == 0 && self.of_no_cause(texts, *about, *code) {
                let expected = "a journal row that raised it";
                findings.breach(rules::EXCEPTION_KNOWN, name.trim(), expected, "none", "exception");
            }
        }
    }

    /// Exceptions about a case are raised in the journal, save those of its commands (`command_parked:…`).
    fn of_no_cause(&self, texts: &Texts, about: Id, code: Id) -> bool {
        self.known.contains(&about) && !texts.text(code).contains(':')
    }
}
