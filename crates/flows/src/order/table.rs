//! Which moves of an order's status are meant.

use crate::transition::{Transition, moves};

/// Every move of an order's status, and upon what. Nothing leaves `completed` and `cancelled`. Where all goods end
/// cancelled and a service is left, the order is `shipped` at once, since that needs no shipping.
pub const TABLE: &[Transition] = moves! {
    "order.submitted" { awaited => submitted reserved fulfilling partly_shipped on_hold shipped; }
    "exchange.open" { awaited => submitted reserved fulfilling partly_shipped on_hold shipped; }
    "stock.reserved" {
        submitted => on_hold backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "stock.supplied" {
        backordered => reserved released fulfilling;
        reserved => released fulfilling;
        partly_shipped => shipped;
    }
    "create_sales_order.done" { reserved => released fulfilling; shipped => completed; cancelling => cancelled; }
    "stock.withdrawn" { reserved => backordered; }
    "release_order.done" { shipped => completed; cancelling => cancelled; }
    "release_order.refused" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        released => reserved backordered cancelling shipped;
        fulfilling => reserved backordered cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "order.allocated" {
        on_hold => cancelling shipped;
        released => fulfilling reserved backordered cancelling shipped;
        partly_shipped => shipped;
    }
    "create_fulfilment.done" { on_hold => cancelling shipped; shipped => completed; cancelling => cancelled; }
    "create_fulfilment.refused" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        fulfilling => reserved released backordered partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "shipment.confirmed" {
        fulfilling => partly_shipped shipped;
        partly_shipped => shipped;
        on_hold => shipped;
    }
    "fulfilment.short" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        fulfilling => backordered reserved released cancelling shipped;
        partly_shipped => shipped;
    }
    "order.cancel_requested" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        fulfilling => reserved released backordered partly_shipped cancelling shipped;
        released => partly_shipped;
        backordered => reserved released partly_shipped cancelling shipped;
        reserved => backordered released fulfilling partly_shipped cancelling shipped;
        partly_shipped => shipped;
    }
    "cancel_release.done" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        released => reserved backordered partly_shipped cancelling shipped;
        fulfilling => released reserved backordered partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_release.refused" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        fulfilling => backordered reserved released partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_fulfilment.done" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        fulfilling => backordered reserved released partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_fulfilment.refused" { on_hold => cancelling shipped; shipped => completed; cancelling => cancelled; }
    "order.lines_changed" {
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
        partly_shipped => on_hold;
        fulfilling => on_hold reserved released backordered partly_shipped cancelling shipped;
        released => on_hold reserved fulfilling partly_shipped;
        backordered => on_hold reserved released fulfilling partly_shipped cancelling shipped;
        reserved => on_hold backordered released fulfilling partly_shipped cancelling shipped;
        partly_shipped => shipped;
    }
    "fulfilment.picked_up" { on_hold => shipped; fulfilling => partly_shipped shipped; partly_shipped => shipped; }
    "buy_label.done" {
        on_hold => cancelling shipped;
        fulfilling => reserved released backordered cancelling shipped;
        partly_shipped => shipped;
    }
    "buy_label.refused" {
        on_hold => cancelling shipped;
        fulfilling => reserved released backordered cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "void_label.done" { shipped => completed; cancelling => cancelled; }
    "amend_sales_order.done" { shipped => completed; cancelling => cancelled; }
    "amend_fulfilment.done" { shipped => completed; cancelling => cancelled; }
    "amend_fulfilment.refused" {
        on_hold => cancelling shipped;
        fulfilling => released reserved backordered cancelling shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "report_ready.done" { shipped => completed; cancelling => cancelled; }
    "order.retry_requested" { reserved => released fulfilling; }
    "timer" {
        backordered => on_hold fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "commit_tax.done" { shipped => completed; }
    "post_delivery.done" { shipped => completed; }
    "post_invoice.done" { shipped => completed; }
    "report_shipment.done" { shipped => completed; }
    "report_refund.done" { shipped => completed; }
    "refund_tax.done" { shipped => completed; }
    "capture.done" { shipped => completed; }
    "payment.captured" { shipped => completed; }
    "void.done" { shipped => completed; cancelling => cancelled; }
    "cancel_sales_order.done" { shipped => completed; cancelling => cancelled; }
    "report_cancellation.done" { shipped => completed; cancelling => cancelled; }
    // A check, a person or a payment holds it, lets it go on, or ends it.
    "check_customer.done" {
        backordered => on_hold cancelling fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped cancelling shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold shipped;
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "check_customer.refused" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "check_promotions.done" {
        backordered => on_hold cancelling fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped cancelling shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold shipped;
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "check_promotions.refused" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "quote_tax.done" {
        backordered => on_hold cancelling fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped cancelling shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold shipped;
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "quote_tax.refused" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "screen_order.done" {
        backordered => on_hold cancelling fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped cancelling shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold shipped;
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "screen_order.refused" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "check_payment.done" {
        backordered => on_hold cancelling fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped cancelling shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold shipped;
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "check_payment.refused" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "order.screened" {
        backordered => on_hold cancelling fulfilling partly_shipped;
        reserved => on_hold released fulfilling partly_shipped cancelling shipped;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold shipped;
        on_hold => backordered reserved released fulfilling partly_shipped cancelling shipped;
    }
    "order.hold_requested" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "order.hold_lifted" {
        backordered => fulfilling partly_shipped;
        reserved => released fulfilling partly_shipped shipped;
        on_hold => backordered reserved released fulfilling partly_shipped shipped;
    }
    "payment.authorised" {
        backordered => fulfilling partly_shipped;
        reserved => released fulfilling partly_shipped shipped;
        on_hold => backordered reserved released fulfilling partly_shipped shipped;
    }
    "payment.authorisation_expired" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "reauthorise.done" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
        on_hold => backordered reserved released fulfilling partly_shipped shipped;
    }
    "reauthorise.refused" {
        shipped => completed;
        cancelling => cancelled;
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
    }
    "exchange.unfunded" {
        backordered => on_hold;
        reserved => on_hold;
        released => on_hold;
        fulfilling => on_hold;
        partly_shipped => on_hold;
        shipped => completed;
        cancelling => cancelled;
    }
    "exchange.funded" { shipped => completed; cancelling => cancelled; }
};
