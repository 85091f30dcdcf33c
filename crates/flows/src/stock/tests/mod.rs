//! A pool under test: stores bytes as the hub would, loads only what `needs` names, and keeps its own account of
//! what the journal says.

mod channels;
mod costs;
mod counts;
mod demand;
mod expected;
mod goods;
mod histories;
mod holds;
mod journal;
mod kinds;
mod losing;
mod publishing;
mod shelves;
mod transfers;

use super::messages::{Held, Reserved, Supplied, Wanted};
use super::{Row, State, StockPolicy, decide, decode, decode_row, encode, encode_row, needs};
use hub::process::{Decision, Fault, Rows, Stimulus};
use journal::Journal;
use retail::envelope::{Event, Name, Outcome};
use retail::time::{Span, Time};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub struct Pool {
    pub policy: StockPolicy,
    pub now: Time,
    pub journal: Journal,
    /// Rows that the last turn loaded.
    pub loaded: usize,
    head: Option<Vec<u8>>,
    rows: BTreeMap<String, Vec<u8>>,
}

pub type Turn = Decision<State, Row>;

impl Pool {
    pub fn new(policy: StockPolicy) -> Self {
        Self {
            policy,
            now: Time(1_000_000),
            journal: Journal::default(),
            loaded: 0,
            head: None,
            rows: BTreeMap::new(),
        }
    }

    /// Two places, north first.
    pub fn simple() -> Self {
        Self::new(StockPolicy::simple("uk", &["north", "south"]))
    }

    pub fn name() -> Name {
        Name::new("acme", "pool", "main")
    }

    pub fn state(&self) -> Option<State> {
        self.head.as_deref().map(|b| decode(b).unwrap())
    }

    pub fn row(&self, key: &str) -> Option<Row> {
        self.rows.get(key).map(|b| decode_row(key, b).unwrap())
    }

    pub fn all_rows(&self) -> impl Iterator<Item = (&str, Row)> {
        self.rows.iter().map(|(k, b)| (k.as_str(), decode_row(k, b).unwrap()))
    }

    pub fn try_turn(&mut self, stimulus: &Stimulus) -> Result<Turn, Fault> {
        let state = self.state();
        let mut loaded: Rows<Row> = Rows::new();
        loop {
            let keys = needs(&self.policy, state.as_ref(), &loaded, stimulus)?;
            if keys.is_empty() {
                break;
            }
            for key in keys {
                let row = self.row(&key);
                assert!(loaded.insert(key.clone(), row).is_none(), "{key} is asked for twice");
            }
        }
        self.loaded = loaded.len();
        let turn = decide(&self.policy, &Self::name(), state.as_ref(), &loaded, stimulus, self.now)?;
        self.head = Some(encode(&turn.state).unwrap());
        for (key, row) in &turn.rows {
            match row {
                Some(row) => self.rows.insert(key.clone(), encode_row(row).unwrap()),
                None => self.rows.remove(key),
            };
        }
        self.journal.add(&turn);
        Ok(turn)
    }

    pub fn turn(&mut self, stimulus: &Stimulus) -> Turn {
        self.try_turn(stimulus).unwrap()
    }

    pub fn mail(&mut self, kind: &str, data: &Value) -> Turn {
        self.turn(&mail(kind, data))
    }

    pub fn event(&mut self, kind: &str, occurred: Time, data: &Value) -> Turn {
        self.turn(&event(kind, occurred, data))
    }

    /// Supply comes in, now.
    pub fn receive(&mut self, id: &str, place: &str, lines: &[(&str, i64)]) -> Turn {
        let lines: Vec<Value> = lines.iter().map(|(sku, n)| json!({"sku": sku, "quantity": n})).collect();
        self.event("stock.received", self.now, &json!({"receipt": id, "place": place, "lines": lines}))
    }

    pub fn count(&mut self, id: &str, place: &str, as_of: i64, lines: &[(&str, i64)]) -> Turn {
        let lines: Vec<Value> = lines.iter().map(|(sku, n)| json!({"sku": sku, "on_hand": n})).collect();
        let data = json!({"count": id, "place": place, "as_of": Time(as_of), "lines": lines});
        self.event("stock.counted", Time(as_of), &data)
    }

    /// An order asks for (SKU, quantity), a line each, and is answered.
    pub fn reserve(&mut self, order: &str, lines: &[(&str, i64)]) -> Reserved {
        let turn = self.mail("stock.reserve", &demand(order, lines));
        let answers: Vec<Reserved> = told(&turn, "stock.reserved");
        assert_eq!(answers.len(), 1, "an order gets one definite answer");
        answers.into_iter().next().unwrap()
    }

