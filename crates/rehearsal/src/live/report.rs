//! What a rehearsal came to. The members are documented in `docs/cli.md` and kept stable.

use crate::live::latency::Latency;
use crate::live::machine::Machine;
use crate::trade::{SetAside, Ties};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The report of a rehearsal.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Report {
    pub lines: Lines,
    pub set_aside: SetAsideReport,
    /// Orders that the ERP has.
    pub orders: u64,
    /// Returns that were asked for on the returns platform.
    pub returns: u64,
    /// Refunds that the payment provider made.
    pub refunds: u64,
    pub exceptions: Exceptions,
    pub books: Books,
    /// Orders, returns and refunds that are not finished, commands under way, messages that wait for their case.
    pub in_progress: u64,
    pub throughput: Throughput,
    pub latency: Latency,
    pub hub: HubCost,
    /// How often the hub was killed and started again.
    pub kills: u32,
    /// Whether everything adds up: the equations below, the money of the vendors, the balance of the books.
    pub ties: bool,
    /// The equations of a trade file; absent for made-up trade.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equations: Option<Ties>,
    pub money: MoneyTies,
    pub machine: Machine,
}

/// Lines of a trade file, or of the orders of made-up trade.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Lines {
    pub total: u64,
    pub taken: u64,
}

/// What was set aside, by reason.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct SetAsideReport {
    pub by_reason: BTreeMap<String, SetAside>,
}

/// What waits for a person.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Exceptions {
    /// Open exceptions by code.
    pub by_kind: BTreeMap<String, u64>,
}

/// The hub's books and the vendors' ledgers.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Books {
    /// Whether the accounts of every entity add up to zero in every currency and every SKU.
    pub balanced: bool,
    pub tie_out: TieOutReport,
}

/// What two runs of the same trade must have in common, whatever their timing was.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TieOutReport {
    /// `entity/account` → currency → minor units. Accounts of units have one entry, `units`, over all SKUs.
    pub accounts: BTreeMap<String, BTreeMap<String, i64>>,
    /// System → kind of ledger row → its entries, condensed. What is added up by what stands with `RULES` in
    /// `live/ledgers.rs`: money and units by order (and SKU, and place), returns by RMA.
    pub vendors: BTreeMap<String, BTreeMap<String, Vendor>>,
}

/// A list of (reference, amount or units), condensed.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Vendor {
    /// Entries.
    pub count: u64,
    /// Their sum: minor units or units.
    pub sum: i64,
    /// SHA-256 over `{reference}\t{sum}\n` for each entry, sorted by reference.
    pub sha256: String,
}

/// How fast it went: from the first order placed until all was at rest, kills included.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Throughput {
    pub orders_per_s: f64,
    pub lines_per_s: f64,
    pub seconds: f64,
}

/// What it cost the hub, over all its restarts.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct HubCost {
    pub cpu_ms_per_order: f64,
    pub peak_rss_mb: u64,
    /// Turns since the journal began.
    pub turns: u64,
    pub turns_per_s: f64,
    pub db_bytes_per_order: u64,
    /// How the cost of an order went while the journal grew.
    #[serde(default)]
    pub growth: Growth,
}

/// The trade in tenths, as it was placed.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Growth {
    pub tenths: Vec<Tenth>,
    /// The last tenth's processor time an order against the first's.
    pub end_to_start_per_order: f64,
    /// The same an order line: orders of a real year differ in length.
    pub end_to_start_per_line: f64,
}

/// A tenth of the trade.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Tenth {
    pub orders: u64,
    pub lines: u64,
    pub cpu_ms_per_order: f64,
    pub cpu_ms_per_line: f64,
}

/// Money as the vendors have it, minor units of the trade's currency.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MoneyTies {
    /// Orders at the storefront.
    pub placed: i64,
    /// Sales orders in the ERP.
    pub ordered: i64,
    /// Invoices in the ERP.
    pub invoiced: i64,
    /// Captured by the payment provider.
    pub captured: i64,
    /// Credit memos in the ERP.
    pub credited: i64,
    /// Refunded by the payment provider, less refunds that failed.
    pub refunded: i64,
    /// Whether what was invoiced was captured and what was credited was refunded.
    pub ties: bool,
}
