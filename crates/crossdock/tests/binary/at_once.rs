//! Many who want the same thing at the same instant, through every door, of a real hub between look-alikes.

use super::common::events::{event, signed};
use super::common::folder::{CHANNELS, Folder, TOKEN};
use super::common::http::send;
use super::common::hub::Hub;
use super::common::lab::Lab;
use super::common::seeds::seeds;
use super::common::{on, until};
use serde_json::{Value, json};
use std::sync::Barrier;

struct Shop {
    _at: tempfile::TempDir,
    lab: Lab,
    folder: Folder,
    hub: Hub,
}

impl Shop {
    fn open() -> Self {
        let at = tempfile::tempdir().unwrap();
        let lab = Lab::start(at.path(), "127.0.0.1:0");
        let folder = Folder::with_lab(&lab.url);
        let hub = Hub::start(&folder);
        lab.post("/_lab/config", &json!({"hub": hub.url}));
        Self { _at: at, lab, folder, hub }
    }

    /// Until nothing is under way any more at the hub or a vendor.
    fn rest(&self) {
        let idle = || {
            let told = send(&self.lab.url, "GET", "/_lab/idle", &Vec::new(), b"").unwrap().json();
            told["pending"] == 0 && told["in_flight"] == 0
        };
        until("all is at rest", || {
            idle() && self.hub.get("/v1/progress").json()["at_rest"] == true && idle()
        });
    }

    /// The second opinion, the vendors' ledgers included. Of the channels that the test plays itself no ledger tells.
    fn verified(&self) {
        let estate = self.folder.estate().display().to_string();
        let verified = on(&self.folder.data(), &["verify", "--json", "--estate", &estate]).json();
        let breaches = verified["breaches"].as_array().unwrap().iter();
        let played = |breach: &&Value| {
            let about = breach["about"].as_str().unwrap();
            breach["where"] == "ledger of storefront"
                && CHANNELS[1..].iter().any(|channel| about.contains(&format!("{channel}-")))
        };
        let breaches: Vec<&Value> = breaches.filter(|breach| !played(breach)).collect();
        assert!(breaches.is_empty(), "{breaches:#?}");
    }

    /// Posts a message of a system that speaks the contract.
    fn tell(&self, connection: &str, body: &str) {
        let answer = self.hub.post(connection, &signed(body), body.as_bytes());
        assert_eq!(answer.status, 200, "{answer:?}");
    }

    /// One unit of a SKU comes in.
    fn supply(&self, sku: &str) {
        let lines = json!([{"sku": sku, "quantity": 1}]);
        self.lab.post("/wms-north/_lab/receipts", &json!({"receipt": format!("r-{sku}"), "lines": lines}));
    }

    /// Asks below `/v1`.
    fn ask(&self, path: &str) -> u16 {
        let token = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
        send(&self.hub.url, "POST", path, &token, b"").unwrap().status
    }
}

/// An order of one unit by a channel that speaks the contract.
fn order(channel: &str, id: &str, sku: &str, payment: &str, price: i64) -> Value {
    json!({
        "order": format!("{channel}-{id}"), "source": channel, "source_id": id, "number": id,
        "placed_at": "2026-03-01T08:26:00Z", "currency": "GBP",
        "lines": [{
            "line": "1", "sku": sku, "kind": "goods", "quantity": 1, "amount": price,
            "unit_price": format!("{}.{:02}", price / 100, price % 100), "tax_included": true,
        }],
        "total": price,
        "tenders": [
            {"id": "t1", "kind": "card", "executor": "stripe", "payment": payment, "authorised": price},
        ],
    })
}

/// One of one unit at the Shopify store.
fn placed(id: &str, sku: &str, price: &str) -> Value {
    json!({
        "source_id": id, "number": id, "placed_at": "2026-03-01T08:26:00Z", "currency": "GBP",
        "lines": [{"sku": sku, "quantity": 1, "unit_price": price, "kind": "goods"}],
    })
}

/// Runs all of them at the same instant.
fn at_once(deeds: Vec<Box<dyn FnOnce() + Send + '_>>) {
    let start = Barrier::new(deeds.len());
    std::thread::scope(|scope| {
        for deed in deeds {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                deed();
            });
        }
    });
}

