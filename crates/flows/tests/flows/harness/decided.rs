//! What is decided in every test, held against `tests/golden/decided.txt`. Whoever changes a decision sees which
//! histories decide otherwise now, those too whose own test asks for something else, and says with `UPDATE=1` that it
//! is meant. `DECIDED=folder` writes the decisions out, to be compared with those of another version.

use crate::golden::{root, updating};
use flows::{Flows, Row, State};
use hub::process::{Decision, Fault, Process, Stimulus};
use retail::envelope::Name;
use retail::time::Time;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

const KEPT: &str = "crates/flows/tests/golden/decided.txt";
/// Random histories have thousands of worlds: so many of a test are kept.
const WORLDS: usize = 64;

thread_local! {
    /// Worlds of this thread's test so far.
    static WORLD: Cell<usize> = const { Cell::new(0) };
}

/// What one world has decided so far, hashed (FNV-1a), and as text where it is written out.
pub struct Decided {
    /// Test and number of the world; `None` where nothing is kept of it.
    of: Option<(String, usize)>,
    hash: u64,
    text: Option<String>,
}

impl Decided {
    pub fn new() -> Self {
        let thread = std::thread::current();
        // A test that runs on the main thread does not know its name.
        let test = thread.name().filter(|name| *name != "main").map(str::to_owned);
        let n = WORLD.replace(WORLD.get() + 1);
        let text = std::env::var_os("DECIDED").map(|_| String::new());
        Self { of: test.filter(|_| n < WORLDS).map(|test| (test, n)), hash: 0xcbf2_9ce4_8422_2325, text }
    }

    fn mix(&mut self, line: &str) {
        for byte in line.bytes().chain([b'\n']) {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        if let Some(text) = &mut self.text {
            text.push_str(line);
            text.push('\n');
        }
    }

    /// Takes in one decision, in the shapes in which it is stored and sent.
    pub fn take(
        &mut self,
        flows: &Flows,
        (to, on, now): (&Name, &Stimulus, Time),
        decided: &Result<Decision<State, Row>, Fault>,
    ) {
        if self.of.is_none() {
            return;
        }
        self.mix(&format!("{now} {to} {}", flows::transition::label(on)));
        let d = match decided {
            Ok(decision) => decision,
            Err(fault) => return self.mix(&format!("refused {} {}", fault.code, fault.why)),
        };
        let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        self.mix(&said(flows.encode(&d.state).unwrap()));
        self.mix(&said(flows.encode_doc(&d.state).unwrap().unwrap_or_default()));
        for (key, row) in &d.rows {
            let row = row.as_ref().map(|row| said(flows.encode_row(row).unwrap()));
            self.mix(&format!("row {key} {}", row.as_deref().unwrap_or("none")));
        }
        for fact in &d.facts {
            self.mix(&format!("fact {} {}", fact.kind, fact.data));
        }
        for command in &d.commands {
            self.mix(&format!("command {}", serde_json::to_string(command).unwrap()));
        }
        for entry in &d.entries {
            self.mix(&format!("entry {}", serde_json::to_string(entry).unwrap()));
        }
        for message in &d.messages {
            self.mix(&format!("message {} to {} {}", message.kind, message.to, message.data));
        }
        let mut rest =
            format!("{} due {:?} names {:?}", if d.open { "open" } else { "closed" }, d.due, d.names);
        for alarm in &d.raise {
            write!(rest, " raises {} to {}: {}", alarm.code, alarm.owner, alarm.cause).unwrap();
        }
        write!(rest, " clears {:?} withdraws {:?} settles {:?}", d.clear, d.withdraw, d.settle).unwrap();
        self.mix(&rest);
    }

    /// The world has ended.
    pub fn hold(&self) {
        let Some((test, n)) = &self.of else { return };
        if let (Some(text), Some(folder)) = (&self.text, std::env::var_os("DECIDED")) {
            let folder = std::path::PathBuf::from(folder);
            std::fs::create_dir_all(&folder).unwrap();
            let file = folder.join(format!("{}.{n}.txt", test.replace("::", ".")));
            std::fs::File::create(file).unwrap().write_all(text.as_bytes()).unwrap();
        }
        let now = format!("{:08x}", self.hash >> 32);
        if updating() {
            return update(test, *n, &now);
        }
        let kept = kept().lock().unwrap_or_else(PoisonError::into_inner);
        let before = kept.get(test).and_then(|worlds| worlds.get(*n));
        let known = before == Some(&now);
        drop(kept);
        assert!(
            known,
            "{test} decides otherwise in its world {n} than {KEPT} says; if the code is right, write it anew with \
             `UPDATE=1 cargo test -p flows`, or see what differs with `DECIDED=folder` before and after"
        );
    }
}

type Kept = BTreeMap<String, Vec<String>>;

fn kept() -> &'static Mutex<Kept> {
    static ALL: OnceLock<Mutex<Kept>> = OnceLock::new();
    ALL.get_or_init(|| {
        let text = std::fs::read_to_string(root().join(KEPT)).ok();
        let line = |line: &str| {
            let mut words = line.split(' ').map(str::to_owned);
            Some((words.next()?, words.collect()))
        };
        Mutex::new(text.iter().flat_map(|text| text.lines()).filter_map(line).collect())
    })
}

/// Tests that were written anew by this process.
static TOUCHED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn update(test: &str, n: usize, now: &str) {
    let mut kept = kept().lock().unwrap_or_else(PoisonError::into_inner);
    let worlds = kept.entry(test.to_owned()).or_default();
    // Worlds end in any order, and a test may have fewer of them than it had.
    if TOUCHED.lock().unwrap_or_else(PoisonError::into_inner).insert(test.to_owned()) {
        worlds.clear();
    }
    worlds.resize(worlds.len().max(n + 1), "-".to_owned());
    now.clone_into(&mut worlds[n]);
    let line = |(test, worlds): (&String, &Vec<String>)| format!("{test} {}\n", worlds.join(" "));
    let text: String = kept.iter().map(line).collect();
    std::fs::write(root().join(KEPT), text).unwrap();
}
