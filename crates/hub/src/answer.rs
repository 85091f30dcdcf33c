//! The life of a command: queued, in flight, settled, and what is done when nobody knows.

use crate::batch::{CommandId, CommandState, ExceptionChange, OutboxChange, OutboxRow};
use crate::hub::Hub;
use crate::io::{Dispatch, Effect, Mode, Reply, Token};
use crate::lane::{Health, Lane};
use crate::plan::{OpSpec, Plan, Strategy, SystemSpec, backoff};
use crate::process::Process;
use retail::envelope::{NOT_SENT, Outcome};
use retail::time::{Span, Time};
use std::collections::BTreeMap;

/// A fault of a connection, not of a command.
const UNAUTHORISED: &str = "unauthorised";
/// The exception about a system that does not accept our credentials.
const REFUSES: &str = "credentials_refused";
/// As old as the answer of a look-up may be for the same key to be sent again on it without proof.
const FRESH: Span = Span::millis(500);

impl<P: Process> Hub<P> {
    /// Takes a committed command into its lane.
    pub(crate) fn admit(&mut self, row: OutboxRow) {
        let id = row.id;
        self.keys.insert((row.name.clone(), row.command.key.clone()), id);
        if row.state == CommandState::Parked {
            self.parked.insert(id);
            self.alarmed.insert(id);
        } else if let Some(lane) = lane_of(&self.plan, &mut self.lanes, &row) {
            lane.queue(id, row.command.class, &row.command.object);
        }
        self.outbox.insert(id, row);
    }

    /// Takes in a command found on start: it may have been sent by whoever owned the partition before.
    pub(crate) fn resume(&mut self, mut row: OutboxRow, now: Time) {
        let id = row.id;
        let spec = self.plan.op(self.system_of(&row), &row.command.op);
        self.keys.insert((row.name.clone(), row.command.key.clone()), id);
        let Some(lane) = lane_of(&self.plan, &mut self.lanes, &row) else {
            self.parked.insert(id);
            self.alarmed.insert(id);
            self.outbox.insert(id, row);
            return;
        };
        let (class, object) = (row.command.class, row.command.object.clone());
        match row.state {
            CommandState::Parked => {
                lane.hold(id, class, &object);
                self.parked.insert(id);
                self.alarmed.insert(id);
            }
            CommandState::Accepted { until } => lane.resume(id, class, &object, Mode::Find, until.max(now)),
            CommandState::Queued | CommandState::Marked | CommandState::Unknown { .. } => match spec.strategy
            {
                Strategy::Name | Strategy::State => lane.resume(id, class, &object, Mode::First, now),
                Strategy::None if !spec.finds => {
                    lane.hold(id, class, &object);
                    self.outbox.insert(id, row);
                    self.park_command(
                        now,
                        id,
                        "it may have been sent before a restart and cannot be looked up",
                    );
                    return;
                }
                Strategy::Key { .. } | Strategy::Reference | Strategy::None => {
                    if row.state != CommandState::Queued {
                        self.absences.entry(id).or_default().doubt(&spec);
                    }
                    row.state = CommandState::Unknown { since: now };
                    let mode = if spec.finds { Mode::Find } else { Mode::First };
                    lane.resume(id, class, &object, mode, now);
                }
            },
        }
        self.outbox.insert(id, row);
    }

    /// A settled command leaves.
    pub(crate) fn dismiss(&mut self, id: CommandId) {
        let Some(row) = self.outbox.remove(&id) else { return };
        self.keys.remove(&(row.name.clone(), row.command.key.clone()));
        self.parked.remove(&id);
        self.alarmed.remove(&id);
        self.absences.remove(&id);
        if let Some(lane) = lane_of(&self.plan, &mut self.lanes, &row) {
            lane.settled(id, &row.command.object);
        }
    }

    fn system_of(&self, row: &OutboxRow) -> &str {
        self.plan.system(&row.command.role, &row.command.at).unwrap_or_default()
    }

