//! What a turn of a pool made of the units that orders want, read off its rows.

use super::World;
use flows::Row;
use flows::stock::state::Wait;
use hub::process::Stimulus;
use retail::envelope::Name;
use std::collections::BTreeMap;

/// Units per order and line: reserved, waiting.
type Units = BTreeMap<(String, String), (i64, i64)>;

fn add(units: &mut Units, key: &str, row: &Row) {
    match row {
        Row::Order(row) => {
            let order = key.strip_prefix("r/").unwrap();
            for (line, _, _, n) in &row.held {
                units.entry((order.to_owned(), line.clone())).or_default().0 += n;
            }
        }
        Row::Position(row) => {
            for Wait { order, line, quantity: n, .. } in &row.waiting {
                units.entry((order.clone(), line.clone())).or_default().1 += n;
            }
        }
        Row::Seen | Row::Chunk(_) | Row::Due(_) | Row::Transfer(_) | Row::Supply(_) => {}
    }
}

impl World {
    /// Notes each move that some unit must have made.
    pub(super) fn note_pool_moves(&mut self, pool: &Name, on: &Stimulus, rows: &[(String, Option<Row>)]) {
        let (mut before, mut after) = (Units::new(), Units::new());
        for (key, row) in rows {
            if let Some(body) = self.rows.get(&(pool.clone(), key.clone())) {
                use hub::process::Process as _;
                add(&mut before, key, &self.flows.decode_row(pool, key, body).unwrap());
            }
            if let Some(row) = row {
                add(&mut after, key, row);
            }
        }
        let on = flows::transition::label(on);
        let gone = if on == "stock.ship" { "shipped" } else { "released" };
        let lines: Vec<_> = before.keys().chain(after.keys()).cloned().collect();
        for line in lines {
            let of = |units: &Units| units.get(&line).copied().unwrap_or_default();
            let ((held, waiting), (holds, waits)) = (of(&before), of(&after));
            let (reserved, queued) = (holds - held, waits - waiting);
            let mut moved = |from: &str, to: &str| {
                self.moves.insert(("pool", from.to_owned(), on.clone(), to.to_owned()));
            };
            match (reserved.signum(), queued.signum()) {
                (1, -1) => moved("waiting", "reserved"),
                (-1, 1) => moved("reserved", "waiting"),
                (h, w) => {
                    if h > 0 {
                        moved("wanted", "reserved");
                    }
                    if w > 0 {
                        moved("wanted", "waiting");
                    }
                    if h < 0 {
                        moved("reserved", gone);
                    }
                    if w < 0 {
                        moved("waiting", gone);
                    }
                }
            }
        }
    }
}
