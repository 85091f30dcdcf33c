//! The vendors of a run, behind one door: look-alikes that are spoken to over simulated HTTP through the shipped
//! connectors, or canonical ones that take commands as they are.

use crate::canonical::{Canonical, Posted};
use crate::faults::Faults;
use lookalikes::parts::Shown;
use lookalikes::{Delivery, Idle, Request, System, World};

/// Who is on the other side.
#[derive(Debug)]
pub enum Systems {
    Lookalikes(Box<World>),
    Canonical(Box<Canonical>),
}

/// A message on its way to the hub.
#[derive(Debug)]
pub enum Message {
    Webhook(Delivery),
    Posted(Posted),
}

impl Systems {
    /// Does what is due and takes the messages that go out now.
    pub fn due(&mut self, now: i64) -> Vec<Message> {
        match self {
            Self::Lookalikes(world) => world.due(now).into_iter().map(Message::Webhook).collect(),
            Self::Canonical(vendors) => vendors.due(now).into_iter().map(Message::Posted).collect(),
        }
    }

    /// When a vendor next does something by itself.
    pub fn next_due(&self) -> Option<i64> {
        match self {
            Self::Lookalikes(world) => world.next_due(),
            Self::Canonical(vendors) => vendors.next_due(),
        }
    }

    /// What became of a message.
    pub fn delivered(&mut self, id: u64, now: i64, status: Option<u16>) {
        match self {
            Self::Lookalikes(world) => world.delivered(id, now, status),
            Self::Canonical(vendors) => vendors.delivered(id, now, status),
        }
    }

    /// The vendors behave from now on.
    pub fn calm(&mut self) {
        match self {
            Self::Lookalikes(world) => {
                let mut config = world.config();
                Faults::none().apply(&mut config);
                world.configure(config);
            }
            Self::Canonical(vendors) => vendors.calm(),
        }
    }

    /// How much is still to come.
    pub fn idle(&self, now: i64) -> Idle {
        match self {
            Self::Lookalikes(world) => world.idle(now),
            Self::Canonical(vendors) => vendors.idle(),
        }
    }

    /// Reads a system's ledger on after so many rows.
    pub fn each_row(&self, system: System, after: usize, with: &mut dyn FnMut(&Shown<'_>)) {
        match self {
            Self::Lookalikes(world) => world.each_row(system, after, with),
            Self::Canonical(vendors) => {
                let rows = vendors.ledger(system).into_iter().flat_map(|ledger| ledger.shown_after(after));
                rows.for_each(|(_, row)| with(&row));
            }
        }
    }

    /// Every ledger row of a system, as JSON lines.
    pub fn ledger(&self, now: i64, system: System) -> Vec<String> {
        let lines = match self {
            Self::Lookalikes(world) => {
                let request = Request::new("GET", &format!("/{system}/_ledger?after=0&limit=1000000"), "");
                world.handle(now, &request).body
            }
            Self::Canonical(vendors) => {
                vendors.ledger(system).map(|ledger| ledger.lines(0, u64::MAX)).unwrap_or_default()
            }
        };
        String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()
    }

    /// What the storefront shows as available, by SKU.
    pub fn shelves(&self, now: i64) -> Vec<(String, i64)> {
        #[derive(serde::Deserialize)]
        struct Shelf {
            available: i64,
        }
        #[derive(serde::Deserialize)]
        struct Shelves {
            items: std::collections::BTreeMap<String, Shelf>,
        }
        let world = match self {
            Self::Lookalikes(world) => world,
            Self::Canonical(vendors) => return vendors.shelves(),
        };
        let response = world.handle(now, &Request::new("GET", "/shop/_lab/stock", ""));
        let shelves: Option<Shelves> = serde_json::from_slice(&response.body).ok();
        let items = shelves.into_iter().flat_map(|shelves| shelves.items);
        items.map(|(sku, shelf)| (sku, shelf.available)).collect()
    }
}
