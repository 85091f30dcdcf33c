//! The chart of accounts, and what an amount counts: a currency's minor units or units of one SKU.

use retail::money::Currency;
use std::fmt;
use std::str::FromStr;

/// An account. Money accounts hold minor units of a currency, `units.*` accounts hold units of a SKU.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Account {
    /// Memorandum: value of orders accepted and neither invoiced nor cancelled.
    OrdersOpen,
    /// The other side of [`Account::OrdersOpen`].
    OrdersBooked,
    /// What customers owe for goods invoiced.
    Receivable,
    /// Net value of what was invoiced.
    Sales,
    /// Tax owed on what was invoiced, less tax given back.
    Tax,
    /// Net value given back: the counterpart of sales.
    Returns,
    /// Granted to customers and not paid out yet.
    RefundsPayable,
    /// Money with the executor of a tender: captured, less refunded.
    Provider(String),
    /// Captured money that an executor holds back because its holder disputes it.
    Disputed(String),
    /// Kept of credits as fees (restocking, return shipping): income.
    FeesWithheld,
    /// Store credit that customers hold: what the retailer still owes in goods.
    StoredValue,
    /// Given without being owed: an expense, apart from the value of what was sold.
    Goodwill,
    /// Money lost to disputes, less what settled a credit that was owed anyway.
    DisputeLosses,
    /// Differences below one minor unit per line.
    Rounding,
    /// Units on hand at a place. Those that are not new, not the entity's, or of a lot have accounts of their own:
    /// `{place}/{condition}[@{owner}][#{lot}]`.
    Place(String),
    /// Units that left one place and have not arrived at another.
    Transit,
    /// Where units come from: suppliers' deliveries.
    Supply,
    /// Units with customers.
    Customer,
    /// Units received back whose final disposition is still open (interim ones included).
    Inspection,
    /// Units destroyed.
    Destroyed,
    /// Units returned to their vendor.
    Vendor,
    /// Units that a count or an adjustment brought in or took out.
    Adjustment,
    /// Units that a place could not find when it was to ship them, or that were lost in transit.
    Lost,
}

/// A text that names no account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAnAccount(pub String);

impl fmt::Display for NotAnAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an account of the chart (see books::Account)", self.0)
    }
}

impl std::error::Error for NotAnAccount {}

const PROVIDER: &str = "provider.";
const DISPUTED: &str = "disputed.";
const PLACE: &str = "units.place.";

impl Account {
    /// Whether the account holds units of SKUs; otherwise it holds money.
    #[must_use]
    pub const fn holds_units(&self) -> bool {
        match self {
            Self::Place(_)
            | Self::Transit
            | Self::Supply
            | Self::Customer
            | Self::Inspection
            | Self::Destroyed
            | Self::Vendor
            | Self::Adjustment
            | Self::Lost => true,
            Self::OrdersOpen
            | Self::OrdersBooked
            | Self::Receivable
            | Self::Sales
            | Self::Tax
            | Self::Returns
            | Self::RefundsPayable
            | Self::Provider(_)
            | Self::Disputed(_)
            | Self::FeesWithheld
            | Self::StoredValue
            | Self::Goodwill
            | Self::DisputeLosses
            | Self::Rounding => false,
        }
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Provider(executor) => return write!(f, "{PROVIDER}{executor}"),
            Self::Disputed(executor) => return write!(f, "{DISPUTED}{executor}"),
            Self::Place(place) => return write!(f, "{PLACE}{place}"),
            Self::OrdersOpen => "orders.open",
            Self::OrdersBooked => "orders.booked",
            Self::Receivable => "receivable",
            Self::Sales => "sales",
            Self::Tax => "tax",
            Self::Returns => "returns",
            Self::RefundsPayable => "refunds.payable",
            Self::FeesWithheld => "fees.withheld",
            Self::StoredValue => "stored_value",
            Self::Goodwill => "goodwill",
            Self::DisputeLosses => "dispute.losses",
            Self::Rounding => "rounding",
            Self::Transit => "units.transit",
            Self::Supply => "units.supply",
            Self::Customer => "units.customer",
            Self::Inspection => "units.inspection",
            Self::Destroyed => "units.destroyed",
            Self::Vendor => "units.vendor",
            Self::Adjustment => "units.adjustment",
            Self::Lost => "units.lost",
        })
    }
}