const BUYERS: usize = 200;
const EACH: usize = BUYERS / CHANNELS.len();

/// What the shop's own webhooks bring is numbered; the others' buyers likewise.
fn buyers(seed: u64) -> Vec<(&'static str, String)> {
    let first = usize::try_from(seed).unwrap() * 1_000;
    let of = |channel: &&'static str| {
        let channel = *channel;
        (first..first + EACH).map(move |n| (channel, n.to_string()))
    };
    CHANNELS.iter().flat_map(of).collect()
}

/// 200 buyers over four channels want the last unit. Who gets it, and whether it is there before them, while they come
/// or after, the seed decides; some buyers' messages come twice.
fn last_unit(shop: &Shop, seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let sku = format!("LAST-{seed}");
    let mut posted: Vec<_> = buyers(seed).into_iter().filter(|(channel, _)| *channel != "web").collect();
    rng.shuffle(&mut posted);
    let mut messages: Vec<(&str, String)> = Vec::new();
    for (channel, id) in &posted {
        let name = format!("{channel}-{id}");
        let payment = shop.lab.authorise(&name, 2_000);
        let body = event(&format!("m-{name}"), "order.submitted", &order(channel, id, &sku, &payment, 2_000));
        for _ in 0..=usize::from(rng.usize(..10) == 0) {
            messages.push((channel, body.clone()));
        }
    }
    let (when, doors) = (rng.usize(..3), 3 + rng.usize(..10));
    if when == 0 {
        shop.supply(&sku);
    }
    let own = buyers(seed).into_iter().filter(|(channel, _)| *channel == "web");
    let own: Vec<Value> = own.map(|(_, id)| placed(&id, &sku, "20.00")).collect();
    let mut deeds: Vec<Box<dyn FnOnce() + Send + '_>> = Vec::new();
    deeds.push(Box::new(|| drop(shop.lab.post("/shop/_lab/orders", &json!({"orders": own})))));
    if when == 1 {
        deeds.push(Box::new(|| shop.supply(&sku)));
    }
    for part in messages.chunks(messages.len().div_ceil(doors)) {
        deeds.push(Box::new(move || part.iter().for_each(|(channel, body)| shop.tell(channel, body))));
    }
    at_once(deeds);
    if when == 2 {
        shop.supply(&sku);
    }
    shop.rest();

    let mut won = Vec::new();
    for (channel, id) in buyers(seed) {
        let name = format!("{channel}-{id}");
        let line = shop.hub.order(&name)["lines"][0].clone();
        let (shipped, waiting) =
            (line["shipped"].as_i64().unwrap(), line["waiting_for_stock"].as_i64().unwrap());
        assert_eq!(shipped + waiting, 1, "seed {seed}: {name} got no definite answer: {line}");
        if shipped == 1 {
            won.push(name);
        }
    }
    assert_eq!(won.len(), 1, "seed {seed}: the last unit went to {won:?}");
    let left = |row: &Value| row["sku"] == sku.as_str();
    let shipments: Vec<Value> = shop.lab.ledger("wms-north", "shipment").into_iter().filter(left).collect();
    assert_eq!(shipments.len(), 1, "seed {seed}: {shipments:?}");
    let of_winner = |row: &&Value| row["order"] == won[0].as_str();
    let captured = shop.lab.ledger("stripe", "captured");
    assert_eq!(captured.iter().filter(of_winner).count(), 1, "seed {seed}: {captured:?}");
}

#[test]
fn pitfall_27_the_last_unit_has_one_of_two_hundred_buyers_over_four_channels() {
    let shop = Shop::open();
    let seeds = seeds(3);
    let all = usize::try_from(*seeds.end()).unwrap();
    for seed in seeds {
        last_unit(&shop, seed);
    }
    assert_eq!(shop.lab.ledger("stripe", "captured").len(), all, "nobody else was charged");
    shop.verified();
}

/// The doors through which 60 may be asked back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// An agent, by a message of the storefront.
    Agent,
    /// Another, by one of the till.
    Till,
    /// A request that was parked when it came too early, taken in again by a person.
    Replay,
    /// Somebody at the provider's dashboard, who asks nobody.
    Dashboard,
}

