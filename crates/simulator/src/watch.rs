//! What must hold at every moment, held after every commit and every deed of a vendor. Each row is taken in once, when
//! it comes about, so that a year costs no more than its rows.

use crate::systems::Systems;
use hub::batch::{Batch, RowChange};
use lookalikes::parts::Shown;
use lookalikes::{Kind, System};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use verify::{LedgerRow, Settings, Verifier};

/// The running checks of a run.
#[derive(Debug)]
pub struct Watch {
    /// The second opinion, fed as things come about; what it finds while it is fed is wrong at that moment.
    pub verifier: Verifier,
    found: usize,
    /// Each system, whose ledger it keeps, and how many rows of it were seen.
    ledgers: Vec<(System, &'static str, usize)>,
    stock: BTreeMap<(u64, String), Spots>,
    /// What each order's row holds, to be taken off when it is written anew.
    holds: BTreeMap<(u64, String), Held>,
    payments: BTreeMap<System, BTreeMap<String, Payment>>,
    /// Messages on disk: what is answered 2xx must be among them.
    messages: BTreeSet<(u16, String, String)>,
}

/// A SKU of a pool by spot: net, held by the position, held by orders' rows.
type Spots = BTreeMap<usize, (i64, i64, i64)>;

/// What an order's row holds: SKU, spot, units.
type Held = Vec<(String, usize, i64)>;

/// A payment at its provider, in minor units.
#[derive(Clone, Copy, Debug, Default)]
struct Payment {
    authorised: i64,
    captured: i64,
    refunded: i64,
}

#[derive(Deserialize)]
struct Position {
    #[serde(default)]
    p: Vec<Vec<i64>>,
}

#[derive(Deserialize)]
struct OrderRow {
    #[serde(default)]
    l: Vec<(String, String, usize, i64)>,
}

/// A ledger's row as the second opinion takes it.
fn entry<'a>(row: &'a Shown<'_>) -> LedgerRow<'a> {
    LedgerRow {
        n: row.n as u64,
        kind: row.kind.as_str(),
        reference: row.reference,
        order: row.order,
        sku: row.sku,
        place: row.place,
        id: row.id,
        detail: row.detail,
        amount: row.amount.unwrap_or(0),
        quantity: row.quantity.unwrap_or(0),
    }
}

impl Watch {
    /// `shopify`: the shop executes payments and is judged as such: what it records of a refund has no amount of ours.
    pub fn new(shopify: bool) -> Self {
        let mut verifier = Verifier::new(Settings::default());
        let plays =
            |system: System| if shopify && system == System::Shop { "payments" } else { system.as_str() };
        for system in System::ALL {
            verifier.ledger(plays(system), None);
        }
        Self {
            verifier,
            found: 0,
            ledgers: System::ALL.into_iter().map(|system| (system, plays(system), 0)).collect(),
            stock: BTreeMap::new(),
            holds: BTreeMap::new(),
            payments: BTreeMap::new(),
            messages: BTreeSet::new(),
        }
    }

    /// As what a system's ledger is judged.
    pub fn plays(&self, system: System) -> &'static str {
        self.ledgers.iter().find(|(of, ..)| *of == system).map_or("", |(_, plays, _)| plays)
    }

    /// A batch is on disk. `mark` is told the facts and exceptions of its rows.
    ///
    /// # Errors
    /// What is wrong now.
    pub fn written(&mut self, batch: &Batch, mark: &mut dyn FnMut(&str)) -> Result<(), String> {
        for row in &batch.received {
            self.messages.insert((batch.part, row.connection.clone(), row.key.clone()));
        }
        for row in &batch.journal {
            let (part, at) = (batch.part, row.at.0);
            self.verifier.journal_row_telling(part, row.pos, row.case, row.prev, at, &row.body, mark);
        }
        let mut touched = BTreeSet::new();
        for row in &batch.rows {
            self.row(row, &mut touched)?;
        }
        for (case, sku) in touched {
            for (spot, (net, held, by_orders)) in self.stock.get(&(case, sku.clone())).into_iter().flatten() {
                if held != by_orders || *held < 0 {
                    return Err(format!(
                        "{sku} at spot {spot} of pool {case}: {held} held of {net}, by orders' rows {by_orders}"
                    ));
                }
            }
        }
        self.found()
    }

    /// A row of a pool: what a position says is held must be what the orders' rows hold.
    fn row(&mut self, row: &RowChange, touched: &mut BTreeSet<(u64, String)>) -> Result<(), String> {
        let read = |e: serde_json::Error| format!("row {}: {e}", row.key);
        if let Some(sku) = row.key.strip_prefix("p/") {
            let position: Position = match &row.body {
                Some(body) => serde_json::from_slice(body).map_err(read)?,
                None => Position { p: Vec::new() },
            };
            let spots = self.stock.entry((row.case, sku.to_owned())).or_default();
            for (net, held, _) in spots.values_mut() {
                (*net, *held) = (0, 0);
            }
            for at in &position.p {
                if let [spot, net, held, ..] = at[..] {
                    let spot = spots.entry(usize::try_from(spot).unwrap_or(usize::MAX)).or_default();
                    (spot.0, spot.1) = (net, held);
                }
            }
            touched.insert((row.case, sku.to_owned()));
        } else if row.key.starts_with("r/") || row.key.starts_with("h/") {
            let order: OrderRow = match &row.body {
                Some(body) => serde_json::from_slice(body).map_err(read)?,
                None => OrderRow { l: Vec::new() },
            };
            let held: Held = order.l.into_iter().map(|l| (l.1, l.2, l.3)).collect();
            let before = self.holds.insert((row.case, row.key.clone()), held.clone()).unwrap_or_default();
            let changes = before.into_iter().map(|(sku, spot, n)| (sku, spot, -n)).chain(held);
            for (sku, spot, by) in changes {
                self.stock.entry((row.case, sku.clone())).or_default().entry(spot).or_default().2 += by;
                touched.insert((row.case, sku));
            }
        }
        Ok(())
    }

