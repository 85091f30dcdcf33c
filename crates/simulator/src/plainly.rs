//! The way between hub and vendors that take commands as they are: no request, no signature, no mapping between them.

use crate::canonical::{Posted, SYSTEMS};
use crate::queue::Happening;
use crate::run::Run;
use crate::systems::Systems;
use crate::vendors::TOLERANCE_MS;
use hub::batch::{Part, ReceivedRow};
use hub::io::{Dispatch, Input, Received, Understood};
use lookalikes::System;
use retail::envelope::Outcome;

impl Run {
    /// Puts a command on its way.
    pub fn send_plainly(&mut self, life: u32, part: Part, dispatch: Box<Dispatch>) {
        let (at, not_sent) = self.way_out(life);
        let Some(_) = not_sent else {
            self.agenda.put(at, Happening::Ask { life, part, dispatch });
            return;
        };
        let outcome = Outcome::Throttled { retry_after: None };
        self.answered(at, life, part, dispatch.id, outcome);
    }

    fn answered(&mut self, at: i64, life: u32, part: Part, id: hub::batch::CommandId, outcome: Outcome) {
        let input = Input::Answered { id, outcome, pause: None };
        self.agenda.put(at, Happening::Hub { life, part, input });
    }

    /// A command arrives at a vendor, which answers or does not.
    pub fn ask_plainly(&mut self, life: u32, part: Part, dispatch: &Dispatch) {
        let Systems::Canonical(vendors) = &mut self.systems else { return };
        let asked = vendors.ask(self.now, dispatch);
        self.stirred();
        if let Some(mark) = asked.mark {
            self.mark(mark);
        }
        if dispatch.system == System::Stripe.as_str() {
            self.mark_key(format!("{}{:?}", dispatch.command.key, dispatch.renewed));
        }
        let lost = asked.outcome.is_none() || self.chance.strikes(self.faults.answer_lost);
        let told = asked.outcome.as_ref().map_or("cut", |outcome| match outcome {
            Outcome::Done { .. } => "done",
            Outcome::Refused { .. } => "refused",
            Outcome::Throttled { .. } => "throttled",
            Outcome::Accepted { .. } => "accepted",
            Outcome::Unknown { .. } => "unknown",
            Outcome::Absent => "absent",
            Outcome::Fault { .. } => "fault",
        });
        let command = &dispatch.command;
        self.trace(
            &[b"call", command.key.as_bytes(), command.args.get().as_bytes(), told.as_bytes()],
            || {
                let heard = if lost { " (nobody hears it)" } else { "" };
                format!("call {} {} -> {told}{heard}", dispatch.system, command.key)
            },
        );
        let wait = i64::try_from(asked.wait_ms).unwrap_or(i64::MAX);
        let (at, outcome) = match asked.outcome {
            Some(outcome) if !lost => (self.now + wait + self.chance.between(1, 30), outcome),
            _ => {
                self.mark("vendor_answer_lost");
                let why = "simulated: no answer".to_owned();
                (self.now + wait + self.chance.between(1, 1_000), Outcome::Unknown { why })
            }
        };
        self.answered(at, life, part, dispatch.id, outcome);
    }

    /// A message arrives at the hub, if it is up.
    pub fn deliver_plainly(&mut self, posted: &Posted) {
        if self.owner.is_none() {
            self.delivered(posted.id, None);
            return;
        }
        // By a clock that is off, what is signed now is signed too long ago, or not yet.
        if (self.clock().0 - self.now).abs() > TOLERANCE_MS {
            self.mark("signature_refused_by_a_wrong_clock");
            self.delivered(posted.id, Some(401));
            return;
        }
        let post = &posted.post;
        let understood = Understood::Events(vec![post.event.clone()]);
        let (connection, headers) = (posted.system.as_str().to_owned(), "{}".to_owned());
        self.take_in(posted.id, connection, post.key.clone(), headers, post.body.clone(), understood);
    }

    /// Puts a question to a vendor that lists its events; false where it does not answer.
    pub fn question_plainly(&mut self, n: usize, connection: &str, cursor: Option<&str>) {
        let after: usize = cursor.and_then(|cursor| cursor.parse().ok()).unwrap_or(0);
        let Systems::Canonical(vendors) = &mut self.systems else { return };
        let Some(system) = SYSTEMS.into_iter().find(|system| system.as_str() == connection) else { return };
        let page = vendors.listed(self.now, system, after);
        self.stirred();
        let (posts, more) = match page {
            Ok(page) if !self.chance.strikes(self.faults.answer_lost) => page,
            other => {
                let why = other.err().unwrap_or("simulated: cut");
                self.mark("poll_failed");
                self.note(|| format!("asked {connection}: {why}"));
                self.later(n);
                return;
            }
        };
        self.note(|| format!("asked {connection}: {} messages", posts.len()));
        self.page(n, Some((after + posts.len()).to_string()), more);
        for post in posts {
            let understood = Understood::Events(vec![post.event.clone()]);
            self.found(n, connection, &post.key, "{}", &post.body, understood);
        }
        self.page_done(n);
    }

    /// A message that was received before a restart and not decided, as it was understood.
    pub fn again(&self, mut row: ReceivedRow, part: Part) -> Received {
        if !self.setup.canonical {
            return wiring::again(&self.wired, row, part, self.setup.parts);
        }
        // The bodies of canonical vendors are events as they are, like those of what persons ask.
        let connection = std::mem::replace(&mut row.connection, wiring::OPERATOR.to_owned());
        Received { connection, ..wiring::again(&self.wired, row, part, self.setup.parts) }
    }
}
