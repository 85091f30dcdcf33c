//! The decisions: one pure state machine per business process, each a set of functions from a case's state
//! and what happened to what should follow. [`Flows`] is their one door.
//!
//! **Must never know** a vendor, a database, a socket, a clock or a thread, nor how a command reaches anyone:
//! time and facts come in as values, a [`hub::process::Decision`] goes out.

pub mod difference;
mod early;
pub mod exceptions;
#[cfg(test)]
mod frozen;
pub mod messages;
pub mod order;
mod out;
mod pending;
pub mod policy;
mod read;
pub mod reference;
pub mod refund;
mod refusal;
pub mod returns;
#[cfg(test)]
mod schemas;
pub mod stock;
mod stored;
pub mod tell;
pub mod transition;
pub mod views;
mod withheld;

pub use policy::Policy;
/// A case's row. Only pools have any.
pub use stock::Row;

use hub::process::{Decision, Fault, Process, Rows, Stimulus};
use retail::envelope::{Json, Name};
use retail::time::Time;

/// All processes of one tenant, under one policy.
#[derive(Clone, Debug)]
pub struct Flows {
    pub policy: Policy,
}

/// A case's state, by what the case is.
#[derive(Clone, PartialEq, Debug)]
pub enum State {
    Order(Box<order::State>),
    Return(Box<returns::State>),
    Refund(Box<refund::State>),
    Pool(Box<stock::State>),
    Difference(Box<difference::State>),
}

fn unknown(name: &Name) -> Fault {
    Fault::new("unknown_case", format!("{name} is none of order, return, refund, pool, difference"))
}

fn mixed(name: &Name) -> Fault {
    Fault::new("bad_state", format!("the state of {name} is of another kind of case"))
}

/// The same decision about a state of another type.
fn lift<S, T>(d: Decision<S, Row>, state: impl FnOnce(Box<S>) -> T) -> Decision<T, Row> {
    Decision {
        state: state(Box::new(d.state)),
        rows: d.rows,
        facts: d.facts,
        commands: d.commands,
        withdraw: d.withdraw,
        settle: d.settle,
        entries: d.entries,
        messages: d.messages,
        names: d.names,
        due: d.due,
        open: d.open,
        raise: d.raise,
        clear: d.clear,
    }
}

macro_rules! state_of {
    ($name:expr, $state:expr, $kind:ident) => {
        match $state {
            None => Ok(None),
            Some(State::$kind(s)) => Ok(Some(&**s)),
            Some(_) => Err(mixed($name)),
        }
    };
}

impl Flows {
    fn pool(&self, name: &Name) -> Result<&stock::StockPolicy, Fault> {
        self.policy
            .pools
            .get(&name.value)
            .ok_or_else(|| Fault::new("unknown_pool", format!("policy knows no pool {:?}", name.value)))
    }
}

impl Process for Flows {
    type State = State;
    type Row = Row;

    /// An order, its refunds and its credits are one family.
    fn family<'a>(&self, name: &'a Name) -> &'a str {
        match name.kind.as_str() {
            "refund" => name.value.rsplit_once("-C").map_or(name.value.as_str(), |(order, _)| order),
            _ => &name.value,
        }
    }

    fn opens(&self, kind: &str) -> bool {
        matches!(kind, "order" | "return" | "refund" | "pool" | "difference")
    }

    fn decode(&self, name: &Name, body: &[u8], doc: Option<&[u8]>) -> Result<State, Fault> {
        match name.kind.as_str() {
            "order" => order::State::decode(body, doc).map(|s| State::Order(Box::new(s))),
            "return" => returns::State::decode(body, doc).map(|s| State::Return(Box::new(s))),
            "refund" => refund::State::decode(body, doc).map(|s| State::Refund(Box::new(s))),
            "pool" => stock::decode(body).map(|s| State::Pool(Box::new(s))),
            "difference" => difference::State::decode(body).map(|s| State::Difference(Box::new(s))),
            _ => Err(unknown(name)),
        }
    }

    fn encode(&self, state: &State) -> Result<Vec<u8>, Fault> {
        match state {
            State::Order(s) => s.encode(),
            State::Return(s) => s.encode(),
            State::Refund(s) => s.encode(),
            State::Pool(s) => stock::encode(s),
            State::Difference(s) => s.encode(),
        }
    }

    fn encode_doc(&self, state: &State) -> Result<Option<Vec<u8>>, Fault> {
        match state {
            State::Order(s) => s.encode_doc(),
            State::Return(s) => s.encode_doc(),
            State::Refund(s) => s.encode_doc(),
            State::Pool(_) | State::Difference(_) => Ok(None),
        }
    }

    fn journalled(&self, data: &Json) -> Option<Json> {
        withheld::without_persons(data)
    }

    fn decode_row(&self, _name: &Name, key: &str, body: &[u8]) -> Result<Row, Fault> {
        stock::decode_row(key, body)
    }

    fn encode_row(&self, row: &Row) -> Result<Vec<u8>, Fault> {
        stock::encode_row(row)
    }

    fn needs(
        &self,
        name: &Name,
        state: Option<&State>,
        rows: &Rows<Row>,
        stimulus: &Stimulus,
    ) -> Result<Vec<String>, Fault> {
        if name.kind != "pool" {
            return Ok(Vec::new());
        }
        stock::needs(self.pool(name)?, state_of!(name, state, Pool)?, rows, stimulus)
    }

    fn decide(
        &self,
        name: &Name,
        state: Option<&State>,
        rows: &Rows<Row>,
        stimulus: &Stimulus,
        now: Time,
    ) -> Result<Decision<State, Row>, Fault> {
        let policy = &self.policy;
        match name.kind.as_str() {
            "order" => {
                let state = state_of!(name, state, Order)?;
                order::decide(policy, name, state, stimulus, now).map(|d| lift(d, State::Order))
            }
            "return" => {
                let state = state_of!(name, state, Return)?;
                returns::decide(policy, name, state, stimulus, now).map(|d| lift(d, State::Return))
            }
            "refund" => {
                let state = state_of!(name, state, Refund)?;
                refund::decide(policy, name, state, stimulus, now).map(|d| lift(d, State::Refund))
            }
            "pool" => {
                let state = state_of!(name, state, Pool)?;
                stock::decide(self.pool(name)?, name, state, rows, stimulus, now)
                    .map(|d| lift(d, State::Pool))
            }
            "difference" => {
                let state = state_of!(name, state, Difference)?;
                difference::decide(name, state, stimulus).map(|d| lift(d, State::Difference))
            }
            _ => Err(unknown(name)),
        }
    }
}