    /// A sender is told that its message was taken: it must be on disk.
    ///
    /// # Errors
    /// When it is not.
    pub fn taken(&self, part: u16, connection: &str, key: &str) -> Result<(), String> {
        if self.messages.contains(&(part, connection.to_owned(), key.to_owned())) {
            return Ok(());
        }
        Err(format!("message {key} of {connection} was answered and is not on disk in partition {part}"))
    }

    /// Vendors may have done something: their ledgers are read on.
    ///
    /// # Errors
    /// What is wrong now.
    pub fn vendors(&mut self, systems: &Systems) -> Result<(), String> {
        let (verifier, payments) = (&mut self.verifier, &mut self.payments);
        let mut wrong = None;
        for (system, plays, after) in &mut self.ledgers {
            systems.each_row(*system, *after, &mut |row| {
                *after += 1;
                verifier.ledger_entry(plays, entry(row));
                let (System::Stripe | System::Shop) = system else { return };
                let payments = payments.entry(*system).or_default();
                if !payments.contains_key(row.order) {
                    payments.insert(row.order.to_owned(), Payment::default());
                }
                let Some(payment) = payments.get_mut(row.order) else { return };
                let amount = row.amount.unwrap_or(0);
                match row.kind {
                    Kind::Authorised => payment.authorised += amount,
                    Kind::Captured => payment.captured += amount,
                    Kind::Refunded => payment.refunded += amount,
                    Kind::RefundFailed => payment.refunded -= amount,
                    _ => return,
                }
                if payment.captured > payment.authorised || payment.refunded > payment.captured {
                    wrong = Some(format!("{system} has done more than it may: {payment:?} after {row:?}"));
                }
            });
        }
        match wrong {
            Some(wrong) => Err(wrong),
            None => self.found(),
        }
    }

    fn found(&mut self) -> Result<(), String> {
        let before = std::mem::replace(&mut self.found, self.verifier.so_far().count());
        if self.found <= before {
            return Ok(());
        }
        let all: Vec<String> = self.verifier.so_far().map(ToString::to_string).collect();
        Err(all.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lookalikes::{Request, World, WorldConfig};

    fn batch(rows: &[(&str, &str)]) -> Batch {
        let change = |(key, body): &(&str, &str)| RowChange {
            case: 1,
            key: (*key).to_owned(),
            body: (!body.is_empty()).then(|| body.as_bytes().to_vec()),
        };
        Batch { rows: rows.iter().map(change).collect(), ..Batch::default() }
    }

    fn write(watch: &mut Watch, rows: &[(&str, &str)]) -> Result<(), String> {
        watch.written(&batch(rows), &mut |_| {})
    }

    #[test]
    fn what_is_held_must_be_what_orders_hold_after_every_commit() {
        let mut watch = Watch::new(false);
        let (held, order) = (r#"{"p":[[0,5,2]]}"#, r#"{"l":[["1","A",0,2]]}"#);
        assert_eq!(write(&mut watch, &[("p/A", held), ("r/shop-1", order)]), Ok(()));
        assert_eq!(write(&mut watch, &[("p/A", r#"{"p":[[0,5,0]]}"#), ("r/shop-1", "{}")]), Ok(()));
        let wrong = write(&mut watch, &[("r/shop-2", order)]).unwrap_err();
        assert!(wrong.contains("A at spot 0"), "{wrong}");
    }

    #[test]
    fn what_is_answered_must_be_on_disk() {
        assert!(Watch::new(false).taken(0, "shop", "k").unwrap_err().contains("not on disk"));
    }

    #[test]
    fn what_a_vendor_does_unasked_is_seen_when_it_does_it() {
        let systems = Systems::Lookalikes(Box::new(World::new(WorldConfig::default())));
        let mut watch = Watch::new(false);
        assert_eq!(watch.vendors(&systems), Ok(()));
        let memo = r#"{"reference":"shop-1-C1","order":"shop-1","currency":"GBP","total":5,"lines":[]}"#;
        let asked = Request::new("POST", "/erp/credit-memos", memo).with("authorization", "Bearer lab-erp");
        let Systems::Lookalikes(world) = &systems else { return };
        let answer = world.handle(0, &asked);
        assert!(answer.ok(), "{}", String::from_utf8_lossy(&answer.body));
        let wrong = watch.vendors(&systems).unwrap_err();
        assert!(wrong.contains("erp.credit_memo"), "{wrong}");
    }
}