    /// Hands out what the lanes allow now.
    pub(crate) fn dispatch(&mut self, now: Time) {
        for (system, lane) in &mut self.lanes {
            for (id, mode) in lane.pick(now) {
                let Some(row) = self.outbox.get_mut(&id) else {
                    lane.landed(id, Health::Fine, now);
                    continue;
                };
                row.attempts = row.attempts.saturating_add(1);
                if mode == Mode::Find {
                    self.absences.entry(id).or_default().asked = now;
                }
                self.effects.push(Effect::Send(Box::new(Dispatch {
                    id,
                    system: system.clone(),
                    command: row.command.clone(),
                    mode,
                    attempt: row.attempts,
                    renewed: self.absences.get(&id).and_then(|absence| absence.proven),
                })));
            }
        }
    }

    /// What became of an attempt.
    pub(crate) fn answered(&mut self, now: Time, id: CommandId, outcome: Outcome, pause: Option<Span>) {
        let Some(row) = self.outbox.get(&id) else { return };
        let system = self.system_of(row);
        let spec = self.plan.op(system, &row.command.op);
        let (state, attempts, created) = (row.state, row.attempts, row.created);
        let known = self.unwelcome.get(system).copied();
        let Some(lane) = lane_of(&self.plan, &mut self.lanes, row) else { return };
        let health = match &outcome {
            Outcome::Throttled { retry_after } => Health::Throttled(*retry_after),
            Outcome::Unknown { .. } => Health::Failing,
            Outcome::Fault { code, .. } if code == UNAUTHORISED => Health::Unwelcome,
            _ => Health::Fine,
        };
        lane.landed(id, health, now);
        lane.rest(pause, now);
        let limits = lane.spec().clone();
        let tired = now.since(created) >= spec.give_up;
        if known != Some(false) || health != Health::Fine {
            self.greet(now, id, health, known, &outcome);
        }
        match outcome {
            Outcome::Done { .. } | Outcome::Refused { .. } => self.tell(id, outcome, true),
            // Nothing was done, and the lane waits: the command keeps its place and is no worse for it.
            Outcome::Fault { .. } if health == Health::Unwelcome && !tired => {
                let mode =
                    if matches!(state, CommandState::Unknown { .. }) { again(&spec) } else { Mode::First };
                self.later(id, mode, now);
            }
            Outcome::Fault { ref code, ref message } => {
                let why = format!("{code}: {message}");
                self.tell(id, outcome, false);
                self.park_command(now, id, &why);
            }
            _ if tired => {
                let why = "it came to no outcome in the time allowed";
                if matches!(outcome, Outcome::Throttled { .. }) && self.never_sent(id, state, &spec) {
                    self.tell(
                        id,
                        Outcome::Fault { code: NOT_SENT.to_owned(), message: why.to_owned() },
                        false,
                    );
                }
                self.park_command(now, id, why);
            }
            Outcome::Throttled { retry_after } => {
                let mode =
                    if matches!(state, CommandState::Unknown { .. }) { again(&spec) } else { Mode::First };
                let at = now.plus(retry_after.unwrap_or(limits.backoff));
                self.later(id, mode, at);
            }
            Outcome::Accepted { .. } => {
                let until = now.plus(spec.verdict);
                if !matches!(state, CommandState::Accepted { .. }) {
                    self.tell(id, outcome, false);
                }
                self.set_state(id, CommandState::Accepted { until });
                // Where nothing can be looked up either, the connector says so and a person takes over.
                self.later(id, Mode::Find, until);
            }
            Outcome::Unknown { .. } => self.unknown(now, id, state, outcome, &spec, &limits, attempts),
            Outcome::Absent => self.absent(now, id, state, &spec, &limits, attempts, created),
        }
    }

