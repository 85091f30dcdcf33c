//! What the hub made of every return that was asked for, line by line, in the hub's own words: units credited from
//! the view of the return, units refused and prices that differed from its facts.

use crate::live::error::LiveError;
use crate::live::hub_api::HubApi;
use crate::trade::{Piece, Trade, Verdict};
use retail::money::UnitPrice;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Facts of returns: units that were refused, and prices that were not what was claimed.
const REFUSED: &str = "return.line_refused";
const DIFFERED: &str = "return.price_differed";

/// What [`REFUSED`] says.
#[derive(Deserialize)]
struct LineRefused {
    line: String,
    quantity: i64,
    reason: String,
}

/// What [`DIFFERED`] says: what was claimed less what was paid, minor units.
#[derive(Deserialize)]
struct PriceDiffered {
    line: String,
    difference: i64,
}

/// The view of a return, as far as it is read here.
#[derive(Deserialize)]
struct ReturnView {
    lines: Vec<ReturnLineView>,
}

#[derive(Deserialize)]
struct ReturnLineView {
    line: String,
    credited: i64,
}

/// An RMA and a line of it.
type Key = (String, String);

/// What the hub said about return lines.
#[derive(Debug, Default)]
pub(crate) struct Said {
    refused: BTreeMap<Key, BTreeMap<String, i64>>,
    differs: BTreeMap<Key, i64>,
    credited: BTreeMap<Key, i64>,
}

impl Said {
    /// Facts that it wants to see.
    pub(crate) const TYPES: [&str; 2] = [REFUSED, DIFFERED];

    /// Asks the hub about all returns of which something may have been credited, and judges every line that was asked.
    /// By cancellation line.
    pub(crate) async fn verdicts(
        mut self,
        hub: &HubApi,
        trade: &Trade,
        asked: BTreeMap<u32, Vec<Piece>>,
    ) -> Result<BTreeMap<u32, Vec<(Piece, Verdict)>>, LiveError> {
        for rma in self.open(asked.values().flatten()) {
            let Some(view) = hub.case("return", &rma).await? else { continue };
            let view: ReturnView = serde_json::from_value(view).map_err(|e| LiveError::Answer {
                url: format!("{}/v1/cases/return/{rma}", hub.0.base()),
                status: 200,
                body: e.to_string(),
            })?;
            self.credited.extend(view.lines.into_iter().map(|l| ((rma.clone(), l.line), l.credited)));
        }
        Ok(self.judge(trade, asked))
    }

    /// Sees a fact.
    pub(crate) fn take(&mut self, kind: &str, case: &[String; 3], data: &str) {
        let [_, _, rma] = case;
        if kind == DIFFERED {
            if let Ok(price) = serde_json::from_str::<PriceDiffered>(data) {
                *self.differs.entry((rma.clone(), price.line)).or_default() += price.difference;
            }
        } else if kind == REFUSED
            && let Ok(line) = serde_json::from_str::<LineRefused>(data)
        {
            let reasons = self.refused.entry((rma.clone(), line.line)).or_default();
            *reasons.entry(line.reason).or_default() += line.quantity;
        }
    }

    /// Returns of which not everything was refused: only these can have been credited.
    fn open<'p>(&self, asked: impl Iterator<Item = &'p Piece>) -> BTreeSet<String> {
        let refused = |p: &Piece| {
            let reasons = self.refused.get(&(p.rma.clone(), p.return_line.clone()));
            reasons.map_or(0, |r| r.values().sum::<i64>())
        };
        asked.filter(|p| refused(p) < p.units).map(|p| p.rma.clone()).collect()
    }

    fn judge(
        mut self,
        trade: &Trade,
        asked: BTreeMap<u32, Vec<Piece>>,
    ) -> BTreeMap<u32, Vec<(Piece, Verdict)>> {
        let mut judge = |line: u32, piece: Piece| {
            let key = (piece.rma.clone(), piece.return_line.clone());
            let credited = self.credited.remove(&key).unwrap_or(0);
            let price = trade.lines.get(line as usize).map(|l| UnitPrice(l.price));
            let claimed = price.and_then(|p| p.times(credited, trade.map.currency)).map_or(0, |m| m.minor);
            let amount = claimed - self.differs.remove(&key).unwrap_or(0);
            let refused = self.refused.remove(&key).unwrap_or_default();
            (piece, Verdict { credited, amount, refused })
        };
        let lines = asked.into_iter();
        lines.map(|(line, pieces)| (line, pieces.into_iter().map(|p| judge(line, p)).collect())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trade::ColumnMap;

    const ROWS: &str = "\
InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
C1,A,a,-6,2011-01-04 10:00:00,5.00,7.0,UK
C1,X,x,-9,2011-01-04 10:00:00,0.011,7.0,UK
C2,Y,y,-4,2011-01-04 10:00:00,1.00,,UK
";

    fn piece(rma: &str, line: &str, units: i64) -> Piece {
        Piece { rma: rma.into(), return_line: line.into(), units }
    }

    #[test]
    fn lines_are_paid_what_the_hub_says() {
        let trade = Trade::read(ROWS.as_bytes(), ColumnMap::online_retail().unwrap()).unwrap();
        let mut said = Said::default();
        let case = |rma: &str| ["main".to_owned(), "return".to_owned(), rma.to_owned()];
        said.take(
            "return.price_differed",
            &case("C1"),
            r#"{"line":"2-1","difference":50,"paid":950,"claimed":1000}"#,
        );
        said.take("return.price_differed", &case("C1"), r#"{"line":"2-1","difference":-20}"#);
        let refused = r#"{"line":"4-1","order":null,"sku":"Y","quantity":4,"reason":"no_sale_found"}"#;
        said.take("return.line_refused", &case("C2"), refused);
        let asked = BTreeMap::from([
            (0, vec![piece("C1", "2-1", 2), piece("C1", "2-2", 4)]),
            (1, vec![piece("C1", "3-1", 9)]),
            (2, vec![piece("C2", "4-1", 4)]),
        ]);
        assert_eq!(said.open(asked.values().flatten()), BTreeSet::from(["C1".to_owned()]));
        for (line, credited) in [("2-1", 2), ("2-2", 0), ("3-1", 9)] {
            said.credited.insert(("C1".into(), line.into()), credited);
        }
        let judged = said.judge(&trade, asked);
        assert_eq!((judged[&0][0].1.credited, judged[&0][0].1.amount), (2, 970));
        assert_eq!(judged[&0][1].1, Verdict::default());
        assert_eq!(judged[&1][0].1.amount, 10, "9 x 0.011 rounds once");
        assert_eq!(judged[&2][0].1.refused, BTreeMap::from([("no_sale_found".to_owned(), 4)]));
    }
}
