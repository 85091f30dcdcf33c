//! A hub's effects carried out in simulated time, and answered: what the real driver does with threads and sockets.

use crate::judge;
use crate::queue::Happening;
use crate::run::{Run, count};
use hub::batch::{Batch, CommitAnswer, Key, Part};
use hub::io::{Dispatch, Effect, Input, Mode, Reply};
use retail::time::{Span, Time};
use std::sync::Arc;

impl Run {
    /// Steps every hub that wants to be.
    pub fn tick(&mut self) {
        for life in [self.owner.as_ref(), self.former.as_ref()].map(|owner| owner.map(|owner| owner.life)) {
            let now = self.now;
            let Some(owner) = life.and_then(|life| self.owner_of(life)) else { continue };
            if owner.wake().is_none_or(|at| at > now) {
                continue;
            }
            let (life, clock) = (owner.life, owner.clock(now));
            let due = |wake: &Option<Time>| wake.is_some_and(|at| at <= clock);
            let woken: Vec<usize> =
                owner.wakes.iter().enumerate().filter(|(_, wake)| due(wake)).map(|(n, _)| n).collect();
            for part in woken {
                self.step(life, part, Input::Tick);
            }
        }
    }

    pub fn happen(&mut self, happening: Happening) -> Result<(), String> {
        if let Some(life) = happening.life() {
            let now = self.now;
            match self.owner_of(life) {
                Some(owner) if owner.asleep > now => {
                    let at = owner.asleep;
                    self.agenda.put(at, happening);
                    return Ok(());
                }
                Some(_) => {}
                None => {
                    self.after_death(&happening);
                    return Ok(());
                }
            }
        }
        match happening {
            Happening::Hub { life, part, input } => self.step(life, usize::from(part), input),
            Happening::Commit { life, part, batch } => self.commit(life, part, &batch),
            Happening::Load { life, part, keys } => self.load(life, part, keys)?,
            Happening::ReadHead { life, part } if self.now < self.away => {
                let at = self.away + self.chance.between(0, 3);
                self.agenda.put(at, Happening::ReadHead { life, part });
            }
            Happening::ReadHead { life, part } => {
                let (epoch, head) = self.reader.head(part).map_err(|error| error.to_string())?;
                self.soon(life, part, Input::HeadIs { epoch, head });
            }
            Happening::Call { life, part, id, run, request } => self.call(life, part, id, run, &request),
            Happening::Ask { life, part, dispatch } => self.ask_plainly(life, part, &dispatch),
            Happening::Answer { life, part, id, mut run, answer } => {
                match run.next(Some(answer), self.clock_of(life)) {
                    link::Next::Done(outcome) => {
                        let pause = run.pause();
                        self.agenda.put(
                            self.now,
                            Happening::Hub { life, part, input: Input::Answered { id, outcome, pause } },
                        );
                    }
                    link::Next::Send(request) => self.send(life, part, id, run, request),
                }
            }
            Happening::Deliver(delivery) => self.arrives(*delivery),
            Happening::Impatient { delivery } if self.owed.remove(&delivery).is_some() => {
                self.mark("sender_gave_up_waiting");
                self.delivered(delivery, None);
            }
            // Its sender has been answered.
            Happening::Impatient { .. } => {}
            Happening::Shopper => self.shop(),
            Happening::Person(wish) => self.ask_hub(*wish),
            Happening::Start => self.start()?,
            Happening::ClockRight => self.clock_is(0),
            Happening::Retire { life } => self.retire(life),
        }
        Ok(())
    }

    /// What a dead process was at reaches nobody, but what it handed to the disk may still be written.
    fn after_death(&mut self, happening: &Happening) {
        if let Happening::Commit { batch, .. } = happening
            && self.chance.strikes(50_000)
            && self.store.commit(&[batch.as_ref()]).first() == Some(&CommitAnswer::Yes)
        {
            self.mark("commit_outlived_its_process");
            self.written(batch);
        }
    }

    fn clock_of(&mut self, life: u32) -> Time {
        let now = self.now;
        self.owner_of(life).map_or(Time(now), |owner| owner.clock(now))
    }

    /// Hands the hub an input now.
    pub fn give(&mut self, part: Part, input: Input) {
        let life = self.life;
        self.agenda.put(self.now, Happening::Hub { life, part, input });
    }

    fn soon(&mut self, life: u32, part: Part, input: Input) {
        let at = self.now + self.chance.between(0, 3);
        self.agenda.put(at, Happening::Hub { life, part, input });
    }

    pub fn step(&mut self, life: u32, part: usize, input: Input) {
        let now = self.now;
        let Some(owner) = self.owner_of(life) else { return };
        let effects = owner.step(now, part, input);
        let number = Part::try_from(part).unwrap_or(0);
        for effect in effects {
            match effect {
                Effect::Load(keys) => {
                    let at = self.now + self.chance.between(0, 3);
                    self.agenda.put(at, Happening::Load { life, part: number, keys });
                }
                Effect::Commit(batch) => {
                    let at = self.now + self.chance.between(0, 5);
                    self.agenda.put(at, Happening::Commit { life, part: number, batch });
                }
                Effect::ReadHead => {
                    let at = self.now + self.chance.between(0, 3);
                    self.agenda.put(at, Happening::ReadHead { life, part: number });
                }
                Effect::Send(dispatch) => self.dispatch(life, number, dispatch),
                Effect::Reply { token, reply } => self.reply(token, reply),
                // One instant, so that mail keeps its order.
                Effect::Post { to, mail } => {
                    self.agenda.put(self.now, Happening::Hub { life, part: to, input: Input::Mail(mail) });
                }
                Effect::Stop { why } => {
                    self.note(|| format!("stop of life {life}: {why}"));
                    // Not by its number: one that fell asleep may wake, and learn it, before the other has begun.
                    let former = self.former.as_ref().is_some_and(|owner| owner.life == life);
                    let claimed = self.taken.contains(&number) && why.contains("claimed");
                    if !former && !claimed {
                        self.failures.push(format!("the hub stopped: {why}"));
                    }
                    self.mark(if former { "former_owner_fenced" } else { "fenced_owner_stopped" });
                    if former {
                        self.former = None;
                    } else {
                        self.crash();
                    }
                    return;
                }
            }
        }
    }

