//! Named errors to plant into evidence, each with the rule that must find it. They look for their target in whatever
//! evidence they are given, so that they can be planted into a hub's real folder as well as into [`sample`].

mod book;
mod busy;
mod changed;
mod edit;
mod journal;
mod ledgers;
mod meaning;
mod money;
mod roles;
pub mod seeded;
mod story;

use crate::{Evidence, Report, Settings};

pub use book::rehash;
pub use busy::busy;
pub use story::sample;

/// One error.
#[derive(Clone, Copy, Debug)]
pub struct Plant {
    /// What was done, for people.
    pub name: &'static str,
    /// The rule that must be broken by it.
    pub rule: &'static str,
    /// Plants it, and answers whether the evidence had a place for it.
    pub plant: fn(&mut Evidence) -> bool,
}

/// All of them: in the journal's chain, in what it means, in state and stock, in the systems' ledgers.
#[must_use]
pub fn all() -> Vec<Plant> {
    [journal::PLANTS, meaning::PLANTS, ledgers::PLANTS, roles::PLANTS, changed::PLANTS].concat()
}

/// What became of one plant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// The expected rule names it.
    Yes,
    /// The expected rule does not; these are broken instead.
    No(Vec<&'static str>),
    /// The evidence has no place for it.
    NoPlace,
}

/// Plants each error by itself into a copy of clean evidence, and tells what was found.
#[must_use]
pub fn try_all(clean: &Evidence, settings: &Settings) -> Vec<(Plant, Found)> {
    let outcome = |plant: &Plant| {
        let mut evidence = clean.clone();
        if !(plant.plant)(&mut evidence) {
            return Found::NoPlace;
        }
        let report: Report = evidence.report(settings.clone());
        if report.broken().contains(&plant.rule) { Found::Yes } else { Found::No(report.broken()) }
    };
    all().into_iter().map(|plant| (plant, outcome(&plant))).collect()
}
