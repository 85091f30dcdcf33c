//! Orders: who buys what from whom, at what price, and how far each line has come.

mod line;
mod price;

pub use line::{Counters, LineKind, LineStatus, OrderLine, Supply};
pub use price::{Liable, PriceComponent, PriceKind};

use crate::envelope::Json;
use crate::ids::{LegalEntityId, OrderId, TenantId};
use crate::money::Currency;
use crate::personal::Party;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// A reason why an order does not go on. An order has a set of them and goes on when the set is empty.
    Hold {
        Payment = "payment",
        Fraud = "fraud",
        Address = "address",
        Stock = "stock",
        /// What the order says adds up to another amount.
        Total = "total",
        /// The customer asked to wait.
        Customer = "customer",
        /// A person of the retailer's put it on hold.
        Manual = "manual",
    }
}

/// The currencies that one order involves. Amounts in different ones are never added.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Currencies {
    /// The shop's own, in which the order is accounted for.
    pub shop: Currency,
    /// The one that the customer saw and pays in.
    pub presentment: Currency,
    /// The one in which the selling entity keeps its books.
    pub functional: Currency,
}

impl Currencies {
    /// The simplest case: one currency for all three.
    #[must_use]
    pub const fn only(currency: Currency) -> Self {
        Self { shop: currency, presentment: currency, functional: currency }
    }
}

/// Who is who on an order. In a simple sale all four are one.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Parties {
    pub sold_to: Party,
    pub ship_to: Party,
    pub bill_to: Party,
    pub payer: Party,
}

words! {
    /// Who sells in the eyes of the law and of the card schemes.
    MerchantOfRecord {
        /// The legal entity of the order.
        Ourselves = "ourselves",
        /// A marketplace sells in its own name and settles with us.
        Marketplace = "marketplace",
    }
}

/// An order as placed, unique per (tenant, source, source id). What happens to it is in its lines' counters.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    pub tenant: TenantId,
    /// The hub's id, see [`Order::id_of`].
    pub id: OrderId,
    /// The storefront, marketplace or till that it came from.
    pub source: String,
    pub source_id: String,
    /// The number that the customer knows.
    pub number: String,
    pub placed_at: Time,
    /// Who sells.
    pub entity: LegalEntityId,
    pub merchant_of_record: MerchantOfRecord,
    pub currencies: Currencies,
    pub parties: Parties,
    /// Payment terms where it is not paid at once, for example `net30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub terms: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub holds: BTreeSet<Hold>,
    pub lines: Vec<OrderLine>,
    /// What the source said beyond this model, kept as it came for whoever reads it at the other end.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extensions: BTreeMap<String, Json>,
}

impl Order {
    /// The hub's id of an order: `{source}-{source id}`.
    #[must_use]
    pub fn id_of(source: &str, source_id: &str) -> OrderId {
        OrderId(format!("{source}-{source_id}"))
    }

    /// Whether it may go on.
    #[must_use]
    pub fn is_held(&self) -> bool {
        !self.holds.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Money;

    fn order() -> Order {
        Order {
            tenant: "acme".into(),
            id: Order::id_of("shop", "536365"),
            source: "shop".into(),
            source_id: "536365".into(),
            number: "536365".into(),
            placed_at: Time(0),
            entity: "uk".into(),
            merchant_of_record: MerchantOfRecord::Ourselves,
            currencies: Currencies::only(Currency::GBP),
            parties: Parties::default(),
            terms: None,
            holds: BTreeSet::new(),
            lines: vec![OrderLine::goods("1", "85123A", 6, Money::new(1_530, Currency::GBP))],
            extensions: BTreeMap::new(),
        }
    }

    #[test]
    fn an_order_goes_on_only_when_every_hold_is_off() {
        let mut o = order();
        o.holds.extend([Hold::Fraud, Hold::Address]);
        o.holds.remove(&Hold::Fraud);
        assert!(o.is_held());
        o.holds.remove(&Hold::Address);
        assert!(!o.is_held());
    }

    #[test]
    fn extensions_come_out_as_they_went_in() {
        let text = serde_json::to_string(&order()).unwrap();
        let with = text.replacen('{', r#"{"extensions":{"gift":{"wrap":1.10,"note":[1e2]}},"#, 1);
        let back: Order = serde_json::from_str(&with).unwrap();
        assert!(
            serde_json::to_string(&back)
                .unwrap()
                .contains(r#""extensions":{"gift":{"wrap":1.10,"note":[1e2]}}"#)
        );
        assert_eq!(back.id.as_str(), "shop-536365");
    }
}
