//! Errors of every kind, each at a place and of a size that a seed chooses: what is found at one place and not at
//! another shows here, where [`super::all`] has one place for each.

mod journal;
mod ledgers;
mod stored;

use crate::Evidence;
use serde_json::Value;

/// A kind of error.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// What was done, for people.
    pub name: &'static str,
    /// One of these rules must be broken by it; any rule where none is named.
    pub rules: &'static [&'static str],
    pub(super) plant: fn(&mut Evidence, &mut Dice) -> bool,
}

/// All kinds.
#[must_use]
pub fn kinds() -> Vec<Kind> {
    [journal::KINDS, stored::KINDS, ledgers::KINDS].concat()
}

/// What came of one seed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Struck {
    Found(&'static str),
    /// The error and the rules that were broken instead.
    Missed(&'static str, Vec<&'static str>),
    /// The evidence has no place for this kind.
    NoPlace(&'static str),
}

/// Plants the error of this seed into a copy of clean evidence and looks whether it is found. Seeds go round the kinds.
#[must_use]
pub fn strike(clean: &Evidence, seed: u64, settings: &crate::Settings) -> Struck {
    let kinds = kinds();
    let at = usize::try_from(seed).unwrap_or(0) % kinds.len();
    let kind = kinds[at];
    let mut evidence = clean.clone();
    if !(kind.plant)(&mut evidence, &mut Dice(fastrand::Rng::with_seed(seed))) {
        return Struck::NoPlace(kind.name);
    }
    let broken = evidence.report(settings.clone()).broken();
    let found = kind.rules.iter().any(|rule| broken.contains(rule));
    if found || (kind.rules.is_empty() && !broken.is_empty()) {
        Struck::Found(kind.name)
    } else {
        Struck::Missed(kind.name, broken)
    }
}

/// A seeded source of choices.
#[derive(Debug)]
pub(super) struct Dice(fastrand::Rng);

impl Dice {
    /// A number below `n`; 0 where there is none.
    pub fn below(&mut self, n: usize) -> usize {
        self.0.usize(..n.max(1))
    }

    /// A difference, up to a thousand either way and never 0.
    pub fn off(&mut self) -> i64 {
        let size = i64::try_from(self.below(1_000)).unwrap_or(0) + 1;
        if self.below(2) == 0 { size } else { -size }
    }

    /// The indices of so many things, all of them, from a place of its choosing on.
    pub fn round(&mut self, n: usize) -> impl Iterator<Item = usize> + use<> {
        let first = self.below(n);
        (0..n).map(move |i| (first + i) % n)
    }

    /// The first of the things, from a place of its choosing on, that the change takes.
    pub fn one<T>(&mut self, all: &mut [T], mut change: impl FnMut(&mut T, &mut Self) -> bool) -> bool {
        self.round(all.len()).any(|at| all.get_mut(at).is_some_and(|one| change(one, self)))
    }
}

/// Changes the body of one journal row that the change takes; the chain is left as it was.
fn body(e: &mut Evidence, dice: &mut Dice, mut change: impl FnMut(&mut Value, &mut Dice) -> bool) -> bool {
    dice.one(&mut e.journal, |row, dice| {
        let Ok(mut body) = serde_json::from_slice::<Value>(&row.body) else { return false };
        let changed = change(&mut body, dice);
        if changed {
            row.body = body.to_string().into_bytes();
        }
        changed
    })
}

/// A list that is a member of a value; empty where there is none.
fn list<'v>(value: &'v mut Value, member: &str) -> &'v mut [Value] {
    value.get_mut(member).and_then(Value::as_array_mut).map(Vec::as_mut_slice).unwrap_or_default()
}

/// Adds to a number.
fn bump(value: &mut Value, by: i64) -> bool {
    match value.as_i64() {
        Some(n) => {
            *value = Value::from(n + by);
            true
        }
        None => false,
    }
}
