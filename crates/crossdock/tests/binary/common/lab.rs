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
    /// Starts them where `listen` says. A shop and a warehouse list their events, and know the hub by the names and
    /// the token of the tests' estate.
    pub fn start(folder: &Path, listen: &str) -> Self {
        let config = folder.join("lookalikes.json");
        let link = |intake: &str, secret: &str| json!({"link": {"token": TOKEN, "intake": intake, "secret": secret, "feed": true}});
        let mut shop = link("/in/web", "shpss_new_secret");
        shop["source"] = "web".into();
        let mut north = link("/in/north", super::folder::HOOK);
        north["place"] = "north".into();
        let world = json!({"shop": shop, "wms-north": north});
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
