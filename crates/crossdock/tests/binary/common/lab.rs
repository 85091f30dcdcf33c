//! `crossdock lookalikes` as a process.

use super::EXE;
use super::folder::TOKEN;
use super::http::{Answer, send};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The look-alikes. Dropping them kills them.
#[derive(Debug)]
pub struct Lab {
    child: Child,
    pub url: String,
}

impl Lab {
    /// Starts them where `listen` says. They know the hub by the names, the secrets and the token of the tests' estates;
    /// the shop and the warehouse list their events.
    pub fn start(folder: &Path, listen: &str) -> Self {
        let config = folder.join("lookalikes.json");
        let link = |intake: &str, secret: &str| json!({"link": {"token": TOKEN, "intake": intake, "secret": secret, "feed": true}});
        let mut shop = link("/in/web", "shpss_new_secret");
        shop["source"] = "web".into();
        let mut north = link("/in/north", super::folder::HOOK);
        north["place"] = "north".into();
        let stripe =
            json!({"link": {"token": TOKEN, "intake": "/in/stripe", "secret": super::folder::STRIPE}});
        let mut world = json!({"shop": shop, "wms-north": north, "stripe": stripe});
        for system in ["erp", "oms", "returns"] {
            world[system] = link(&format!("/in/{system}"), super::folder::HOOK);
        }
        world["oms"]["places"] = json!(["north"]);
        std::fs::write(&config, world.to_string()).unwrap();
        let mut child = Command::new(EXE)
            .args(["lookalikes", "--listen", listen, "--config"])
            .arg(config)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut said).unwrap();
        let url =
            said.trim().strip_prefix("listening ").unwrap_or_else(|| panic!("it says {said:?}")).to_owned();
        Self { child, url }
    }

    /// Asks below a system's prefix.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        let answer = send(&self.url, "POST", path, &Vec::new(), body.to_string().as_bytes()).unwrap();
        assert!(answer.status < 300, "{path}: {answer:?}");
        answer
    }

    /// Supply at the warehouse in so many receipts, `receipt-0` and on.
    pub fn receive(&self, receipt: &str, count: usize) {
        for n in 0..count {
            let lines = json!([{"sku": "85123A", "quantity": 1}]);
            self.post(
                "/wms-north/_lab/receipts",
                &json!({"receipt": format!("{receipt}-{n}"), "lines": lines}),
            );
        }
    }

    /// A card payment of an order as a checkout leaves it: authorised, to be captured later.
    pub fn authorise(&self, order: &str, amount: i64) -> String {
        let form = format!(
            "amount={amount}&currency=gbp&capture_method=manual&confirm=true&payment_method=pm_card_visa\
             &metadata[order]={order}"
        );
        let headers = vec![
            ("authorization".to_owned(), format!("Bearer {TOKEN}")),
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        let answer =
            send(&self.url, "POST", "/stripe/v1/payment_intents", &headers, form.as_bytes()).unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// The rows of one kind in a system's ledger.
    pub fn ledger(&self, system: &str, kind: &str) -> Vec<Value> {
        let headers = vec![("authorization".to_owned(), format!("Bearer {TOKEN}"))];
        let path = format!("/{system}/_ledger?limit=100000");
        let answer = send(&self.url, "GET", &path, &headers, b"").unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        let rows = answer.body.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        rows.filter(|row| row["kind"] == kind).collect()
    }

    /// Orders at the shop, numbered from `first`.
    pub fn order(&self, first: usize, count: usize) {
        let order = |n: usize| {
            json!({
                "source_id": n.to_string(), "number": n.to_string(), "placed_at": "2026-03-01T08:26:00Z",
                "currency": "GBP",
                "lines": [{"sku": "85123A", "quantity": 1, "unit_price": "2.55", "kind": "goods"}],
            })
        };
        let orders: Vec<Value> = (first..first + count).map(order).collect();
        self.post("/shop/_lab/orders", &json!({"orders": orders}));
    }

    /// From now on no webhook is posted, or every one.
    pub fn withhold(&self, all: bool) {
        let habits = json!({"habits": {"unsent": if all { 1_000 } else { 0 }}});
        self.post("/_lab/config", &json!({"shop": habits, "wms-north": habits}));
    }

    /// Ends them at once.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // Killing what is gone already is an error that says nothing.
        if self.child.kill().is_ok() {
            self.child.wait().unwrap();
        }
    }
}