impl FromStr for Account {
    type Err = NotAnAccount;

    fn from_str(text: &str) -> Result<Self, NotAnAccount> {
        if let Some(executor) = text.strip_prefix(PROVIDER).filter(|e| !e.is_empty()) {
            return Ok(Self::Provider(executor.to_owned()));
        }
        if let Some(executor) = text.strip_prefix(DISPUTED).filter(|e| !e.is_empty()) {
            return Ok(Self::Disputed(executor.to_owned()));
        }
        if let Some(place) = text.strip_prefix(PLACE).filter(|p| !p.is_empty()) {
            return Ok(Self::Place(place.to_owned()));
        }
        Ok(match text {
            "orders.open" => Self::OrdersOpen,
            "orders.booked" => Self::OrdersBooked,
            "receivable" => Self::Receivable,
            "sales" => Self::Sales,
            "tax" => Self::Tax,
            "returns" => Self::Returns,
            "refunds.payable" => Self::RefundsPayable,
            "fees.withheld" => Self::FeesWithheld,
            "stored_value" => Self::StoredValue,
            "goodwill" => Self::Goodwill,
            "dispute.losses" => Self::DisputeLosses,
            "rounding" => Self::Rounding,
            "units.transit" => Self::Transit,
            "units.supply" => Self::Supply,
            "units.customer" => Self::Customer,
            "units.inspection" => Self::Inspection,
            "units.destroyed" => Self::Destroyed,
            "units.vendor" => Self::Vendor,
            "units.adjustment" => Self::Adjustment,
            "units.lost" => Self::Lost,
            _ => return Err(NotAnAccount(text.to_owned())),
        })
    }
}

/// What an amount counts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unit {
    /// Minor units of a currency.
    Currency(Currency),
    /// Base units of a SKU.
    Sku(String),
}

impl Unit {
    /// Reads a unit as written in an entry. The account decides: a SKU may look like a currency (`DOT`).
    /// `None` when a money account is given something else than a currency code.
    #[must_use]
    pub fn read(account: &Account, text: &str) -> Option<Self> {
        if account.holds_units() {
            Some(Self::Sku(text.to_owned()))
        } else {
            Currency::parse(text).map(Self::Currency)
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Currency(currency) => write!(f, "{currency}"),
            Self::Sku(sku) => f.write_str(sku),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_reads_back_as_written() {
        use Account::*;
        for account in [
            OrdersOpen,
            OrdersBooked,
            Receivable,
            Sales,
            Tax,
            Returns,
            RefundsPayable,
            Provider("stripe".into()),
            Disputed("stripe".into()),
            FeesWithheld,
            StoredValue,
            Goodwill,
            DisputeLosses,
            Rounding,
            Place("north".into()),
            Place("north/opened@acme#L1".into()),
            Transit,
            Supply,
            Customer,
            Inspection,
            Destroyed,
            Vendor,
            Adjustment,
            Lost,
        ] {
            assert_eq!(account.to_string().parse(), Ok(account));
        }
        for bad in ["", "units.place.", "provider.", "disputed.", "cash", "Sales"] {
            assert_eq!(bad.parse::<Account>(), Err(NotAnAccount(bad.into())));
        }
    }

    #[test]
    fn the_account_says_whether_a_code_is_a_currency() {
        assert_eq!(Unit::read(&Account::Supply, "DOT"), Some(Unit::Sku("DOT".into())));
        assert_eq!(Unit::read(&Account::Sales, "GBP"), Some(Unit::Currency(Currency::GBP)));
        assert_eq!(Unit::read(&Account::Sales, "85123A"), None);
    }
}
