//! Which moves of an order's status are meant.

use crate::transition::{Transition, moves};

/// Every move of an order's status, and upon what. Nothing leaves `completed` and `cancelled`. Where all goods end
/// cancelled and a service is left, the order is `shipped` at once, since that needs no shipping.
pub const TABLE: &[Transition] = moves! {
    "order.submitted" { awaited => submitted shipped; }
    "stock.reserved" { submitted => backordered reserved released cancelling shipped; }
    "stock.supplied" { backordered => reserved released; reserved => released; partly_shipped => shipped; }
    "stock.withdrawn" { reserved => backordered; }
    "create_sales_order.done" { reserved => released; shipped => completed; cancelling => cancelled; }
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
        fulfilling => reserved released backordered cancelling shipped;
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
        backordered => reserved released cancelling shipped;
        reserved => backordered released cancelling shipped;
        partly_shipped => shipped;
    }
    "cancel_release.done" {
        released => reserved backordered cancelling shipped;
        fulfilling => released reserved backordered cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_release.refused" {
        fulfilling => backordered reserved released cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_fulfilment.done" {
        fulfilling => backordered reserved released cancelling shipped;
        partly_shipped => shipped;
        shipped => completed;
        cancelling => cancelled;
    }
    "cancel_fulfilment.refused" { shipped => completed; cancelling => cancelled; }
    "order.retry_requested" { reserved => released; }
    "timer" { reserved => released; }
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
