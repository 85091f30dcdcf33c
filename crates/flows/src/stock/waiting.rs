//! Demand that waits for supply.

use serde::{Deserialize, Serialize};

/// Units of an order line that wait.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(from = "Wire", into = "Wire")]
pub struct Wait {
    pub order: String,
    pub line: String,
    pub quantity: i64,
    /// Whose demand it is, where policy tells channels apart; else empty.
    pub channel: String,
}

/// `[order, line, quantity]`, and the channel where there is one.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Wire {
    Of(String, String, i64, String),
    Any(String, String, i64),
}

impl From<Wire> for Wait {
    fn from(wire: Wire) -> Self {
        let (order, line, quantity, channel) = match wire {
            Wire::Of(order, line, quantity, channel) => (order, line, quantity, channel),
            Wire::Any(order, line, quantity) => (order, line, quantity, String::new()),
        };
        Self { order, line, quantity, channel }
    }
}

impl From<Wait> for Wire {
    fn from(w: Wait) -> Self {
        if w.channel.is_empty() {
            Self::Any(w.order, w.line, w.quantity)
        } else {
            Self::Of(w.order, w.line, w.quantity, w.channel)
        }
    }
}
