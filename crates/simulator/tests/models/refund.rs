//! A refund whose outcome is unknown: the real flow on the real hub, a credit memo that goes first, a provider that
//! tells of the refund by itself, and every trouble between any two effects.

use crate::check::all;
use crate::kit::{Deed, Frame, PART, SETTLE, Script, World};
use flows::refund::{Phase, State as Refund};
use flows::{Flows, Policy};
use hub::batch::{Batch, Head, MailRow};
use hub::plan::{OpSpec, Plan, Strategy, SystemSpec};
use retail::envelope::{Event, Name, json};
use retail::time::{Span, Time};
use serde_json::json as value;
use store::{Memory, Scan, Scanned, Store};

const CREDIT: &str = "shop-1-C1";
const REFUND: &str = "refund:shop-1-C1";

/// The refund's own partition is looked at; its order stands in another, and asks by mail.
fn asked() -> Memory {
    let mut memory = Memory::new();
    let epoch = memory.claim(1, "first", Time(0), Span(0)).unwrap().epoch;
    let open = value!({
        "credit": CREDIT, "order": "shop-1", "executor": "psp", "payment": "P1", "currency": "GBP", "amount": 200,
        "tender": "card", "lines": [{"line": "1", "quantity": 1, "amount": 200, "tax": 0}],
    });
    let mail = MailRow {
        from_part: 1,
        to_part: PART,
        pos: 1,
        cause: 0,
        from: Name::new("acme", "order", "shop-1"),
        to: Name::new("acme", "refund", CREDIT),
        kind: "refund.open".to_owned(),
        data: json(&open).unwrap(),
    };
    let to = Head { mail: 1, ..Head::default() };
    let batch = Batch { part: 1, epoch, to, mail: vec![mail], ..Batch::default() };
    assert_eq!(memory.commit(&[&batch]), [hub::batch::CommitAnswer::Yes]);
    memory
}

fn frame(strategy: Strategy) -> Frame<Flows> {
    let op = |strategy| OpSpec {
        strategy,
        finds: strategy != Strategy::Name,
        settle: SETTLE,
        ..OpSpec::default()
    };
    let one = |name: &str, strategy| SystemSpec {
        ops: [(name.to_owned(), op(strategy))].into(),
        ..SystemSpec::default()
    };
    let role = |role: &str, at: &str, to: &str| (role.to_owned(), [(at.to_owned(), to.to_owned())].into());
    let report = value!({"refund": "re_1", "credit": CREDIT, "amount": 200, "currency": "GBP"});
    let told = Event {
        kind: "refund.succeeded".to_owned(),
        name: Name::new("acme", "refund", CREDIT),
        occurred: Time(0),
        data: json(&report).unwrap(),
    };
    Frame {
        process: Flows { policy: Policy::simple("uk", &["north"]) },
        plan: Plan {
            routes: [role("erp", "", "erp"), role("payments", "psp", "psp")].into(),
            systems: [
                ("erp".to_owned(), one("post_credit_memo", Strategy::Name)),
                ("psp".to_owned(), one("refund", strategy)),
            ]
            .into(),
            ..Plan::sized()
        },
        script: vec![Script { event: told, after: Some(REFUND) }],
        memory: asked(),
        troubles: 2,
        dies: true,
        takeovers: 0,
        parts: 2,
        holds: nothing_invented,
    }
}

fn refund(memory: &Memory) -> Option<Refund> {
    let rows = memory.reader().unwrap().scan(PART, Scan::Cases { open: false }, 0, 10).unwrap();
    rows.into_iter().find_map(|row| match row {
        Scanned::Case(row) if row.name.kind == "refund" => {
            Some(Refund::decode(&row.body, row.doc.as_deref()).unwrap())
        }
        _ => None,
    })
}

/// How often the order was told that it is paid.
fn told(memory: &Memory) -> usize {
    let mail = memory.reader().unwrap().scan(1, Scan::Mail(PART), 0, 10).unwrap();
    let settled = |row: &&Scanned| matches!(row, Scanned::Mail(row) if row.kind == "refund.settled");
    mail.iter().filter(settled).count()
}

/// What was given back at the provider, as the books have it.
fn booked(memory: &Memory) -> i64 {
    let rows = memory.reader().unwrap().scan(PART, Scan::balances(), 0, 100).unwrap();
    let of_provider = |row: &Scanned| match row {
        Scanned::Balance { account, value, .. } if account.contains("psp") => *value,
        _ => 0,
    };
    rows.iter().map(of_provider).sum()
}

/// The refund counts as paid only when it is, the order is told once, and the money goes out after its memo.
fn nothing_invented(memory: &Memory, deeds: &[Deed]) -> Result<(), String> {
    let paid = deeds.iter().position(|deed| deed.op == "refund");
    let memo = deeds.iter().position(|deed| deed.op == "post_credit_memo");
    if paid.is_some() && (memo.is_none() || memo > paid) {
        return Err(format!("money before its memo: {deeds:?}"));
    }
    let succeeded = refund(memory).is_some_and(|refund| refund.body.phase == Phase::Succeeded);
    if succeeded && paid.is_none() {
        return Err("it counts as paid and is not".to_owned());
    }
    let (told, booked) = (told(memory), booked(memory));
    let once = usize::from(succeeded);
    if told != once || booked.abs() != if succeeded { 200 } else { 0 } {
        return Err(format!("succeeded {succeeded}, told {told} times, {booked} booked"));
    }
    Ok(())
}

fn paid_once(world: &World<Flows>) -> bool {
    world.at_rest() && world.taken() && world.open().is_empty() && world.deeds() == 2
}

const REACHES: [&str; 9] = [
    "commit_failed",
    "unknown_written",
    "unknown_lost",
    "crash",
    "lost_after",
    "lost_before",
    "late",
    "lags",
    "found",
];

#[test]
fn a_refund_with_unknown_outcome_is_paid_once_whatever_key_the_provider_keeps() {
    for (what, keeps) in [("key", Span::days(1)), ("forgotten key", Span::millis(100))] {
        all(&format!("refund, {what}"), frame(Strategy::Key { keeps }), paid_once, &REACHES);
    }
}

#[test]
fn a_refund_with_unknown_outcome_is_paid_once_by_our_reference() {
    all("refund, reference", frame(Strategy::Reference), paid_once, &REACHES);
}
