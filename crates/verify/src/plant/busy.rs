//! The small trade while something is under way.

use super::book::Turn;
use super::story;
use crate::Evidence;
use serde_json::json;

/// The sample, and an order more: its sales order is asked for and not answered, its stock asked for and not reserved.
#[must_use]
pub fn busy() -> Evidence {
    let mut b = story::told();
    let order = "shop-9";
    let head = json!({"reference": order, "order": order, "amount": 500, "currency": "GBP", "quantity": 1});
    b.ledger("shop", "order_placed", head.clone());
    b.ledger("stripe", "authorised", head);
    let line = json!({"line": "1", "sku": "A", "kind": "goods", "quantity": 1, "amount": 500, "tax": 50});
    let data = json!({"order": order, "lines": [line], "total": 500, "currency": "GBP"});
    let (mail, ordered) = b.event(
        ("order", order),
        "order.submitted",
        &data,
        Turn {
            messages: vec![(
                "pool",
                "main".to_owned(),
                "stock.reserve",
                json!({"order": order, "lines": [line]}),
            )],
            commands: vec![(
                "erp",
                "create_sales_order",
                order.to_owned(),
                json!({"id": order, "lines": [line], "total": 500}),
            )],
            entries: vec![(
                "order_booked",
                vec![("orders.open", "GBP", 500), ("orders.booked", "GBP", -500)],
            )],
            open: true,
            ..Turn::default()
        },
    );
    for command in ordered {
        b.evidence.outbox.push((0, command.number, format!("create_sales_order:{order}")));
    }
    b.evidence.mail.extend(mail.iter().map(|letter| (0, letter.number)));
    b.close()
}