    /// A system that refuses our credentials is one exception, not one for each command; it is over when the system
    /// answers sensibly again. What an earlier process raised is over upon the first such answer too.
    fn greet(&mut self, now: Time, id: CommandId, health: Health, known: Option<bool>, outcome: &Outcome) {
        let Some(row) = self.outbox.get(&id) else { return };
        let system = self.system_of(row).to_owned();
        let about = format!("connection/{system}");
        match (health, outcome) {
            (Health::Unwelcome, Outcome::Fault { message, .. }) if known != Some(true) => {
                self.unwelcome.insert(system, true);
                let alarm = self.alarm(
                    about,
                    REFUSES.to_owned(),
                    message.clone(),
                    "integration",
                    "renew the connection's secret in the estate and start the hub again; what waits is then sent",
                    now,
                    self.head.pos,
                );
                self.alarms.push(alarm);
            }
            (Health::Fine, _) if known != Some(false) => {
                self.unwelcome.insert(system, false);
                let (code, pos) = (REFUSES.to_owned(), self.head.pos);
                self.alarms.push(ExceptionChange::Close { about, code, at: now, pos });
            }
            _ => {}
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn unknown(
        &mut self,
        now: Time,
        id: CommandId,
        state: CommandState,
        outcome: Outcome,
        spec: &OpSpec,
        limits: &SystemSpec,
        attempts: u32,
    ) {
        if !matches!(state, CommandState::Unknown { .. }) {
            self.tell(id, outcome, false);
        }
        if spec.strategy == Strategy::None && !spec.finds {
            self.park_command(now, id, "nobody knows whether it was done, and it cannot be looked up");
            return;
        }
        self.set_state(id, CommandState::Unknown { since: now });
        self.later(id, again(spec), backoff(limits, attempts.saturating_sub(1), id, now));
    }

    /// A look-up found nothing. That is proof only when nothing can still be on its way.
    #[allow(clippy::too_many_arguments)]
    fn absent(
        &mut self,
        now: Time,
        id: CommandId,
        state: CommandState,
        spec: &OpSpec,
        limits: &SystemSpec,
        attempts: u32,
        created: Time,
    ) {
        let doubted = self.doubted_on_disk(id);
        let absence = self.absences.entry(id).or_default();
        let since = match state {
            CommandState::Unknown { since } => since,
            CommandState::Accepted { until } => until,
            _ => now,
        };
        // An answer may be long on its way, or lie here while the machine stands still: it is as old as the question.
        let proven = absence.asked >= since.plus(spec.settle);
        absence.times = absence.times.saturating_add(1);
        // A vendor may answer a key for ever with the failure that it stored under it. So the same key goes out once
        // more, and after that only a key made after absence was proven.
        let renews = matches!(spec.strategy, Strategy::Key { .. }) && absence.times > 1;
        // Whoever starts after us must see that the first key may not be all that the vendor was shown.
        if renews && !doubted {
            self.later(id, Mode::Find, backoff(limits, attempts, id, now));
            return;
        }
        if renews && proven {
            absence.proven = Some(now);
        }
        let harmless = match spec.strategy {
            // What is sent now may be carried out as late as the settle time allows: the key must be known by then.
            // And what a look-up said long ago says too little of a vendor that may forget keys before it says so.
            Strategy::Key { keeps } => {
                !renews
                    && now.plus(spec.settle).since(created) < keeps
                    && now.since(absence.asked).0 <= FRESH.0
            }
            Strategy::Name | Strategy::State => true,
            Strategy::Reference | Strategy::None => false,
        };
        if proven || harmless {
            self.set_state(id, if harmless { CommandState::Queued } else { CommandState::Marked });
            self.later(id, Mode::First, now);
        } else {
            let at = backoff(limits, attempts, id, now).min(since.plus(spec.settle));
            self.later(id, Mode::Find, at.max(now));
        }
    }

    /// Whether nothing that was said of a command's state is still on its way to the disk.
    fn doubted_on_disk(&self, id: CommandId) -> bool {
        let of = |change: &OutboxChange| matches!(change, OutboxChange::Move { id: of, .. } if *of == id);
        let pending = self.pending.iter().flat_map(|pending| &pending.batch.outbox);
        !self.moves.iter().chain(pending).any(of)
    }

    /// Whether it is certain that nothing of a command has reached its system: nobody knows that of one which is
    /// simply sent again, nor of one that has ever been looked up.
    fn never_sent(&self, id: CommandId, state: CommandState, spec: &OpSpec) -> bool {
        !matches!(spec.strategy, Strategy::Name | Strategy::State)
            && matches!(state, CommandState::Queued | CommandState::Marked)
            && !self.absences.contains_key(&id)
    }

    fn later(&mut self, id: CommandId, mode: Mode, at: Time) {
        let Some(row) = self.outbox.get(&id) else { return };
        if let Some(lane) = lane_of(&self.plan, &mut self.lanes, row) {
            lane.later(id, mode, at);
        }
    }

    fn set_state(&mut self, id: CommandId, state: CommandState) {
        let Some(row) = self.outbox.get_mut(&id) else { return };
        if row.state != state {
            row.state = state;
            self.moves.push(OutboxChange::Move { id, state, attempts: row.attempts });
        }
    }

    /// A person must decide; the command keeps its object, so that nothing overtakes it.
    fn park_command(&mut self, now: Time, id: CommandId, why: &str) {
        self.set_state(id, CommandState::Parked);
        self.parked.insert(id);
        self.alarmed.insert(id);
        let Some(row) = self.outbox.get(&id) else { return };
        let about = row.name.to_string();
        let code = format!("command_parked:{}", row.command.key);
        let cause = format!("{} at {}: {why}", row.command.op, self.system_of(row));
        let owner = if row.command.role == "payments" { "finance" } else { "integration" };
        let next = format!(
            "find out at the system whether {} was done, then `crossdock exceptions --retry {}/{id}`",
            row.command.key, self.part
        );
        let alarm = self.alarm(about, code, cause, owner, &next, now, self.head.pos);
        self.alarms.push(alarm);
    }

    /// A person asks for a parked command to be tried again.
    pub(crate) fn retry(&mut self, now: Time, id: CommandId, token: Token) {
        let reply = if self.try_again(now, id) { Reply::Taken } else { Reply::NotFound };
        self.effects.push(Effect::Reply { token, reply });
    }

    /// Takes a parked command up again, looked up first where that is possible.
    pub(crate) fn try_again(&mut self, now: Time, id: CommandId) -> bool {
        if !self.parked.remove(&id) {
            return false;
        }
        let Some(row) = self.outbox.get_mut(&id) else { return false };
        row.created = now;
        let system = self.plan.system(&row.command.role, &row.command.at).unwrap_or_default();
        let spec = self.plan.op(system, &row.command.op);
        self.set_state(id, CommandState::Unknown { since: now });
        self.absences.entry(id).or_default().doubt(&spec);
        let mode = if spec.strategy == Strategy::None { Mode::First } else { again(&spec) };
        self.later(id, mode, now);
        true
    }
}

/// The lane of the system that a command goes to.
fn lane_of<'l>(plan: &Plan, lanes: &'l mut BTreeMap<String, Lane>, row: &OutboxRow) -> Option<&'l mut Lane> {
    lanes.get_mut(plan.system(&row.command.role, &row.command.at).unwrap_or_default())
}

/// The look-ups of a command: how often one found nothing, and when that was last proof. Kept in memory only: after a
/// restart everything that may have been sent is looked up first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Absence {
    /// When the look-up that is under way, or was the last, went out.
    pub(crate) asked: Time,
    times: u32,
    proven: Option<Time>,
}

impl Absence {
    /// Whoever was at the command before may have gone over to a key made anew, so that nobody knows which keys its
    /// system was shown: only one that was never in doubt may go out under its first key without proof.
    fn doubt(&mut self, spec: &OpSpec) {
        if matches!(spec.strategy, Strategy::Key { .. }) {
            self.times = self.times.max(1);
        }
    }
}

/// How an attempt of unknown outcome is taken up again.
const fn again(spec: &OpSpec) -> Mode {
    match spec.strategy {
        Strategy::Name | Strategy::State => Mode::First,
        _ if spec.finds => Mode::Find,
        _ => Mode::First,
    }
}
