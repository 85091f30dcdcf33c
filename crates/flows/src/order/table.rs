//! Which moves of an order's status are meant.

use crate::transition::{Transition, moves};

/// Every move of an order's status, and upon what. Nothing leaves `completed` and `cancelled`. Where all goods end
/// cancelled and a service is left, the order is `shipped` at once, since that needs no shipping.
pub const TABLE: &[Transition] = moves! {
    "order.submitted" { awaited => submitted reserved fulfilling partly_shipped shipped; }
    "stock.reserved" { submitted => backordered reserved released fulfilling partly_shipped cancelling shipped; }
    "stock.supplied" {
        backordered => reserved released fulfilling;
        reserved => released fulfilling;
        partly_shipped => shipped;
    }
    "create_sales_order.done" { reserved => released fulfilling; shipped => completed; cancelling => cancelled; }
    "stock.withdrawn" { reserved => backordered; }
    "release_order.done" { shipped => completed; cancelling => cancelled; }
    "release_order.refused" {
        released => reserved backordered cancelling shipped;
        fulfilling => reserved backordered cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "order.allocated" {
        released => fulfilling reserved backordered cancelling shipped;
        partly_shipped => shipped;
    }
    "create_fulfilment.done" { shipped => completed; cancelling => cancelled; }
    "create_fulfilment.refused" {
        fulfilling => reserved released backordered partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "shipment.confirmed" { fulfilling => partly_shipped shipped; partly_shipped => shipped; }
    "fulfilment.short" {
        fulfilling => backordered reserved released cancelling shipped;
        partly_shipped => shipped;
    }
    "order.cancel_requested" {
        fulfilling => reserved released backordered partly_shipped cancelling shipped;
        released => partly_shipped;
        backordered => reserved released partly_shipped cancelling shipped;
        reserved => backordered released fulfilling partly_shipped cancelling shipped;
        partly_shipped => shipped;
    }
    "cancel_release.done" {
        released => reserved backordered partly_shipped cancelling shipped;
        fulfilling => released reserved backordered partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_release.refused" {
        fulfilling => backordered reserved released partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_fulfilment.done" {
        fulfilling => backordered reserved released partly_shipped cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_fulfilment.refused" { shipped => completed; cancelling => cancelled; }
    "order.lines_changed" {
        fulfilling => reserved released backordered partly_shipped cancelling shipped;
        released => reserved fulfilling partly_shipped;
        backordered => reserved released fulfilling partly_shipped cancelling shipped;
        reserved => backordered released fulfilling partly_shipped cancelling shipped;
        partly_shipped => shipped;
    }
    "fulfilment.picked_up" { fulfilling => partly_shipped shipped; partly_shipped => shipped; }
    "buy_label.done" {
        fulfilling => reserved released backordered cancelling shipped;
        partly_shipped => shipped;
    }
    "buy_label.refused" {
        fulfilling => reserved released backordered cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "void_label.done" { shipped => completed; cancelling => cancelled; }
    "amend_sales_order.done" { shipped => completed; cancelling => cancelled; }
    "amend_fulfilment.done" { shipped => completed; cancelling => cancelled; }
    "amend_fulfilment.refused" {
        fulfilling => released reserved backordered cancelling shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "report_ready.done" { shipped => completed; cancelling => cancelled; }
    "order.retry_requested" { reserved => released fulfilling; }
    "timer" { reserved => released fulfilling; }
    "post_delivery.done" { shipped => completed; }
    "post_invoice.done" { shipped => completed; }
    "report_shipment.done" { shipped => completed; }
    "report_refund.done" { shipped => completed; }
    "capture.done" { shipped => completed; }
    "payment.captured" { shipped => completed; }
    "void.done" { shipped => completed; cancelling => cancelled; }
    "cancel_sales_order.done" { shipped => completed; cancelling => cancelled; }
    "report_cancellation.done" { shipped => completed; cancelling => cancelled; }
};
