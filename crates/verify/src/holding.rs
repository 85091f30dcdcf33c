//! What pools establish beside orders: checkouts that hold units, transfers under way, supply that is promised.

use crate::args::Data;
use crate::names::{Id, Texts};
use crate::record::Fact;
use crate::report::Findings;
use crate::rules;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// The part of a pool's fact that is looked at. Lines are arrays; what stands in them the fact's kind says.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    hold: String,
    #[serde(default)]
    supply: String,
    #[serde(default)]
    lines: serde_json::Value,
}

/// (line, SKU, place, units).
type Units = Vec<(String, String, String, i64)>;

/// A transfer's row: (SKU, kind, shipped, received, lost), and whether it left a place of the pool.
#[derive(Deserialize)]
struct TransferRow {
    #[serde(default)]
    l: Vec<(String, String, i64, i64, i64)>,
    #[serde(default)]
    o: bool,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Holding {
    /// Units in transit per SKU, by the transfers' rows.
    transit: BTreeMap<String, i64>,
    /// Units still expected, by supply and SKU.
    expected: HashMap<(Id, Id), i64>,
    /// Units that came, by supply and SKU.
    came: HashMap<(Id, Id), i64>,
}

/// What a fact does to reservations: whose, whether they begin, and which.
pub(crate) struct Held {
    pub who: String,
    pub begins: bool,
    pub lines: Units,
}

impl Holding {
    /// A fact of a pool. Answers what it does to a hold's reservations.
    pub fn fact(&mut self, fact: &Fact<'_>, texts: &mut Texts) -> Result<Option<Held>, String> {
        let begins = match &*fact.kind {
            "stock.held" => true,
            "stock.hold_ended" => false,
            "stock.expected" => {
                let said: Said = serde_json::from_str(fact.data.get()).map_err(|e| e.to_string())?;
                let lines: Vec<(String, i64, String)> =
                    serde_json::from_value(said.lines).map_err(|e| e.to_string())?;
                let supply = texts.id(&said.supply);
                self.expected.retain(|(s, _), _| *s != supply);
                for (sku, n, _) in lines {
                    *self.expected.entry((supply, texts.id(&sku))).or_default() += n;
                }
                return Ok(None);
            }
            _ => return Ok(None),
        };
        let said: Said = serde_json::from_str(fact.data.get()).map_err(|e| e.to_string())?;
        let lines: Units = serde_json::from_value(said.lines).map_err(|e| e.to_string())?;
        Ok(Some(Held { who: format!("~{}", said.hold), begins, lines }))
    }

    /// Supply came that names what it is of.
    pub fn received(&mut self, data: &Data<'_>, texts: &mut Texts) {
        if data.supply.is_empty() {
            return;
        }
        let supply = texts.id(&data.supply);
        for l in data.lines() {
            *self.came.entry((supply, texts.id(&l.sku))).or_default() += l.quantity;
        }
    }

    /// What a pool promises an order of expected supply.
    pub fn promised(&self, data: &Data<'_>, place: &str, texts: &mut Texts, findings: &mut Findings) {
        let mut sums: BTreeMap<(Id, Id), i64> = BTreeMap::new();
        for p in &data.expected {
            *sums.entry((texts.id(&p.supply), texts.id(&p.sku))).or_default() += p.quantity;
        }
        for (of, promised) in sums {
            findings.checked(rules::STOCK_PROMISED, 1);
            let sum = |map: &HashMap<(Id, Id), i64>| map.get(&of).copied().unwrap_or(0);
            let open = (sum(&self.expected) - sum(&self.came)).max(0);
            if promised > open {
                let about = format!("order {}: {} of {}", &*data.order, texts.text(of.1), texts.text(of.0));
                findings.breach(
                    rules::STOCK_PROMISED,
                    about,
                    format!("at most {open}"),
                    promised.to_string(),
                    place,
                );
            }
        }
    }

    /// A transfer's row.
    pub fn transfer(&mut self, body: &[u8]) -> Result<(), String> {
        let row: TransferRow = serde_json::from_slice(body).map_err(|e| e.to_string())?;
        for (sku, _, shipped, received, lost) in row.l {
            let (out, gone) = if row.o { (shipped, lost) } else { (0, 0) };
            *self.transit.entry(sku).or_default() += out - received - gone;
        }
        Ok(())
    }

    /// Compares what is in transit with the books.
    pub fn finish(&self, books: &BTreeMap<String, i64>, findings: &mut Findings) {
        let skus: std::collections::BTreeSet<&String> = self.transit.keys().chain(books.keys()).collect();
        for sku in skus {
            findings.checked(rules::STOCK_TRANSIT, 1);
            let of = |map: &BTreeMap<String, i64>| map.get(sku).copied().unwrap_or(0);
            let (rows, entries) = (of(&self.transit), of(books));
            if rows != entries {
                findings.breach(
                    rules::STOCK_TRANSIT,
                    sku.as_str(),
                    format!("{entries} by the entries"),
                    rows.to_string(),
                    "rows of the pools",
                );
            }
        }
    }
}
