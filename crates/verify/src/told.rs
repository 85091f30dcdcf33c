//! What customers and customer service were told: nothing twice, and every exception that touches a customer.

use crate::args::Data;
use crate::names::{Id, Texts, print};
use crate::record::{Name, Raised};
use crate::report::Findings;
use crate::rules;
use crate::trade::At;
use std::collections::{BTreeMap, HashMap};

/// Codes of `docs/journal.md` that touch a customer although others own them.
const TOUCHING: [&str; 13] = [
    "capture_failed",
    "capture_short",
    "captured_without_sale",
    "order_overdue",
    "over_received",
    "overshipped",
    "refund_exceeds_capture",
    "refund_failed",
    "refund_pending_long",
    "refund_reversed",
    "refunded_twice",
    "release_refused",
    "unexpected_goods",
];

#[derive(Clone, Debug)]
struct Alarm {
    place: (u16, u64),
    raised: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// What was ordered to be told, by what it says: the first message of it.
    ordered: HashMap<u64, Id>,
    /// The same by the writer's own number: the first message of it.
    written: HashMap<(Id, Id), Id>,
    /// Messages that say what another had said: both, and where.
    repeats: Vec<(Id, Id, String)>,
    messages: u64,
    /// Exceptions that touch a customer, by case and code.
    alarms: BTreeMap<(Id, Id), Alarm>,
    /// Whether the last note of each says that it is open.
    notes: BTreeMap<(Id, Id), bool>,
    /// The first row of each partition that orders a note: before it nobody played the role.
    since: BTreeMap<u16, u64>,
}

fn about(case: &Name<'_>, texts: &mut Texts) -> Id {
    texts.id(&format!("{}/{}", &*case.kind, &*case.value))
}

impl Told {
    pub fn raised(&mut self, place: (u16, u64), case: &Name<'_>, alarm: &Raised<'_>, texts: &mut Texts) {
        let touches = &*alarm.owner == "customer_service" || TOUCHING.contains(&&*alarm.code);
        if touches && &*case.kind != "pool" {
            let key = (about(case, texts), texts.id(&alarm.code));
            let known = self.alarms.entry(key).or_insert(Alarm { place, raised: true });
            known.raised = true;
        }
    }

    pub fn cleared(&mut self, case: &Name<'_>, code: &str, texts: &mut Texts) {
        let key = (about(case, texts), texts.id(code));
        if let Some(alarm) = self.alarms.get_mut(&key) {
            alarm.raised = false;
        }
    }

    /// A command that was ordered for the first time.
    pub fn command(&mut self, op: &str, data: &Data<'_>, at: &mut At<'_>) {
        match op {
            "notify_customer" => {
                let whom = if data.rma.is_empty() { &*data.order } else { &*data.rma };
                let said = print(&(whom, &*data.milestone, data.data.map(|data| data.get())));
                let id = at.texts.id(&data.id);
                let first = *self.ordered.entry(said).or_insert(id);
                if first != id {
                    self.repeats.push((first, id, format!("journal {}/{}", at.place.0, at.place.1)));
                }
                self.messages += 1;
            }
            "note_case" => {
                self.since.entry(at.place.0).or_insert(at.place.1);
                let key = (at.texts.id(&data.about), at.texts.id(&data.code));
                self.notes.insert(key, &*data.state == "opened");
            }
            _ => {}
        }
    }

    /// A row of the writer's ledger; `number` is its own for what it told.
    pub fn written(&mut self, milestone: &str, number: &str, message: Id, texts: &mut Texts) {
        let first = *self.written.entry((texts.id(milestone), texts.id(number))).or_insert(message);
        if first != message {
            self.repeats.push((first, message, "ledger of notifications".to_owned()));
        }
    }

    pub fn finish(&self, texts: &Texts, findings: &mut Findings) {
        findings.checked(rules::MESSAGE_ONCE, self.messages);
        for (first, second, place) in &self.repeats {
            let found = format!("said before by {}", texts.text(*first));
            findings.breach(rules::MESSAGE_ONCE, texts.text(*second), "something new", found, place.as_str());
        }
        for ((case, code), alarm) in &self.alarms {
            let (part, pos) = alarm.place;
            if self.since.get(&part).is_none_or(|since| pos < *since) {
                continue;
            }
            findings.checked(rules::SERVICE_NOTED, 1);
            let noted = self.notes.get(&(*case, *code)).copied();
            if noted == Some(alarm.raised) {
                continue;
            }
            let word = |open| if open { "a case that is open" } else { "a case that is closed" };
            findings.breach(
                rules::SERVICE_NOTED,
                format!("{} {}", texts.text(*case), texts.text(*code)),
                word(alarm.raised),
                noted.map_or("none", word),
                format!("journal {part}/{pos}"),
            );
        }
    }
}
