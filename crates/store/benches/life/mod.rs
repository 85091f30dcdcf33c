//! Orders as they live: three lines, twelve turns, eight commands, five names, two messages to a pool of stock.
//! Bodies are JSON of the size and sameness that flows write.

use hub::batch::{
    BalanceChange, Batch, CaseRow, CommandState, Head, JournalRow, MailRow, OutboxChange, OutboxRow, Part,
    ReceivedRow, ReceivedState, RowChange, SeenRow,
};
use hub::process::digest;
use retail::envelope::{Class, Command, Json, Name, json};
use retail::time::{Span, Time};
use serde_json::{Value, json as value};

/// Turns in an order's life.
pub const TURNS: usize = 12;
const SKUS: u64 = 4000;
const FACTS: [&str; TURNS] = [
    "order.submitted",
    "stock.reserved",
    "erp.sales_order_created",
    "oms.released",
    "order.allocated",
    "fulfilment.created",
    "shipment.confirmed",
    "delivery.posted",
    "invoice.posted",
    "payment.captured",
    "storefront.told",
    "order.completed",
];

struct Order {
    id: u64,
    number: u64,
    turn: usize,
    last: u64,
    command: Option<u64>,
}

/// One partition's orders, each a turn further with every batch, and new ones for those that are over.
pub struct Life {
    part: Part,
    epoch: u64,
    head: Head,
    wanted: usize,
    raw: bool,
    orders: Vec<Order>,
    /// The pool's case: version, last row, rows written.
    pool: (u64, u64),
    started: u64,
    finished: usize,
    now: Time,
}

