//! Events that came before what they are about. They wait in the case and are taken in after it.

use retail::envelope::{Event, Json, Name};
use retail::time::Time;
use serde::{Deserialize, Serialize};

/// An event that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Early {
    #[serde(rename = "k")]
    pub kind: String,
    #[serde(rename = "t")]
    pub occurred: Time,
    #[serde(rename = "d")]
    pub data: Json,
}

impl PartialEq for Early {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.occurred == other.occurred && self.data.get() == other.data.get()
    }
}

impl Early {
    pub(crate) fn of(event: &Event) -> Self {
        Self { kind: event.kind.clone(), occurred: event.occurred, data: event.data.clone() }
    }

    pub(crate) fn event(self, name: &Name) -> Event {
        Event { kind: self.kind, name: name.clone(), occurred: self.occurred, data: self.data }
    }
}
