//! The hub's side: the journal walked once, and what each system must have by it.

use crate::compare::Asked;
use crate::record::{Input, Turn};
use crate::stock::Shelf;
use crate::thing::{Key, Standing, Thing};
use retail::listing::ListKind;
use retail::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Who plays a role: role, and which of several, to system; the empty one stands for any.
pub type Routes = BTreeMap<String, BTreeMap<String, String>>;

/// What the journal says that systems have.
#[derive(Debug, Default)]
pub struct Books {
    routes: Routes,
    pub(crate) things: BTreeMap<Key, Thing>,
    /// Things by what a row may call them.
    names: BTreeMap<Key, Key>,
    /// What follows when a command is done, by partition and number.
    pub(crate) commands: BTreeMap<(u16, u64), Ordered>,
    /// Of each order's line: its SKU, and whether it is goods.
    pub(crate) lines: BTreeMap<(String, String), (String, bool)>,
    /// Which system a payment is at, and its currency.
    pub(crate) payments: BTreeMap<String, (String, Option<String>)>,
    /// Orders, returns and pools that are known, and whether they are in progress.
    pub(crate) cases: BTreeMap<(String, String), bool>,
    pub(crate) shelf: Shelf,
    /// Which storefront an order was placed at.
    pub(crate) sources: BTreeMap<String, String>,
}

/// What a command is about.
#[derive(Clone, Debug)]
pub(crate) struct Ordered {
    pub system: String,
    pub change: Change,
}

#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// The thing comes to be.
    Makes(Key),
    /// Units of a thing change, by SKU: goods, others.
    Counts(Key, Vec<(Option<String>, bool, i64)>),
    /// The thing ends.
    Ends(Key),
    /// A capture: counted when its case says so.
    Captures(Key),
    /// A storefront shows these, by place (empty for all of them) and SKU.
    Shows(Vec<((String, String), i64)>),
    /// Goods are to leave a place by this fulfilment order.
    Leaves(String),
    /// Goods come to lie at a place, or leave it, by this disposition.
    Lands(String),
    /// That fulfilment order is taken back.
    Stays(String),
}

impl Books {
    /// Empty books of an estate.
    #[must_use]
    pub fn new(routes: Routes) -> Self {
        Self { routes, ..Self::default() }
    }

    /// The system that plays a role.
    pub(crate) fn system(&self, role: &str, at: &str) -> Option<String> {
        let of_role = self.routes.get(role)?;
        of_role.get(at).or_else(|| of_role.get("")).cloned()
    }

    /// All systems that play a role.
    pub(crate) fn players(&self, role: &str) -> BTreeSet<String> {
        self.routes.get(role).into_iter().flat_map(BTreeMap::values).cloned().collect()
    }

    /// Takes in one row of the journal: its partition, when it was written, and its body. Rows of a partition come in
    /// their order; partitions may come one after the other.
    ///
    /// # Errors
    /// When the body is no journal row.
    pub fn turn(&mut self, part: u16, at: Time, body: &[u8]) -> Result<(), serde_json::Error> {
        let turn: Turn = serde_json::from_slice(body)?;
        if turn.parked.is_some() {
            return Ok(());
        }
        if matches!(turn.case.kind.as_str(), "order" | "return") {
            self.cases.insert((turn.case.kind.clone(), turn.case.value.clone()), turn.open);
        }
        match &turn.input {
            Input::Event { kind, occurred, data } => {
                self.event(kind, &turn.case.value, at.min(*occurred), at, data)
            }
            Input::Outcome { outcome, result } => {
                if let Some(id) = turn.command() {
                    self.outcome((part, id), outcome, result.as_ref(), at);
                }
            }
            Input::Mail {} | Input::Timer {} => {}
        }
        for fact in &turn.facts {
            self.fact(&fact.kind, &turn.case.value, at, &fact.data);
        }
        for command in &turn.commands {
            self.ordered(part, at, command);
        }
        for entry in &turn.entries {
            for (account, unit, amount) in &entry.lines {
                self.shelf.posted(account, unit, *amount, at);
            }
        }
        Ok(())
    }

    /// Says which commands are not settled. Others that were ordered and have no outcome ended by an event.
    pub fn unsettled(&mut self, open: &BTreeSet<(u16, u64)>) {
        let ended: Vec<_> = self.commands.keys().filter(|id| !open.contains(id)).copied().collect();
        for id in ended {
            self.outcome(id, "done", None, Time(i64::MIN));
        }
    }

    pub(crate) fn thing(&mut self, key: &Key, make: impl FnOnce() -> Thing) -> &mut Thing {
        if !self.things.contains_key(key) {
            let thing = make();
            for name in thing.names.iter().chain([&key.2]) {
                self.names.insert((key.0.clone(), key.1, name.clone()), key.clone());
            }
            self.things.insert(key.clone(), thing);
        }
        self.things.entry(key.clone()).or_default()
    }

    /// A thing of a system that is called so.
    pub(crate) fn called(&self, system: &str, kind: ListKind, name: &str) -> Option<Key> {
        self.names.get(&(system.to_owned(), kind, name.to_owned())).cloned()
    }

    /// Gives a thing a further name.
    pub(crate) fn name(&mut self, key: &Key, name: &str) {
        if name.is_empty() {
            return;
        }
        self.names.insert((key.0.clone(), key.1, name.to_owned()), key.clone());
        if let Some(thing) = self.things.get_mut(key) {
            thing.names.insert(name.to_owned());
        }
    }

    /// The SKU of an order's line, and whether it is goods; what is not known counts as goods.
    pub(crate) fn sku(&self, order: &str, line: &str) -> (Option<String>, bool) {
        match self.lines.get(&(order.to_owned(), line.to_owned())) {
            Some((sku, goods)) => (Some(sku.clone()), *goods),
            None => (None, true),
        }
    }

    /// Whether the system itself is where such things come from, and the hub only hears of them.
    pub(crate) fn originates(&self, asked: Asked<'_>) -> bool {
        let role = match asked.kind {
            ListKind::Orders => "storefront",
            ListKind::Returns => return true,
            ListKind::Shipments => "wms",
            _ => return false,
        };
        self.routes.get(role).is_some_and(|by| by.values().any(|system| system == asked.system))
    }

    /// The places that a system keeps.
    pub(crate) fn places(&self, system: &str) -> BTreeSet<String> {
        let kept = |(at, by): (&String, &String)| (by == system && !at.is_empty()).then(|| at.clone());
        self.routes.get("wms").into_iter().flatten().filter_map(kept).collect()
    }

    /// Whether an order or a return is known, and in progress.
    pub(crate) fn in_progress(&self, kind: &str, value: &str) -> bool {
        self.cases.get(&(kind.to_owned(), value.to_owned())).copied().unwrap_or(false)
    }

    pub(crate) fn settle(&mut self, key: &Key, standing: Standing, at: Time) {
        if let Some(thing) = self.things.get_mut(key) {
            thing.standing = standing;
            if at.0 != i64::MIN {
                thing.touch(at);
            }
        }
    }
}
