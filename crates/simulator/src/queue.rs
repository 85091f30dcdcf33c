//! What is to happen, by time and, at one time, in the order in which it was put.

use crate::people::Wish;
use crate::systems::Message;
use hub::batch::{Batch, CommandId, Key, Part};
use hub::io::Dispatch;
use hub::io::Input;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// Something that happens. `life` counts the process's starts: what belongs to an earlier life reaches nobody.
#[derive(Debug)]
pub enum Happening {
    Hub {
        life: u32,
        part: Part,
        input: Input,
    },
    Commit {
        life: u32,
        part: Part,
        batch: Arc<Batch>,
    },
    Load {
        life: u32,
        part: Part,
        keys: Vec<Key>,
    },
    ReadHead {
        life: u32,
        part: Part,
    },
    /// A request reaches a vendor. It does so even when its sender has died.
    Call {
        life: u32,
        part: Part,
        id: CommandId,
        run: Box<link::Run>,
        request: link::HttpRequest,
    },
    /// A command reaches a vendor that takes it as it is.
    Ask {
        life: u32,
        part: Part,
        dispatch: Box<Dispatch>,
    },
    /// An answer reaches the run that asked.
    Answer {
        life: u32,
        part: Part,
        id: CommandId,
        run: Box<link::Run>,
        answer: link::Answer,
    },
    /// A webhook reaches the hub.
    Deliver(Box<Message>),
    /// A sender of a webhook gives up waiting.
    Impatient {
        delivery: u64,
    },
    Shopper,
    /// Somebody asks the hub for something.
    Person(Box<Wish>),
    Start,
    /// Somebody sees that the clock is off and sets it right.
    ClockRight,
    /// A process that another has taken over from learns it.
    Retire {
        life: u32,
    },
}

impl Happening {
    /// The process that it happens to; none for what happens outside.
    pub const fn life(&self) -> Option<u32> {
        match self {
            Self::Hub { life, .. }
            | Self::Commit { life, .. }
            | Self::Load { life, .. }
            | Self::ReadHead { life, .. }
            | Self::Answer { life, .. } => Some(*life),
            Self::Call { .. }
            | Self::Ask { .. }
            | Self::Deliver(_)
            | Self::Impatient { .. }
            | Self::Shopper
            | Self::Person(_)
            | Self::Start
            | Self::ClockRight
            | Self::Retire { .. } => None,
        }
    }
}

/// What is to happen, in its order: by time, and at one time as it was put in. Happenings are large, so they lie still
/// and only their numbers are sorted.
#[derive(Debug, Default)]
pub struct Agenda {
    order: BinaryHeap<Reverse<(i64, u64, usize)>>,
    happenings: Vec<Option<Happening>>,
    free: Vec<usize>,
    put: u64,
}

impl Agenda {
    pub fn put(&mut self, at: i64, happening: Happening) {
        self.put += 1;
        let place = match self.free.pop() {
            Some(place) => place,
            None => {
                self.happenings.push(None);
                self.happenings.len() - 1
            }
        };
        if let Some(kept) = self.happenings.get_mut(place) {
            *kept = Some(happening);
        }
        self.order.push(Reverse((at, self.put, place)));
    }

    pub fn next_at(&self) -> Option<i64> {
        self.order.peek().map(|Reverse((at, ..))| *at)
    }

    pub fn pop(&mut self) -> Option<Happening> {
        let Reverse((_, _, place)) = self.order.pop()?;
        self.free.push(place);
        self.happenings.get_mut(place)?.take()
    }
}
