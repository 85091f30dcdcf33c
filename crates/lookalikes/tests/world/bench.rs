//! A world with a clock of its own and a hub that takes everything.

use lookalikes::{Delivery, Request, Response, World, WorldConfig};
use serde_json::Value;

pub struct Bench {
    pub world: World,
    pub now: i64,
}

/// 2011-10-10T09:00:00Z.
pub const START: i64 = 1_318_237_200_000;

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut WorldConfig)) -> Self {
        let mut config = WorldConfig::default();
        change(&mut config);
        Self { world: World::new(config), now: START }
    }

    /// A call with the token that the system wants.
    pub fn raw(&self, method: &str, path: &str, body: &str, key: Option<&str>) -> Response {
        let system = path.trim_start_matches('/').split('/').next().unwrap();
        let token = if system == "stripe" { "sk_test_lookalike".to_owned() } else { format!("lab-{system}") };
        let mut request = Request::new(method, path, body).with("Authorization", &format!("Bearer {token}"));
        if let Some(key) = key {
            request = request.with("Idempotency-Key", key);
        }
        self.world.handle(self.now, &request)
    }

    pub fn call(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        parsed(&self.raw(method, path, &body, None))
    }

    pub fn put(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call("PUT", path, body)
    }

    pub fn lab(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.call("POST", path, body);
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub fn get(&self, path: &str) -> Value {
        self.call("GET", path, &Value::Null).1
    }

    pub fn form(&self, path: &str, form: &str, key: Option<&str>) -> (u16, Value) {
        parsed(&self.raw("POST", path, form, key))
    }

    pub fn ledger(&self, system: &str) -> Vec<Value> {
        let mut rows: Vec<Value> = Vec::new();
        loop {
            let page = format!("/{system}/_ledger?after={}&limit=700", rows.len());
            let text = String::from_utf8(self.raw("GET", &page, "", None).body).unwrap();
            rows.extend(text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            if text.lines().count() < 700 {
                return rows;
            }
        }
    }

    /// The ledger's rows of one kind.
    pub fn rows(&self, system: &str, kind: &str) -> Vec<Value> {
        self.ledger(system).into_iter().filter(|row| row["kind"] == kind).collect()
    }

    /// Lets time pass until nothing is to come, delivering everything.
    pub fn settle(&mut self) -> Vec<Delivery> {
        let mut out = Vec::new();
        while let Some(due) = self.world.next_due() {
            self.now = self.now.max(due);
            for delivery in self.world.due(self.now) {
                self.world.delivered(delivery.id, self.now, Some(204));
                out.push(delivery);
            }
        }
        assert_eq!(self.world.idle(self.now).pending, 0);
        out
    }
}

pub fn parsed(response: &Response) -> (u16, Value) {
    (response.status, serde_json::from_slice(&response.body).unwrap_or(Value::Null))
}

pub fn body(delivery: &Delivery) -> Value {
    serde_json::from_slice(&delivery.body).unwrap()
}

pub fn header<'a>(delivery: &'a Delivery, name: &str) -> &'a str {
    delivery.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()).unwrap()
}

/// HMAC-SHA256 written out after RFC 2104, apart from the library that the crate uses.
pub fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    assert!(key.len() <= 64);
    let pad = |byte: u8| {
        let mut block = vec![byte; 64];
        block.iter_mut().zip(key).for_each(|(b, k)| *b ^= k);
        block
    };
    let inner = Sha256::digest([pad(0x36).as_slice(), message].concat());
    Sha256::digest([pad(0x5c).as_slice(), inner.as_slice()].concat()).to_vec()
}