    /// (on hand, reserved) of a SKU at a place.
    pub fn at(&self, sku: &str, place: &str) -> (i64, i64) {
        let Some(Row::Position(position)) = self.row(&format!("p/{sku}")) else { return (0, 0) };
        let at = position.place(self.state().unwrap().place(place).unwrap());
        (at.on_hand(), at.reserved())
    }

    /// (on hand, reserved) of a SKU of a kind at a place.
    pub fn of_kind(&self, sku: &str, place: &str, tag: &str) -> (i64, i64) {
        let Some(Row::Position(position)) = self.row(&format!("p/{sku}")) else { return (0, 0) };
        let place = self.state().unwrap().place(place).unwrap();
        position.find(place, tag).map_or((0, 0), |spot| {
            let at = position.spot(spot);
            (at.on_hand(), at.reserved())
        })
    }

    /// The hub's timer: at the time that the pool asked for, or now if that has passed.
    pub fn wake(&mut self) -> Turn {
        if let Some(due) = super::due::next(&self.state().unwrap()) {
            self.now = self.now.max(Time(due));
        }
        self.turn(&Stimulus::Timer)
    }

    /// Orders that wait for a SKU, in order, with their quantities.
    pub fn waiting(&self, sku: &str) -> Vec<(String, i64)> {
        let Some(Row::Position(position)) = self.row(&format!("p/{sku}")) else { return Vec::new() };
        position.waiting.into_iter().map(|w| (w.order, w.quantity)).collect()
    }

    pub fn later(&mut self, span: Span) {
        self.now = self.now.plus(span);
    }
}

pub fn demand(order: &str, lines: &[(&str, i64)]) -> Value {
    let line = |(i, (sku, n)): (usize, &(&str, i64))| json!({"line": (i + 1).to_string(), "sku": sku, "quantity": n});
    json!({"order": order, "lines": lines.iter().enumerate().map(line).collect::<Vec<_>>()})
}

pub fn mail(kind: &str, data: &Value) -> Stimulus {
    let from = Name::new("acme", "order", "shop-0");
    Stimulus::Mail { from, kind: kind.to_owned(), data: retail::envelope::json(data).unwrap() }
}

pub fn event(kind: &str, occurred: Time, data: &Value) -> Stimulus {
    let data = retail::envelope::json(data).unwrap();
    Stimulus::Event(Event { kind: kind.to_owned(), name: Pool::name(), occurred, data })
}

pub fn outcome(key: &str, outcome: Outcome) -> Stimulus {
    Stimulus::Outcome {
        op: "publish_stock".to_owned(),
        key: key.to_owned(),
        object: "stock/main".to_owned(),
        outcome,
    }
}

pub fn done() -> Outcome {
    Outcome::Done { result: retail::envelope::json(&json!({"ref": "x"})).unwrap() }
}

/// What a turn told orders by messages of a kind.
pub fn told<T: for<'a> serde::Deserialize<'a>>(turn: &Turn, kind: &str) -> Vec<T> {
    turn.messages
        .iter()
        .filter(|m| m.kind == kind)
        .map(|m| serde_json::from_str(m.data.get()).unwrap())
        .collect()
}

/// (order, place, quantity) of what was supplied.
pub fn supplied(turn: &Turn) -> Vec<(String, String, i64)> {
    let all: Vec<Supplied> = told(turn, "stock.supplied");
    all.into_iter()
        .flat_map(|s| s.lines.into_iter().map(move |l| (s.order.clone(), l.place, l.quantity)))
        .collect()
}

/// (line, place, quantity) of what is held.
pub fn held(lines: &[Held]) -> Vec<(&str, &str, i64)> {
    lines.iter().map(|h| (h.line.as_str(), h.place.as_str(), h.quantity)).collect()
}

/// (line, quantity) of what is wanted.
pub fn wanted(lines: &[Wanted]) -> Vec<(&str, i64)> {
    lines.iter().map(|w| (w.line.as_str(), w.quantity)).collect()
}

pub fn codes(turn: &Turn) -> Vec<&str> {
    turn.raise.iter().map(|a| a.code).collect()
}

/// Whether a turn changed, said and posted nothing.
pub fn is_silent(turn: &Turn) -> bool {
    turn.rows.is_empty()
        && turn.facts.is_empty()
        && turn.entries.is_empty()
        && turn.messages.is_empty()
        && turn.commands.is_empty()
        && turn.raise.is_empty()
}
