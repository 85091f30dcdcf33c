//! Every step of every process fails, is lost, is repeated and is taken back in turn, in the middle of a history, and
//! each time the history must come to a clean end. The steps are those of the flow reference, so that a new process
//! or command is struck without a line here; one that no history reaches fails, since nothing is known of it then.

use crate::harness::{World, name, rules};
use crate::histories::history;
use crate::money_histories;
use flows::reference::PROCESSES;
use hub::process::Fault;
use retail::envelope::{Command, Name, Outcome};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What happens to a step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum How {
    /// The system refuses it, and a person tries it again.
    Fail,
    /// It is done, and nobody hears of it at first.
    Lose,
    /// It is done, and all that it brings about is reported three times.
    Repeat,
    /// It is done, and then what it was for is taken back.
    Reverse,
}

/// A step to be struck, once.
#[derive(Clone, Debug)]
pub struct Strike {
    pub kind: &'static str,
    pub role: &'static str,
    pub op: &'static str,
    pub how: How,
    pub hit: bool,
}

impl Strike {
    /// Whether it strikes this command; only the first of its kind.
    pub fn strikes(&mut self, case: &Name, command: &Command) -> Option<How> {
        let this = case.kind == self.kind && command.role == self.role && command.op == self.op;
        if !this || self.hit {
            return None;
        }
        self.hit = true;
        Some(self.how)
    }
}

/// The outcome of a step that fails.
pub fn refused() -> Outcome {
    Outcome::Refused { code: "busy".into(), message: "not now".into() }
}

/// What takes back what the case's step was for. A process that is not listed here cannot be tested to the end.
pub fn taken_back(world: &mut World, case: &Name) -> Vec<(&'static str, Name, Value)> {
    match case.kind.as_str() {
        "order" => {
            let data = json!({"order": case.value, "reason": "customer"});
            vec![("order.cancel_requested", case.clone(), data)]
        }
        "return" => vec![("return.cancelled", case.clone(), json!({"rma": case.value, "by": "kim"}))],
        // The provider pays, and its payment comes back.
        "refund" => {
            world.systems.habits.reverse_next = true;
            Vec::new()
        }
        "pool" => {
            let lines = json!([{"sku": "A", "on_hand": 1}]);
            let data = json!({"count": "struck", "place": "north", "as_of": world.now, "lines": lines});
            vec![("stock.counted", name("pool", "main"), data)]
        }
        kind => panic!("say what takes a {kind} back"),
    }
}

/// What is traded in a history.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trade {
    Plain,
    /// Orders are changed on their way too, and have lines of every kind of supply.
    Rich,
    /// Credits of every kind, disputes and store credit.
    Money,
}

impl Trade {
    const ALL: [Self; 3] = [Self::Plain, Self::Rich, Self::Money];

    fn history(self, seed: u64, strike: Option<Strike>) -> World {
        match self {
            Self::Plain | Self::Rich => history(seed, self == Self::Rich, strike),
            Self::Money => money_histories::history(seed, &mut BTreeSet::new(), strike),
        }
    }
}

/// Histories in which a step occurs.
type Occurs = BTreeMap<(String, String, String), Vec<(u64, Trade)>>;

const SEEDS: u64 = 120;
/// In so many histories each step is struck each way.
const TIMES: usize = 1;

fn occurrences() -> Occurs {
    let mut occurs = Occurs::new();
    let steps: usize = PROCESSES.iter().map(|process| process.commands.len()).sum();
    for seed in 0..SEEDS {
        if occurs.len() >= steps {
            break;
        }
        for trade in Trade::ALL {
            for (case, command) in &trade.history(seed, None).commands {
                let step = (case.kind.clone(), command.role.clone(), command.op.clone());
                let of = occurs.entry(step).or_default();
                if of.last() != Some(&(seed, trade)) {
                    of.push((seed, trade));
                }
            }
        }
    }
    occurs
}

#[test]
fn every_step_fails_is_lost_repeated_and_taken_back_and_all_ends_clean() {
    let occurs = occurrences();
    let mut wrong: BTreeMap<String, String> = BTreeMap::new();
    let mut never = Vec::new();
    for process in PROCESSES {
        for step in process.commands {
            let key = (process.kind.to_owned(), step.role.to_owned(), step.op.to_owned());
            let Some(seeds) = occurs.get(&key) else {
                never.push(format!("{} orders {} of {}", process.kind, step.op, step.role));
                continue;
            };
            for how in [How::Fail, How::Lose, How::Repeat, How::Reverse] {
                for (seed, trade) in seeds.iter().take(TIMES) {
                    let strike = Strike { kind: process.kind, role: step.role, op: step.op, how, hit: false };
                    let ran = std::panic::catch_unwind(|| struck(*seed, *trade, strike));
                    if let Err(why) = ran {
                        let why = why.downcast_ref::<String>().cloned().unwrap_or_default();
                        let of = format!("{how:?} {} of {}", step.op, process.kind);
                        wrong.entry(of).or_insert(format!("seed {seed}, {trade:?}: {why:.400}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(never, [] as [String; 0], "what no history reaches");
}

fn struck(seed: u64, trade: Trade, strike: Strike) {
    let mut w = trade.history(seed, Some(strike));
    assert!(w.strike.as_ref().is_some_and(|strike| strike.hit), "the step was not reached");
    w.moves.clear();
    // What comes too late to be taken back is refused, and a person sees that.
    let late = |fault: &Fault| ["cancelled_too_late", "transition_refused"].contains(&fault.code);
    let mut odd = Vec::new();
    for (of, label, fault) in &w.parked {
        if !(label.ends_with("return.cancelled") && late(fault)) {
            odd.push(format!("{label} of {of}: {fault:?}"));
        }
    }
    assert!(odd.is_empty(), "parked: {odd:?}");
    rules::at_rest(&w);
    if trade != Trade::Money {
        rules::finished(&w, &["capture_short"]);
        return;
    }
    // Disputes and credits that wait for approval stay open; a person knows of each refund that does.
    for (case, stored) in w.cases.iter().filter(|(case, _)| case.kind == "refund") {
        let told = w.exceptions.iter().any(|(on, _)| on == case);
        assert!(
            !stored.open || told,
            "{case} is open and nobody knows: {:?} {}",
            w.exceptions,
            w.show("refund", &case.value)
        );
    }
}
