//! Stored shapes: small, strict, versioned.

use crate::harness::samples::goods;
use crate::harness::{World, name};
use flows::{order, refund, returns};

fn mean_order() -> World {
    let skus: Vec<String> = (0..24).map(|i| format!("{}A", 85_000 + i)).collect();
    let stock: Vec<(&str, i64)> = skus.iter().map(|s| (s.as_str(), 100)).collect();
    let mut w = World::stocked(&stock);
    let lines: Vec<_> = (0..24).map(|i| goods(&(i + 1).to_string(), &skus[i], 6, 1_530)).collect();
    w.submit("536365", &lines);
    w
}

/// Bytes matter: an order of 24 lines is rewritten about ten times.
#[test]
fn an_order_of_24_lines_is_small() {
    let mut w = mean_order();
    let on = name("order", "shop-536365");
    let mut written = 0;
    let mut turns = 0;
    let mut most = 0;
    loop {
        let stored = &w.cases[&on];
        if stored.turns > turns {
            turns = stored.turns;
            written += stored.body.len();
            most = most.max(stored.body.len());
        }
        if w.choices() == 0 {
            let Some(id) = w.systems.working.keys().next().cloned() else { break };
            w.ship(&id);
            continue;
        }
        w.happen(0);
    }
    assert_eq!(w.status("order", "shop-536365"), "completed");
    let stored = &w.cases[&on];
    assert!(stored.body.len() < 450, "{}: {}", stored.body.len(), String::from_utf8_lossy(&stored.body));
    assert!(most < 1_300, "the largest body has {most} bytes");
    assert!(written < 9_000, "{turns} turns write {written} bytes");
    assert!(turns <= 12, "{turns} turns");
}

#[test]
fn what_this_version_does_not_know_is_refused() {
    let w = mean_order();
    let stored = &w.cases[&name("order", "shop-536365")];
    let body = String::from_utf8(stored.body.clone()).unwrap();
    let doc = stored.doc.as_deref();
    assert!(order::State::decode(body.as_bytes(), doc).is_ok());
    for (bad, why) in [
        (body.replacen("\"v\":1", "\"v\":2", 1), "version 2 is later"),
        (body.replacen("\"v\":1", "\"v\":1,\"new\":1", 1), "unknown field"),
        (body[..body.len() - 1].to_owned(), "EOF"),
    ] {
        let fault = order::State::decode(bad.as_bytes(), doc).unwrap_err();
        assert_eq!(fault.code, "bad_state");
        assert!(fault.why.contains(why), "{}", fault.why);
    }
    assert_eq!(order::State::decode(body.as_bytes(), None).unwrap_err().code, "bad_state");
    assert_eq!(returns::State::decode(br#"{"v":9}"#, None).unwrap_err().code, "bad_state");
    assert_eq!(refund::State::decode(br#"{"v":1,"s":"a"}"#, None).unwrap_err().code, "bad_state");
}

/// An order between placed and released, with all that may stand there, as version 1 stores it.
#[test]
fn a_recorded_order_with_checks_holds_and_renewals_reads() {
    let doc = br#"{"v":1,"s":"shop","i":"1","n":"1","p":"2011-01-10T08:00:00Z","c":"GBP","to":{"country":"GB"},"eh":"5f4d","pr":{"currency":"EUR","total":234},"xr":{"rma":"RMA-1","order":"shop-0"},"l":[{"i":"1","s":"A","q":2,"p":"1.00","a":200,"c":[{"kind":"list","amount":230},{"kind":"discount","amount":-30,"promotion":"summer","qualifies":["1"]},{"kind":"tax","amount":9,"jurisdiction":"US-NY","rate":"0.045","liable":"marketplace"}]}],"t":[{"i":"t1","e":"stripe","p":"pi_1","a":200,"c":50,"x":"2011-01-17T08:00:00Z"}]}"#;
    let body = br#"{"v":1,"b":1294650000000,"l":[[0,0,0,0]],"w":["north"],"a":true,"o":"d","r":[[0,0,2]],"t":[[50,50,0,0,[]],[0,0,0,0,[]]],"ck":{"fraud":{"s":"a","d":1294660000000},"payment.1":{"s":"f"}},"hd":{"address":{"r":"no such street","b":"Ann","t":1294650000000}},"au":{"0":{"a":220,"e":1295650000000,"x":true,"l":true,"w":true,"n":[150]}},"tm":[{"i":"t1~","e":"stripe","p":"pi_2","a":150}],"iv":[[[0,0,1]]],"fd":true}"#;
    let state = order::State::decode(body, Some(doc)).unwrap();
    assert_eq!(order::status(&state).code(), "on_hold");
    assert_eq!(state.doc.as_deref().unwrap().tenders.len(), 2, "a later tender follows those of checkout");
    assert_eq!(String::from_utf8(state.encode().unwrap()).unwrap(), String::from_utf8_lossy(body));
    assert_eq!(
        String::from_utf8(state.encode_doc().unwrap().unwrap()).unwrap(),
        String::from_utf8_lossy(doc)
    );
}

/// A stored order of version 1, kept so that a later version must still read it or say how it is upgraded.
#[test]
fn a_recorded_order_reads() {
    let doc = br#"{"v":1,"s":"shop","i":"1","n":"1","p":"2011-01-10T08:00:00Z","c":"GBP","l":[{"i":"1","s":"A","q":2,"p":"1.00","a":200}],"t":[{"i":"t1","e":"stripe","p":"pi_1","a":200}]}"#;
    let body = br#"{"v":1,"b":1294650000000,"l":[[0,1,1,1]],"w":["north"],"a":true,"o":"d","R":[["e",[]]],"F":[[0,0,"o",[[0,0,1]],true]],"S":[{"i":"s1","w":0,"t":1294650000000}],"t":[[0,0,0,0,[]]],"C":[{"r":"RMA-1","i":"1","a":100,"x":0,"l":[["1",0,0,1]],"s":"h"}]}"#;
    let state = order::State::decode(body, Some(doc)).unwrap();
    assert_eq!(order::status(&state).code(), "partly_shipped");
    assert_eq!(state.encode().unwrap(), body);
    assert_eq!(state.encode_doc().unwrap().unwrap(), doc);
}
