//! One thing that the hub believes a system to have.

use retail::listing::ListKind;
use retail::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// Which system, which list, and the hub's id of it.
pub(crate) type Key = (String, ListKind, String);

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Standing {
    /// It was ordered, and nobody has said what came of it.
    #[default]
    UnderWay,
    /// The system did it.
    Done,
    /// The system itself told of it.
    Told,
    /// The system refused it.
    Refused,
    /// It was undone: cancelled, voided, reversed, failed. It may be listed or not.
    Ended,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Thing {
    /// What a row may call it: our reference, the command's key, the system's own id.
    pub names: BTreeSet<String>,
    pub order: Option<String>,
    pub rma: Option<String>,
    pub place: Option<String>,
    /// Minor units; absent where the hub cannot say.
    pub amount: Option<i64>,
    pub currency: Option<String>,
    /// Units over all lines; absent where the hub cannot say.
    pub units: Option<i64>,
    /// Goods by SKU.
    pub goods: BTreeMap<String, i64>,
    /// SKUs of lines that are no goods: they are not compared by line.
    pub others: BTreeSet<String>,
    pub tracking: BTreeSet<String>,
    pub standing: Standing,
    /// Commands about it of which nobody has said what came.
    pub pending: u32,
    /// The earliest moment that a system may give it.
    pub began: Option<Time>,
    /// When it last changed in the journal.
    pub touched: Option<Time>,
}

impl Thing {
    pub fn about(names: &[&str], at: Time) -> Self {
        let names = names.iter().filter(|name| !name.is_empty()).map(|name| (*name).to_owned()).collect();
        Self { names, began: Some(at), touched: Some(at), ..Self::default() }
    }

    /// Adds units of a line, signed.
    pub fn count(&mut self, sku: Option<&str>, goods: bool, quantity: i64) {
        if let Some(units) = &mut self.units {
            *units += quantity;
        }
        let Some(sku) = sku else { return };
        if goods {
            *self.goods.entry(sku.to_owned()).or_default() += quantity;
        } else {
            self.others.insert(sku.to_owned());
        }
    }

    pub fn touch(&mut self, at: Time) {
        self.began = Some(self.began.map_or(at, |began| began.min(at)));
        self.touched = Some(self.touched.map_or(at, |touched| touched.max(at)));
    }

    /// Whether a system may be in the middle of it, by what was known when it was asked.
    pub fn under_way(&self, asked: Time) -> bool {
        self.standing == Standing::UnderWay
            || self.pending > 0
            || self.touched.is_some_and(|touched| touched >= asked)
    }
}
