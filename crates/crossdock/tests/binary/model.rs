//! Random histories through a whole hub on each real store, with kills between, against a model of a few lines: units
//! go to who asked first.

use super::common::events::{event, order, signed};
use super::common::folder::Folder;
use super::common::hub::Hub;
use super::common::seeds::seeds;
use super::common::until;
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::OsStr;

const SKUS: [&str; 3] = ["A", "B", "C"];

/// What should be: supply per SKU, and who asked for a unit of it in which order.
#[derive(Default)]
struct Model {
    supply: BTreeMap<&'static str, usize>,
    asked: BTreeMap<&'static str, Vec<String>>,
}

impl Model {
    /// Each order, and how many units it has and waits for.
    fn orders(&self) -> BTreeMap<String, (usize, usize)> {
        let of = |(sku, asked): (&&'static str, &Vec<String>)| {
            let supply = self.supply.get(sku).copied().unwrap_or(0);
            let has = |(place, id): (usize, &String)| {
                let has = usize::from(place < supply);
                (id.clone(), (has, 1 - has))
            };
            asked.iter().enumerate().map(has).collect::<Vec<_>>()
        };
        self.asked.iter().flat_map(of).collect()
    }
}

/// A message of the storefront or the warehouse.
type Message = (&'static str, String);

/// The next message, and what the model makes of it.
fn next(rng: &mut fastrand::Rng, n: usize, model: &mut Model) -> Message {
    let sku = SKUS[rng.usize(..SKUS.len())];
    if rng.usize(..4) == 0 {
        let quantity = 1 + rng.usize(..3);
        *model.supply.entry(sku).or_default() += quantity;
        let lines = json!([{"sku": sku, "quantity": quantity}]);
        let data = json!({"receipt": format!("r{n}"), "place": "north", "lines": lines});
        return ("north", event(&format!("e-{n}"), "stock.received", &data));
    }
    let id = n.to_string();
    model.asked.entry(sku).or_default().push(format!("shop-{id}"));
    let mut data = order(&id);
    data["lines"][0]["sku"] = sku.into();
    data["lines"][0]["quantity"] = 1.into();
    ("shop", event(&format!("m-{id}"), "order.submitted", &data))
}

/// Runs a history on a store and holds what came of it against the model.
fn history(seed: u64, store: &str) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let folder = Folder::new();
    let start = || Hub::start_with(&folder, &["--store", store].map(OsStr::new));
    let (mut hub, mut model, mut sent) = (start(), Model::default(), Vec::<Message>::new());
    for n in 0..80 {
        let message = match rng.usize(..6) {
            // What was sent once is sent again now and then.
            0 if n > 0 => sent[rng.usize(..sent.len())].clone(),
            _ => next(&mut rng, n, &mut model),
        };
        assert_eq!(hub.post(message.0, &signed(&message.1), message.1.as_bytes()).status, 200);
        sent.push(message);
        if rng.usize(..30) == 0 {
            hub.kill();
            hub = start();
        }
    }
    let expected = model.orders();
    assert!(
        expected.values().any(|has| has.0 == 1) && expected.values().any(|has| has.1 == 1),
        "seed {seed}"
    );
    let shown = || -> BTreeMap<String, (usize, usize)> {
        let of = |id: &String| {
            let line = hub.order(id)["lines"][0].clone();
            let count = |member: &str| usize::try_from(line[member].as_i64().unwrap()).unwrap();
            (id.clone(), (count("reserved") + count("released"), count("waiting_for_stock")))
        };
        expected.keys().map(of).collect()
    };
    until("nothing is asked of the pool any more", || shown().values().all(|(has, waits)| has + waits == 1));
    assert_eq!(shown(), expected, "seed {seed} on {store}");
    assert_eq!(hub.placed(expected.len()).len(), expected.len());
    drop(hub);
    let verified = folder.verified(&["--store", store]);
    assert_eq!(verified.code, 0, "{verified:?}");
}

#[test]
fn random_histories_end_as_the_model_says_on_sqlite() {
    seeds(2).for_each(|seed| history(seed, "sqlite"));
}

#[test]
fn random_histories_end_as_the_model_says_on_postgres() {
    let server = ownpg::shared().unwrap();
    seeds(2).for_each(|seed| history(seed, &server.fresh()));
}
