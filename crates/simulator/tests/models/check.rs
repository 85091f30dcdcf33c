//! Looks at every history of a small world.

use crate::choice::Choice;
use crate::kit::{Frame, World};
use hub::process::Process;
use stateright::{Checker, Model, Property};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};

pub struct Check<P: Process> {
    pub frame: Frame<P>,
    /// Whether a history may end like this.
    pub ended: fn(&World<P>) -> bool,
    /// Branches that were reached in any history.
    pub marks: Mutex<BTreeSet<&'static str>>,
}

impl<P: Process + Clone + Debug> Model for Check<P> {
    type State = World<P>;
    type Action = Choice;

    fn init_states(&self) -> Vec<World<P>> {
        vec![World::begin(&self.frame)]
    }

    fn actions(&self, world: &World<P>, choices: &mut Vec<Choice>) {
        world.choices(&self.frame, choices);
    }

    fn next_state(&self, world: &World<P>, choice: Choice) -> Option<World<P>> {
        let mut next = world.choose(&self.frame, choice);
        let fresh = std::mem::take(&mut next.marks);
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).extend(fresh);
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("the rules hold", |_, world: &World<P>| world.broken.is_none()),
            Property::always("every history can end, and ends well", |check: &Self, world: &World<P>| {
                let mut choices = Vec::new();
                world.choices(&check.frame, &mut choices);
                !choices.is_empty() || world.broken.is_some() || (check.ended)(world)
            }),
        ]
    }
}

/// A world with more moments than this has no end, and a check of it would have none either.
const STATES: usize = 300_000;

/// Fails with the history that breaks a rule, or where a branch that must be reached never is.
pub fn all<P>(what: &str, frame: Frame<P>, ended: fn(&World<P>) -> bool, reaches: &[&'static str])
where
    P: Process + Clone + Debug + Send + Sync + 'static,
    P::State: Send + Sync,
    P::Row: Send + Sync,
{
    let check = Check { frame, ended, marks: Mutex::default() };
    let checker = check.checker().threads(2).target_state_count(STATES).spawn_bfs().join();
    println!("{what}: {} states, up to {} choices", checker.unique_state_count(), checker.max_depth());
    if let Some((rule, path)) = checker.discoveries().into_iter().next() {
        let steps: Vec<String> = path.clone().into_actions().iter().map(|c| format!("{c:?}")).collect();
        panic!("{what}: not so: {rule}\n{:?}\nafter {}", path.last_state(), steps.join(", "));
    }
    assert!(checker.unique_state_count() < STATES, "{what}: not every history was looked at");
    let marks = checker.model().marks.lock().unwrap_or_else(PoisonError::into_inner);
    let missing: Vec<_> = reaches.iter().filter(|mark| !marks.contains(**mark)).collect();
    assert!(missing.is_empty(), "{what}: never reached: {missing:?}; reached: {marks:?}");
}
