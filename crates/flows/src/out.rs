//! What a turn has decided so far. Helpers here are the only way to say something to the outside, so that
//! every command, fact and entry is written alike.

use crate::policy::Routes;
use hub::process::{Alarm, Decision, Entry, Fact, Fault, Message};
use retail::envelope::{Class, Command, Json, Name, json};
use retail::time::Time;
use serde::Serialize;

/// What comes of something that may be refused.
pub(crate) type Res<T = ()> = Result<T, Fault>;

/// Gathers a decision.
#[derive(Debug, Default)]
pub(crate) struct Out {
    pub facts: Vec<Fact>,
    pub commands: Vec<Command>,
    pub withdraw: Vec<String>,
    pub settle: Vec<String>,
    pub entries: Vec<Entry>,
    pub messages: Vec<Message>,
    /// Further names of the case, under which `trace` and later events find it.
    pub names: Vec<Name>,
    pub raise: Vec<Alarm>,
    pub clear: Vec<&'static str>,
    /// Who plays each role for the case, where rules chose.
    pub routes: Routes,
}

/// Whom a command is for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct To<'a> {
    pub role: &'static str,
    /// Which of several.
    pub at: &'a str,
    /// The object that it changes over there.
    pub object: &'a str,
    pub class: Class,
}

/// Writes a value as JSON.
pub(crate) fn raw<T: Serialize + ?Sized>(value: &T) -> Res<Json> {
    json(value).map_err(|e| Fault::new("unwritable", format!("a value cannot be written as JSON: {e}")))
}

impl Out {
    /// For a case whose commands go where rules sent its order.
    pub fn routed(routes: &Routes) -> Self {
        Self { routes: routes.clone(), ..Self::default() }
    }

    pub fn fact<T: Serialize>(&mut self, kind: &'static str, data: &T) -> Res {
        self.facts.push(Fact { kind, data: raw(data)? });
        Ok(())
    }

    /// Orders `op` under the key `{op}:{id}` and answers that key.
    pub fn command<T: Serialize>(&mut self, to: To<'_>, op: &str, id: &str, args: &T) -> Res<String> {
        let key = format!("{op}:{id}");
        self.commands.push(Command {
            role: to.role.to_owned(),
            at: match self.routes.get(to.role).filter(|_| to.at.is_empty()) {
                Some(routed) => routed.clone(),
                None => to.at.to_owned(),
            },
            op: op.to_owned(),
            object: to.object.to_owned(),
            key: key.clone(),
            class: to.class,
            args: raw(args)?,
        });
        Ok(key)
    }

    pub fn tell<T: Serialize>(
        &mut self,
        tenant: &str,
        to: (&str, &str),
        kind: &'static str,
        data: &T,
    ) -> Res {
        let (case, value) = to;
        self.messages.push(Message { to: Name::new(tenant, case, value), kind, data: raw(data)? });
        Ok(())
    }

    /// Posts an entry; one that moves nothing is left out.
    pub fn post(&mut self, made: Result<books::Entry, books::Unbalanced>) -> Res {
        let e = made.map_err(|e| Fault::new("unbalanced", e.to_string()))?;
        if !e.lines.is_empty() {
            self.entries.push(Entry {
                entity: e.entity,
                memo: e.memo,
                reference: e.reference,
                occurred: e.occurred,
                posted_on: e.posted_on,
                late: e.late,
                lines: e.lines,
            });
        }
        Ok(())
    }

    pub fn raise(
        &mut self,
        code: &'static str,
        owner: &'static str,
        cause: impl Into<String>,
        next_step: impl Into<String>,
    ) {
        if !self.raise.iter().any(|a| a.code == code) {
            self.raise.push(Alarm { code, cause: cause.into(), owner, next_step: next_step.into() });
        }
    }

    /// The case can also be found under this name; an empty value names nothing.
    pub fn named(&mut self, tenant: &str, kind: &str, value: &str) {
        if !value.is_empty() {
            self.names.push(Name::new(tenant, kind, value));
        }
    }

    pub fn clear(&mut self, code: &'static str) {
        if !self.clear.contains(&code) {
            self.clear.push(code);
        }
    }

    /// Notes which exceptions the case has raised, and clears only those: every turn would otherwise write that
    /// something is over which never was.
    pub fn note(&mut self, raised: &mut Vec<String>) {
        self.clear.retain(|code| raised.iter().any(|r| r == code));
        raised.retain(|r| !self.clear.iter().any(|code| code == r));
        for alarm in &self.raise {
            if !raised.iter().any(|r| r == alarm.code) {
                raised.push(alarm.code.to_owned());
            }
        }
    }

    /// The decision, with the case's new state.
    pub fn done<S, R>(self, state: S, open: bool, due: Option<Time>) -> Decision<S, R> {
        Decision {
            facts: self.facts,
            commands: self.commands,
            withdraw: self.withdraw,
            settle: self.settle,
            entries: self.entries,
            messages: self.messages,
            names: self.names,
            raise: self.raise,
            clear: self.clear,
            due,
            ..Decision::of(state, open)
        }
    }
}

/// How much had been said at some moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Marks([usize; 9]);

impl Out {
    pub fn marks(&self) -> Marks {
        Marks([
            self.facts.len(),
            self.commands.len(),
            self.withdraw.len(),
            self.settle.len(),
            self.entries.len(),
            self.messages.len(),
            self.raise.len(),
            self.clear.len(),
            self.names.len(),
        ])
    }

    /// Takes back what was said since.
    pub fn back_to(&mut self, marks: &Marks) {
        let [facts, commands, withdraw, settle, entries, messages, raise, clear, names] = marks.0;
        self.facts.truncate(facts);
        self.commands.truncate(commands);
        self.withdraw.truncate(withdraw);
        self.settle.truncate(settle);
        self.entries.truncate(entries);
        self.messages.truncate(messages);
        self.raise.truncate(raise);
        self.clear.truncate(clear);
        self.names.truncate(names);
    }
}
