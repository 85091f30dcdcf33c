//! The column map: what a retailer's columns and codes mean. A small TOML file, so that another retailer's file
//! of this kind comes in without code.

use crate::trade::clock::Clock;
use retail::money::Currency;
use retail::order::LineKind;
use serde::Deserialize;
use std::fmt;

/// The map of the data set that is shipped with Crossdock.
const ONLINE_RETAIL: &str = include_str!("../../maps/online-retail.toml");

/// What the columns of a file mean.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnMap {
    /// Of all prices in the file.
    pub currency: Currency,
    /// One character between the fields.
    #[serde(default = "comma")]
    pub delimiter: char,
    pub columns: Columns,
    pub time: TimeRule,
    #[serde(default)]
    pub clean: Clean,
    pub invoices: InvoiceRule,
    #[serde(default, rename = "kind")]
    pub kinds: Vec<KindRule>,
    #[serde(default, rename = "category")]
    pub categories: Vec<CategoryRule>,
    pub returns: ReturnRule,
}

fn comma() -> char {
    ','
}

/// The names of the columns, as the header line writes them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    pub invoice: String,
    pub sku: String,
    pub description: String,
    /// A whole number; negative on cancellations.
    pub quantity: String,
    pub time: String,
    /// Decimal text, per unit.
    pub unit_price: String,
    pub customer: Option<String>,
    pub country: Option<String>,
}

/// How times are written; see [`Clock::new`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRule {
    pub format: String,
    pub offset: String,
    #[serde(default = "none")]
    pub summer: String,
}

fn none() -> String {
    "none".to_owned()
}

/// What is done to texts beside trimming blanks. Characters that an id cannot have become `-` in any case.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clean {
    /// Codes that differ in case only are one article.
    pub sku_upper_case: bool,
    /// Cut off the end of a customer's number.
    pub customer_suffix: String,
}

/// How an invoice shows what it is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceRule {
    /// What a cancellation's number begins with.
    pub cancellation_prefix: String,
    /// What an accounting adjustment's number begins with; these are no trade.
    pub adjustment_prefix: Option<String>,
}

/// Codes of a kind other than goods.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRule {
    pub kind: LineKind,
    #[serde(default)]
    pub codes: Vec<String>,
    #[serde(default)]
    pub prefixes: Vec<String>,
}

/// Goods of a category.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CategoryRule {
    pub category: String,
    pub prefixes: Vec<String>,
}

/// What the retailer decides about returns.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnRule {
    /// The category of goods that no rule names.
    pub default_category: String,
    /// Categories that are not credited before they passed inspection.
    #[serde(default)]
    pub inspect_first: Vec<String>,
    /// Days that everything may come back.
    pub window_days: i64,
}

/// Why a map cannot be used: a sentence with the line and column of the map where it is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MapError(pub String);

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column map: {}", self.0)
    }
}

impl std::error::Error for MapError {}

impl ColumnMap {
    /// Reads a map.
    ///
    /// # Errors
    /// Naming the line of the map and what is wrong there.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        let map: Self = toml::from_str(text).map_err(|e| MapError(e.to_string().trim_end().to_owned()))?;
        map.clock()?;
        if map.invoices.cancellation_prefix.is_empty() {
            return Err(MapError(
                "invoices.cancellation_prefix is empty: every invoice would be a cancellation".into(),
            ));
        }
        if !map.delimiter.is_ascii() {
            return Err(MapError(format!("delimiter '{}' is not an ASCII character", map.delimiter)));
        }
        Ok(map)
    }

    /// The map of the UK online retailer's year (UCI data set 352).
    ///
    /// # Errors
    /// Never, as the map is a part of this crate and tested.
    pub fn online_retail() -> Result<Self, MapError> {
        Self::parse(ONLINE_RETAIL)
    }

    /// How this file writes times.
    ///
    /// # Errors
    /// When the format, the offset or the summer rule cannot be read.
    pub fn clock(&self) -> Result<Clock, MapError> {
        Clock::new(&self.time.format, &self.time.offset, &self.time.summer).map_err(MapError)
    }

    /// What kind of order line a code is. The code is cleaned already.
    #[must_use]
    pub fn kind(&self, sku: &str) -> LineKind {
        let fits = |rule: &&KindRule| {
            rule.codes.iter().any(|c| c == sku) || rule.prefixes.iter().any(|p| sku.starts_with(p.as_str()))
        };
        self.kinds.iter().find(fits).map_or(LineKind::Goods, |rule| rule.kind)
    }

    /// The category of goods.
    #[must_use]
    pub fn category(&self, sku: &str) -> &str {
        let fits = |rule: &&CategoryRule| rule.prefixes.iter().any(|p| sku.starts_with(p.as_str()));
        let rule = self.categories.iter().find(fits);
        rule.map_or(self.returns.default_category.as_str(), |r| r.category.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_map_tells_goods_from_charges() {
        let map = ColumnMap::online_retail().unwrap();
        assert_eq!(map.currency, Currency::GBP);
        for (sku, kind) in [
            ("85123A", LineKind::Goods),
            ("POST", LineKind::Shipping),
            ("POSTER", LineKind::Goods),
            ("BANK-CHARGES", LineKind::Fee),
            ("GIFT_0001_20", LineKind::Service),
            ("DCGSSGIRL", LineKind::Service),
        ] {
            assert_eq!(map.kind(sku), kind, "{sku}");
        }
        assert_eq!(map.category("90214A"), "jewellery");
        assert_eq!(map.category("22423"), "gifts");
        assert!(map.returns.inspect_first.iter().all(|c| map.categories.iter().any(|r| r.category == *c)));
    }

    #[test]
    fn a_mistake_names_its_line() {
        let wrong = ONLINE_RETAIL.replace("quantity = \"Quantity\"", "quantities = \"Quantity\"");
        let line = 1 + wrong.lines().position(|l| l.starts_with("quantities")).unwrap();
        let error = ColumnMap::parse(&wrong).unwrap_err().to_string();
        assert!(error.contains("quantities") && error.contains(&format!("line {line}")), "{error}");
        let wrong = ONLINE_RETAIL.replace("kind = \"fee\"", "kind = \"fees\"");
        assert!(ColumnMap::parse(&wrong).unwrap_err().to_string().contains("fees"));
    }

    #[test]
    fn what_would_make_nonsense_is_refused() {
        for (from, to, says) in [
            ("cancellation_prefix = \"C\"", "cancellation_prefix = \"\"", "every invoice"),
            ("%Y-%m-%d", "%y-%m-%d", "%y"),
            ("\"+00:00\"", "\"Europe/London\"", "offset"),
            ("currency = \"GBP\"", "currency = \"pounds\"", "ISO 4217"),
        ] {
            let error = ColumnMap::parse(&ONLINE_RETAIL.replacen(from, to, 1)).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
