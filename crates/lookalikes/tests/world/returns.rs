use crate::bench::{Bench, body};
use serde_json::json;

#[test]
fn a_return_is_asked_for_told_and_reported_back() {
    let mut bench = Bench::new();
    let asked = json!({"returns": [{"rma": "C536379", "requested_at": "2011-10-10T09:41:00Z", "customer": "14527",
        "lines": [{"line": "1", "order": "shop-1", "order_line": "10001", "sku": "D", "quantity": 1, "reason": "unwanted",
                   "type": "withdrawal", "claimed_unit_price": "27.50"}]}]});
    bench.lab("/returns/_lab/returns", &asked);
    assert_eq!(bench.call("POST", "/returns/_lab/returns", &asked).0, 409);
    let sent = bench.settle();
    assert_eq!(sent.len(), 1);
    let event = body(&sent[0]);
    assert_eq!(
        (&event["type"], &event["time"]),
        (&json!("return.requested"), &json!("2011-10-10T09:41:00Z"))
    );
    assert_eq!(event["data"], asked["returns"][0]);

    let update = json!({"id": "U1", "rma": "C536379", "status": "refunded", "refunded": {"amount": 2750, "currency": "GBP"},
        "lines": [{"line": "1", "status": "refunded", "quantity": 1}]});
    let first = bench.put("/returns/returns/C536379/updates/U1", &update);
    assert_eq!(first.0, 200);
    assert_eq!(bench.put("/returns/returns/C536379/updates/U1", &update), first);
    let mut odd = update.clone();
    odd["id"] = json!("U2");
    odd["status"] = json!("lost");
    assert_eq!(bench.put("/returns/returns/C536379/updates/U2", &odd).0, 422);
    assert_eq!(bench.put("/returns/returns/NONE/updates/U1", &update).0, 404);
    let rows = bench.ledger("returns");
    assert_eq!(rows.len(), 2);
    assert_eq!(
        (&rows[1]["kind"], &rows[1]["reference"], &rows[1]["amount"]),
        (&json!("refunded"), &json!("C536379"), &json!(2750))
    );
    bench.lab("/returns/_lab/cancellations", &json!({"rma": "C536379", "reason": "kept it"}));
    assert_eq!(body(&bench.settle()[0])["type"], "return.cancelled");
}