const DOORS: [Door; 4] = [Door::Agent, Door::Till, Door::Replay, Door::Dashboard];

/// Asks for 60 of the one line of an order.
fn wanted(number: &str, id: &str) -> String {
    let data = json!({
        "order": format!("web-{number}"), "id": id, "kind": "price_adjustment", "reason": "late", "by": "ann",
        "lines": [{"line": format!("{number}0001"), "amount": 60}],
    });
    event(&format!("c-{number}-{id}"), "credit.requested", &data)
}

/// An order of 100 that was shipped and paid; `early` requests for a part of it came before and are parked. Says its
/// payment and where the parked ones are.
fn sold(shop: &Shop, number: &str, early: usize) -> (String, Vec<String>) {
    let (name, sku) = (format!("web-{number}"), format!("S-{number}"));
    let placed = json!({"orders": [placed(number, &sku, "1.00")]});
    let placed = shop.lab.post("/shop/_lab/orders", &placed).json();
    let payment = placed["placed"][0]["payment"].as_str().unwrap_or_else(|| panic!("{placed}")).to_owned();
    shop.hub.order(&name);
    for n in 0..early {
        shop.tell("shop", &wanted(number, &format!("early-{n}")));
    }
    let mut parked = Vec::new();
    until("what came early is parked", || {
        let open = shop.hub.exceptions(0).into_iter();
        let own = open.filter(|(_, cause, _)| cause.contains(&format!("c-{number}-early")));
        parked = own.filter_map(|(_, _, about)| about.strip_prefix("received/").map(str::to_owned)).collect();
        parked.len() == early
    });
    shop.supply(&sku);
    until("it is shipped", || shop.hub.order(&name)["lines"][0]["shipped"] == 1);
    shop.rest();
    (payment, parked)
}

fn ask_back(shop: &Shop, door: Door, number: &str, n: usize, payment: &str, parked: &[String]) {
    match door {
        Door::Agent => shop.tell("shop", &wanted(number, &format!("a{n}"))),
        Door::Till => shop.tell("till", &wanted(number, &format!("t{n}"))),
        Door::Replay => {
            assert_eq!(shop.ask(&format!("/v1/messages/{}/replay", parked[n % parked.len()])), 202);
        }
        Door::Dashboard => {
            // Refused by the provider where the other was there first.
            let body = json!({"payment_intent": payment, "amount": 60}).to_string();
            send(&shop.lab.url, "POST", "/stripe/_lab/refunds", &Vec::new(), body.as_bytes()).unwrap();
        }
    }
}

#[test]
fn pitfall_01_two_of_60_on_100_through_any_two_doors_are_exactly_one() {
    let shop = Shop::open();
    let mut pairs = Vec::new();
    for (n, one) in DOORS.into_iter().enumerate() {
        pairs.extend(DOORS[n..].iter().map(|other| [one, *other]));
    }
    for (n, pair) in (100..).zip(&pairs) {
        let number = n.to_string();
        let early = pair.iter().filter(|door| **door == Door::Replay).count();
        let (payment, parked) = sold(&shop, &number, early);
        let deed = |at: usize| -> Box<dyn FnOnce() + Send + '_> {
            let (shop, number, payment, parked, door) = (&shop, &number, &payment, &parked, pair[at]);
            Box::new(move || ask_back(shop, door, number, at, payment, parked))
        };
        at_once(vec![deed(0), deed(1)]);
        shop.rest();
        // Whoever sees the exceptions asks once more for what was refused, and for each request.
        let order = format!("web-{number}");
        for case in [format!("order/{order}"), format!("refund/{order}-C1")] {
            assert!([202, 404].contains(&shop.ask(&format!("/v1/cases/{case}/retry"))));
        }
        for again in &parked {
            assert!([202, 404].contains(&shop.ask(&format!("/v1/messages/{again}/replay"))));
        }
        shop.rest();
        let refunded = shop.lab.ledger("stripe", "refunded").into_iter();
        let of_order = refunded.filter(|row| row["order"] == order.as_str());
        let amounts: Vec<i64> = of_order.map(|row| row["amount"].as_i64().unwrap()).collect();
        assert_eq!(amounts, [60], "{pair:?}");
    }
    shop.verified();
}