fn mix(n: u64) -> u64 {
    let z = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn raw(v: &Value) -> Json {
    json(v).unwrap_or_default()
}

fn order_name(part: Part, number: u64) -> Name {
    Name::new("acme", "order", format!("shop-{part}{number:07}"))
}

fn lines(number: u64) -> Value {
    let line = |n: u64| {
        let sku = mix(number * 3 + n) % SKUS;
        value!({"line": n.to_string(), "sku": format!("{}A", 20_000 + sku), "kind": "goods", "ordered": 1 + n,
                "reserved": 1 + n, "shipped": 0, "returned": 0, "unit_price": "2.55", "amount": 255 * (1 + n),
                "tax": 42, "place": "north"})
    };
    Value::Array((1..=3).map(line).collect())
}

impl Life {
    pub const fn new(part: Part, epoch: u64, wanted: usize, raw: bool) -> Self {
        let head = Head { pos: 0, received: 0, cases: 0, commands: 0, mail: 0, hash: [0; 32] };
        let now = Time(1_700_000_000_000);
        let orders = Vec::new();
        Self { part, epoch, head, wanted, raw, orders, pool: (0, 0), started: 0, finished: 0, now }
    }

    pub const fn part(&self) -> Part {
        self.part
    }

    pub const fn finished(&self) -> usize {
        self.finished
    }

    /// Names of cases in progress, or of some that never were.
    pub fn some_names(&self, there: bool) -> Vec<Name> {
        let step = 1 + self.orders.len() / 8;
        let number = |o: &Order| if there { o.number } else { o.number + 5_000_000 };
        self.orders.iter().step_by(step).map(|o| order_name(self.part, number(o))).collect()
    }

    /// The next group's share of this partition: a turn of every order in progress and one of the pool.
    pub fn next(&mut self) -> Batch {
        self.now = self.now.plus(Span::millis(7));
        let (part, from) = (self.part, self.head);
        let mut b = Batch { part, epoch: self.epoch, from, to: from, ..Batch::default() };
        // New orders come in evenly, so that at any time they are at all turns of their lives.
        let arrive = self.wanted.div_ceil(TURNS).min(self.wanted.saturating_sub(self.orders.len()));
        for _ in 0..arrive {
            self.started += 1;
            b.to.cases += 1;
            // The pool is case 1; it opens with the first batch.
            let id = b.to.cases + u64::from(from.cases == 0);
            self.orders.push(Order { id, number: self.started, turn: 0, last: 0, command: None });
        }
        b.to.cases += u64::from(from.cases == 0);
        let mut orders = std::mem::take(&mut self.orders);
        for order in &mut orders {
            self.turn(order, &mut b);
        }
        self.pool_turn(&mut b, &orders);
        let before = orders.len();
        orders.retain(|o| o.turn < TURNS);
        self.finished += before - orders.len();
        self.orders = orders;
        self.head = b.to;
        b
    }

    fn journal(&self, b: &mut Batch, case: u64, prev: u64, body: &Value) {
        b.to.pos += 1;
        let row = JournalRow {
            pos: b.to.pos,
            case,
            prev,
            at: self.now,
            body: serde_json::to_vec(body).unwrap_or_default(),
        };
        b.to.hash = row.hash_onto(&b.to.hash);
        b.journal.push(row);
    }

    fn turn(&self, o: &mut Order, b: &mut Batch) {
        let (name, fact) = (order_name(self.part, o.number), FACTS[o.turn]);
        let key = format!("evt_{:016x}{:08x}", mix(o.number * 100 + o.turn as u64), o.number);
        let entries: Value = if o.turn % 2 == 1 {
            value!([{"entity": "acme-gb", "memo": fact, "reference": name.value, "occurred": self.now.to_string(),
                     "posted_on": "2026-11-14", "lines": [["cash", "GBP", 1530], ["sales", "GBP", -1275],
                     ["tax", "GBP", -255], ["stock:north", "85123A", -6]]}])
        } else {
            value!([])
        };
        self.journal(
            b,
            o.id,
            o.last,
            &value!({"v": 1, "case": name.to_string(), "cause": {"message": o.number * 12 + o.turn as u64},
                "input": {"event": {"type": fact, "occurred": self.now.to_string(), "id": key}},
                "facts": [{"type": fact, "data": {"lines": lines(o.number)}}], "entries": entries,
                "open": o.turn + 1 < TURNS, "due": self.now.plus(Span::days(1)).to_string()}),
        );
        o.last = b.to.pos;
        let sum = digest(&[key.as_bytes()]);
        if o.turn % 3 != 2 {
            b.seen.push(SeenRow { case: o.id, key: sum, body: digest(&[&sum]), pos: o.last });
        }
        self.commands(o, b, &name);
        self.names(o, b);
        if o.turn % 2 == 1 {
            for (account, unit, delta) in
                [("cash", "GBP", 1530), ("sales", "GBP", -1275), ("tax", "GBP", -255)]
            {
                let account = format!("acme-gb/{account}");
                b.balances.push(BalanceChange { account, unit: unit.to_owned(), delta });
            }
        }
        if self.raw && o.turn % 3 != 2 {
            self.receive(o, b, key);
        }
        if matches!(o.turn, 0 | 6) {
            self.mail(o, b, &name);
        }
        o.turn += 1;
        let open = o.turn < TURNS;
        let state = value!({"v": 1, "status": fact, "currency": "GBP", "total": 1530, "lines": lines(o.number),
            "tenders": [{"id": "t1", "kind": "card", "executor": "stripe", "payment": format!("pi_{:016x}", mix(o.number)),
                         "authorised": 1530, "captured": 0, "refunded": 0}],
            "releases": [{"id": format!("{}-R1", name.value), "state": "open"}],
            "fulfilments": [{"id": format!("{}-F1", name.value), "place": "north", "state": "open"}],
            "credits": [], "holds": []});
        b.cases.push(CaseRow {
            id: o.id,
            ver: o.turn as u64,
            last: o.last,
            due: open.then(|| self.now.plus(Span::days(1))),
            open,
            body: serde_json::to_vec(&state).unwrap_or_default(),
            doc: (o.turn == 1).then(|| serde_json::to_vec(&placed(o.number, &name)).unwrap_or_default()),
            name,
        });
    }

    /// The command before is settled, the next one ordered; the first turn and the last three order none.
    fn commands(&self, o: &mut Order, b: &mut Batch, name: &Name) {
        if let Some(id) = o.command.take() {
            b.outbox.push(OutboxChange::Delete(id));
        }
        if (1..9).contains(&o.turn) {
            b.to.commands += 1;
            o.command = Some(b.to.commands);
            let command = Command {
                role: "erp".to_owned(),
                at: String::new(),
                op: "create_sales_order".to_owned(),
                object: name.to_string(),
                key: format!("{}-{}", name.value, o.turn),
                class: Class::Checkout,
                args: raw(
                    &value!({"id": name.value, "currency": "GBP", "lines": lines(o.number), "total": 1530}),
                ),
            };
            b.outbox.push(OutboxChange::Put(Box::new(OutboxRow {
                id: b.to.commands,
                case: o.id,
                name: name.clone(),
                cause: o.last,
                created: self.now,
                state: CommandState::Queued,
                attempts: 0,
                command,
            })));
        }
    }

    fn names(&self, o: &Order, b: &mut Batch) {
        let name = |kind: &str, value: String| (Name::new("acme", kind, value), o.id);
        let at = format!("{}{:07}", self.part, o.number);
        match o.turn {
            0 => b.routes.push(name("payment", format!("pi_{:016x}", mix(o.number)))),
            3 => b.routes.push(name("release", format!("shop-{at}-R1"))),
            5 => b.routes.push(name("fulfilment", format!("shop-{at}-F1"))),
            6 => b.routes.push(name("shipment", format!("N{at}"))),
            _ => {}
        }
    }

    fn receive(&self, o: &Order, b: &mut Batch, key: String) {
        b.to.received += 1;
        let name = order_name(self.part, o.number);
        let body = if o.turn == 0 { placed(o.number, &name) } else { value!({"lines": lines(o.number)}) };
        b.received.push(ReceivedRow {
            pos: b.to.received,
            at: self.now,
            connection: "shop".to_owned(),
            key,
            headers: r#"{"x-shopify-topic":"orders/create","x-shopify-shop-domain":"acme.myshopify.com"}"#
                .to_owned(),
            body: serde_json::to_vec(&body).unwrap_or_default(),
            state: ReceivedState::Decided,
        });
    }

    fn mail(&self, o: &Order, b: &mut Batch, name: &Name) {
        b.to.mail += 1;
        b.mail.push(MailRow {
            from_part: self.part,
            to_part: self.part,
            pos: b.to.mail,
            cause: o.last,
            from: name.clone(),
            to: Name::new("acme", "pool", "web"),
            kind: "stock.wanted".to_owned(),
            data: raw(&value!({"lines": lines(o.number)})),
        });
    }

    /// The pool takes in what the batch before mailed and moves the positions of those orders.
    fn pool_turn(&mut self, b: &mut Batch, orders: &[Order]) {
        let prev = self.pool.1;
        let moved: Vec<String> = orders
            .iter()
            .filter(|o| matches!(o.turn, 2 | 8))
            .flat_map(|o| (1..=3).map(move |n| format!("{}A|north", 20_000 + mix(o.number * 3 + n) % SKUS)))
            .collect();
        self.journal(b, 1, prev, &value!({"v": 1, "case": "acme/pool/web", "moved": moved}));
        self.pool = (self.pool.0 + 1, b.to.pos);
        for (n, key) in moved.into_iter().enumerate() {
            let body = value!({"on_hand": 600 - n, "reserved": n, "safety": 2, "seq": b.to.pos});
            let body = serde_json::to_vec(&body).unwrap_or_default();
            b.rows.push(RowChange { case: 1, key, body: Some(body) });
        }
        if b.from.mail > 0 {
            b.taken.push((self.part, b.from.mail));
        }
        b.cases.push(CaseRow {
            id: 1,
            name: Name::new("acme", "pool", "web"),
            ver: self.pool.0,
            last: self.pool.1,
            due: None,
            open: true,
            body: b"{\"v\":1}".to_vec(),
            doc: None,
        });
    }
}

/// What a storefront sends: 3 KB with address, prices and discounts of each line.
fn placed(number: u64, name: &Name) -> Value {
    value!({"id": number, "name": name.value, "email": format!("c{:08x}@example.org", mix(number) >> 32),
        "created_at": "2026-11-14T08:26:00Z", "currency": "GBP", "total_price": "15.30", "tags": "",
        "shipping_address": {"name": format!("A {number}"), "address1": "1 High Street", "city": "Leeds",
                             "zip": "LS1 1AA", "country_code": "GB", "phone": format!("+44{}", mix(number) % 1_000_000_000)},
        "billing_address": {"name": format!("A {number}"), "address1": "1 High Street", "city": "Leeds",
                            "zip": "LS1 1AA", "country_code": "GB"},
        "line_items": lines(number), "tax_lines": [{"title": "VAT", "rate": 0.2, "price": "2.55"}],
        "discount_codes": [], "payment_gateway_names": ["stripe"], "note": null,
        "prices": [{"list": "2.95", "promotion": "AUTUMN", "off": "0.40"}, {"list": "2.95", "promotion": "AUTUMN", "off": "0.40"}]})
}

/// Bytes that a batch brings: bodies and texts, without numbers.
pub fn bytes(b: &Batch) -> usize {
    b.journal.iter().map(|r| r.body.len()).sum::<usize>()
        + b.cases.iter().map(|c| c.body.len() + c.doc.as_ref().map_or(0, Vec::len)).sum::<usize>()
        + b.rows.iter().map(|r| r.key.len() + r.body.as_ref().map_or(0, Vec::len)).sum::<usize>()
        + b.received.iter().map(|r| r.headers.len() + r.key.len() + r.body.len()).sum::<usize>()
        + b.seen.len() * 32
}
