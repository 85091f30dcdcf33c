//! What is handed to the look-alikes: the shapes that `/_lab` takes. See `crates/lookalikes/README.md`.

use serde::Serialize;

/// Orders to be placed at the storefront, in this order.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Orders {
    pub orders: Vec<NewOrder>,
}

/// One order as a customer places it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewOrder {
    /// The storefront's number; the hub's id of the order is `shop-{source_id}`.
    pub source_id: String,
    pub number: String,
    /// RFC 3339 with zone.
    pub placed_at: String,
    /// ISO 4217.
    pub currency: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    pub lines: Vec<NewLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shipping: Vec<NewShipping>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Address>,
}

/// One line of a basket.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewLine {
    pub sku: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub title: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub category: String,
    pub quantity: i64,
    /// Decimal text, with as many decimals as the price has.
    pub unit_price: String,
    /// `goods`, `shipping`, `service` ...: a kind of order line of the canonical contract.
    pub kind: &'static str,
    /// Decimal text such as `0.20`; contained in the price.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<&'static str>,
    /// Minor units off the whole line.
    #[serde(skip_serializing_if = "zero")]
    pub discount: i64,
}

// Serde hands a reference over.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn zero(n: &i64) -> bool {
    *n == 0
}

/// A charge for delivery.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewShipping {
    pub title: String,
    /// Minor units.
    pub amount: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<&'static str>,
}

/// Where an order goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Address {
    pub name: String,
    pub address1: String,
    pub city: String,
    pub zip: String,
    pub country_code: String,
}

/// Returns to be asked for on the returns platform.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Returns {
    pub returns: Vec<NewReturn>,
}

/// One return.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewReturn {
    pub rma: String,
    /// RFC 3339 with zone.
    pub requested_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    pub lines: Vec<NewReturnLine>,
}

/// One thing that comes back. Without an order the hub has to say what it makes of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct NewReturnLine {
    pub line: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_line: Option<String>,
    pub sku: String,
    pub quantity: i64,
    pub reason: &'static str,
    pub r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed_unit_price: Option<String>,
}

/// Units of a SKU.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Units {
    pub sku: String,
    pub quantity: i64,
}
