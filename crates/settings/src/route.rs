//! Which of several systems that play a role gets an order.

use crate::role::Role;
use serde::Serialize;

/// One rule. Of the rules of a role the first that fits an order decides.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Route {
    /// One that is not told apart by source, place or executor.
    pub role: Role,
    /// Orders of this brand alone.
    pub brand: Option<String>,
    /// Orders of this source alone.
    pub channel: Option<String>,
    /// Orders of this region alone.
    pub region: Option<String>,
    /// Of those, the ones whose number from 0 to 9999, made from the order's id, lies in this range (its end
    /// excluded). Rules for the same orders have ranges one after another.
    pub band: Option<(u16, u16)>,
    /// The connection, which plays the role.
    pub to: String,
}

impl Route {
    const fn conditions(&self) -> [Option<&String>; 3] {
        [self.brand.as_ref(), self.channel.as_ref(), self.region.as_ref()]
    }

    /// Whether both are about the same orders.
    #[must_use]
    pub fn same(&self, other: &Self) -> bool {
        self.role == other.role && self.conditions() == other.conditions()
    }

    /// Whether it is about every order that the other one is about, shares aside.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let pairs = self.conditions().into_iter().zip(other.conditions());
        self.role == other.role && pairs.into_iter().all(|(own, its)| own.is_none() || own == its)
    }

    /// What an order fits that fits both, if any does.
    #[must_use]
    pub fn both(&self, other: &Self) -> Option<Self> {
        let pairs = self.conditions().into_iter().zip(other.conditions());
        let apart = |(a, b): (Option<&String>, Option<&String>)| a.is_some() && b.is_some() && a != b;
        if self.role != other.role || pairs.into_iter().any(apart) {
            return None;
        }
        let mut both = self.clone();
        both.brand = self.brand.clone().or_else(|| other.brand.clone());
        both.channel = self.channel.clone().or_else(|| other.channel.clone());
        both.region = self.region.clone().or_else(|| other.region.clone());
        both.band = None;
        Some(both)
    }

    /// Its conditions as an estate writes them: `{ brand = "x", region = "eu" }`.
    #[must_use]
    pub fn when(&self) -> String {
        let names = ["brand", "channel", "region"].into_iter().zip(self.conditions());
        let shown: Vec<String> =
            names.filter_map(|(name, value)| Some(format!("{name} = {:?}", value?))).collect();
        format!("{{ {} }}", shown.join(", "))
    }
}
