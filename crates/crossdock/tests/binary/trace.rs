//! Any business id leads to the whole journey.

use super::common::on;
use super::common::trade::sixty;
use serde_json::Value;
use std::path::Path;
use store::{Reader as _, Scan, Scanned, Sqlite};

/// All steps of a journey, as JSON, the tree flattened.
fn steps(journey: &Value) -> Vec<&Value> {
    let mut all = Vec::new();
    let mut open: Vec<&Value> = journey["steps"].as_array().unwrap().iter().collect();
    while let Some(step) = open.pop() {
        open.extend(step["then"].as_array().unwrap());
        all.push(step);
    }
    all
}

/// A member of the first fact of a type in a journey.
fn fact(journey: &Value, kind: &str, member: &str) -> String {
    let facts = steps(journey).into_iter().flat_map(|step| step["facts"].as_array().unwrap());
    let found = facts.filter(|fact| fact[0] == kind).find_map(|fact| fact[1][member].as_str());
    found.unwrap_or_else(|| panic!("no fact {kind} says {member}")).to_owned()
}

/// The first return in the store.
fn a_return(data: &Path) -> String {
    let mut reader = Sqlite::open_reader(data).unwrap();
    let cases = reader.scan(0, Scan::Cases { open: false }, 0, 10_000).unwrap();
    let mut returns = cases.into_iter().filter_map(|row| match row {
        Scanned::Case(case) if case.name.kind == "return" => Some(case.name.value),
        _ => None,
    });
    returns.next().unwrap()
}

#[test]
fn every_id_of_an_order_and_its_return_leads_to_the_journey() {
    let data = &sixty().data;
    let rma = a_return(data);
    let journey = on(data, &["trace", &rma, "--json"]);
    assert_eq!(journey.code, 0, "{journey:?}");
    let journey = journey.json();
    let case = |kind: &str| {
        let cases = journey["cases"].as_array().unwrap().iter().filter_map(Value::as_str);
        let mut of = cases.filter_map(|case| case.strip_prefix(kind)?.strip_prefix('/'));
        of.next().unwrap_or_else(|| panic!("no {kind} in {}", journey["cases"])).to_owned()
    };
    let (order, credit) = (case("order"), case("refund"));
    let shipment = fact(&journey, "order.shipped", "shipment");
    let payment = fact(&journey, "payment.captured", "payment");
    assert!(payment.starts_with("pi_") && credit.starts_with(&order), "{payment} {credit}");
    let whole = steps(&journey).len();
    for key in [&order, &rma, &credit, &shipment, &payment] {
        let ran = on(data, &["trace", key, "--json"]);
        assert_eq!(ran.code, 0, "{key}: {ran:?}");
        let found = ran.json();
        assert_eq!(
            (&found["key"], &found["cases"]),
            (&Value::from(key.as_str()), &journey["cases"]),
            "{key}"
        );
        assert_eq!(steps(&found).len(), whole, "{key} shows another part of the journey");

        let text = on(data, &["trace", key]);
        assert_eq!(text.code, 0);
        for said in ["event order.submitted", "capture done", "event return.requested", "refund done", "└─ "]
        {
            assert!(text.out.contains(said), "{key}: {said:?} is not in\n{}", text.out);
        }
    }
    // What follows stands below what caused it, and not before it.
    for step in steps(&journey) {
        for next in step["then"].as_array().unwrap() {
            assert!(next["at"].as_str().unwrap() >= "2000", "{next}");
            assert!(next["pos"].as_u64() > step["pos"].as_u64(), "{next} follows from {step}");
        }
    }
}

#[test]
fn nonsense_leads_nowhere() {
    let data = &sixty().data;
    for nonsense in ["nonsense", "", "shop-", "%", "'; DROP TABLE cases; --", "\u{1F4E6}"] {
        let ran = on(data, &["trace", nonsense]);
        assert_eq!(ran.code, 1, "{nonsense:?}: {ran:?}");
        assert!(ran.out.contains("nothing here is or mentions"), "{ran:?}");
        let json = on(data, &["trace", nonsense, "--json"]);
        assert_eq!((json.code, &json.json()["steps"]), (1, &Value::Array(Vec::new())), "{nonsense:?}");
    }
    let nowhere = on(Path::new("/nowhere"), &["trace", "shop-1"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("--data"), "{nowhere:?}");
}

#[test]
fn a_word_of_the_journal_s_own_is_no_business_id() {
    for word in ["quantity", "facts", "amount"] {
        let ran = on(&sixty().data, &["trace", word, "--json"]);
        assert_eq!(ran.code, 1, "{word} shows {}", ran.json()["cases"]);
    }
}