    fn commit(&mut self, life: u32, part: Part, batch: &Arc<Batch>) {
        if self.chance.strikes(self.faults.fenced) {
            self.mark("claimed_by_another");
            self.taken.insert(part);
            let at = Time(self.now);
            if let Err(error) = self.store.claim(part, "simulated", at, Span::days(1_000)) {
                self.failures.push(format!("a second claim failed: {error}"));
            }
        }
        let answer = if self.now < self.away {
            CommitAnswer::Failed("simulated: the store cannot be reached".to_owned())
        } else if self.chance.strikes(self.faults.commit_failed) {
            self.mark("commit_failed");
            CommitAnswer::Failed("simulated: the disk is full".to_owned())
        } else if self.chance.strikes(self.faults.commit_unknown) {
            self.mark("commit_unknown");
            if self.chance.strikes(50_000)
                && self.store.commit(&[batch.as_ref()]).first() == Some(&CommitAnswer::Yes)
            {
                self.mark("commit_unknown_and_written");
                self.written(batch);
            }
            if self.chance.strikes(20_000) {
                self.mark("store_away");
                self.away = self.now + self.chance.between(200, 5_000);
            }
            CommitAnswer::Unknown("simulated: the connection was cut".to_owned())
        } else {
            self.store.commit(&[batch.as_ref()]).pop().unwrap_or(CommitAnswer::Failed("no answer".to_owned()))
        };
        if answer == CommitAnswer::Yes {
            self.written(batch);
        }
        if let CommitAnswer::Clash(cases) = &answer {
            self.failures.push(format!("a single owner's batch clashed on cases {cases:?}"));
        }
        self.soon(life, part, Input::Committed(answer));
    }

    /// A batch is on disk.
    fn written(&mut self, batch: &Batch) {
        for row in &batch.journal {
            let at = [u64::from(batch.part), row.pos].map(u64::to_le_bytes);
            self.trace(&[&at[0], &at[1], &row.body], || {
                format!("turn {}/{} {}", batch.part, row.pos, judge::headline(&row.body))
            });
        }
        let mut marks = std::mem::take(&mut self.marks);
        let checked = self.watch.written(batch, &mut |what| count(&mut marks, what));
        self.marks = marks;
        self.see(checked);
    }

    fn load(&mut self, life: u32, part: Part, keys: Vec<Key>) -> Result<(), String> {
        let input = if self.now < self.away || self.chance.strikes(self.faults.load_failed) {
            self.mark("load_failed");
            Input::LoadFailed(keys)
        } else {
            let found = self.reader.load(part, &keys).map_err(|error| error.to_string())?;
            Input::Loaded(keys.into_iter().zip(found).collect())
        };
        self.soon(life, part, input);
        Ok(())
    }

    fn dispatch(&mut self, life: u32, part: Part, dispatch: Box<Dispatch>) {
        let id = dispatch.id;
        let mode = match dispatch.mode {
            Mode::First => link::Mode::First,
            Mode::Find => link::Mode::Find,
        };
        if dispatch.mode == Mode::Find {
            self.mark("looked_up");
        }
        if dispatch.renewed.is_some() {
            self.mark("key_renewed");
        }
        self.trace(&[b"send", dispatch.command.key.as_bytes(), &dispatch.attempt.to_le_bytes()], || {
            format!("send {} {} attempt {} {mode:?}", dispatch.system, dispatch.command.key, dispatch.attempt)
        });
        if self.setup.canonical {
            self.send_plainly(life, part, dispatch);
            return;
        }
        let Some(connection) = self.wired.connections.get(&dispatch.system) else {
            self.failures.push(format!("no connection {}", dispatch.system));
            return;
        };
        let started =
            connection.connector.start(&dispatch.command, mode, &connection.endpoint, dispatch.renewed);
        let outcome = match started {
            Ok(mut run) => match run.next(None, self.clock_of(life)) {
                link::Next::Send(request) => return self.send(life, part, id, Box::new(run), request),
                link::Next::Done(outcome) => outcome,
            },
            Err(outcome) => outcome,
        };
        let pause = None;
        self.agenda
            .put(self.now, Happening::Hub { life, part, input: Input::Answered { id, outcome, pause } });
    }

    fn reply(&mut self, token: u64, reply: Reply) {
        if reply == Reply::Taken
            && let Some((part, connection, key)) = self.told.remove(&token)
        {
            let checked = self.watch.taken(part, &connection, &key);
            self.see(checked);
            if connection == wiring::OPERATOR {
                self.heard.insert(key);
            }
        }
        if let Some(n) = self.asked.remove(&token) {
            self.page_reply(n, &reply);
            return;
        }
        let Some(delivery) = self.waiting.remove(&token) else { return };
        let Some(owed) = self.owed.get_mut(&delivery) else { return };
        if reply != Reply::Taken {
            self.owed.remove(&delivery);
            self.delivered(delivery, Some(503));
            return;
        }
        *owed -= 1;
        if *owed == 0 {
            self.owed.remove(&delivery);
            // The 2xx may get lost on its way.
            if self.chance.strikes(self.faults.answer_lost) {
                self.mark("webhook_answer_lost");
                self.delivered(delivery, None);
            } else {
                self.delivered(delivery, Some(200));
            }
        }
    }
}
