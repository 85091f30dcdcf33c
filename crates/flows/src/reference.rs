//! What each process takes and orders, as the pages in `docs/flows/` show it. The decisions do not look here; the
//! tests hold what they do against it.

use crate::transition::Transition;

/// One business process.
#[derive(Clone, Copy, Debug)]
pub struct Process {
    /// What its cases are called: `order`, `return`, `refund`, `pool`, `difference`.
    pub kind: &'static str,
    pub title: &'static str,
    /// What it is for, in a few sentences.
    pub about: &'static str,
    /// What its status is read off.
    pub status: &'static str,
    /// Which status may follow which.
    pub table: &'static [Transition],
    /// What others report to it, with what it makes of it.
    pub events: &'static [(&'static str, &'static str)],
    /// What other cases tell it: message, from, what it makes of it.
    pub mail: &'static [(&'static str, &'static str, &'static str)],
    pub commands: &'static [Ordered],
}

/// A command that a process orders.
#[derive(Clone, Copy, Debug)]
pub struct Ordered {
    /// Who plays its part: a role of the estate.
    pub role: &'static str,
    pub op: &'static str,
    pub why: &'static str,
}

const fn to(role: &'static str, op: &'static str, why: &'static str) -> Ordered {
    Ordered { role, op, why }
}

/// All processes.
pub const PROCESSES: &[Process] = &[ORDER, RETURN, REFUND, POOL, DIFFERENCE];

/// The process of a kind of case.
#[must_use]
pub fn process(kind: &str) -> Option<&'static Process> {
    PROCESSES.iter().find(|p| p.kind == kind)
}

const ORDER: Process = Process {
    kind: "order",
    title: "Order",
    about: "From the storefront's order to the last unit shipped, invoiced and paid, or cancelled. The order alone \
            says what may be given back, and grants it.",
    status: "the counters of its lines and the documents that are through",
    table: crate::order::TABLE,
    events: &[
        ("order.submitted", "opens the order; a second one that differs is shown to a person"),
        ("order.allocated", "the order management has said which place ships what"),
        ("order.cancel_requested", "stops what has not left; all of it where no lines are named"),
        ("order.retry_requested", "a person has mended a cause: what was refused is offered again"),
        ("order.hold_requested", "holds it: nothing more is released, and what was released is recalled"),
        ("order.hold_lifted", "lifts a hold; it goes on when none is left"),
        ("order.screened", "a screening's verdict, asked for or not"),
        ("payment.authorised", "adds a tender, or renews one"),
        (
            "payment.authorisation_expired",
            "a tender cannot be captured any more: renewed, or held, by policy",
        ),
        ("order.lines_changed", "adds lines, raises or lowers quantities, before and after the hand-over"),
        ("order.address_changed", "sends what has not left to another address"),
        ("fulfilment.ready", "goods wait at a store to be collected"),
        ("fulfilment.picked_up", "they were collected: shipped and delivered"),
        ("parcel.tracked", "the carrier's word on a parcel: delivered, lost, damaged, sent back"),
        ("shipment.confirmed", "units have left: they are invoiced and the money is taken"),
        ("shipment.delivered", "the carrier has handed a shipment over"),
        ("fulfilment.short", "a place could not find units: the pool sources them elsewhere"),
        ("payment.captured", "money was taken by its executor"),
        ("payment.refunded_elsewhere", "somebody else gave money back; a credit where it says what for"),
        ("credit.requested", "a named person asks for a credit without a return"),
        ("credit.approved", "a second person approves it; or has the rest paid that a refund elsewhere left"),
        ("credit.declined", "a second person declines it; or has that rest kept"),
        ("credit.settled_by_dispute", "a person says that a lost dispute has paid a credit"),
        ("dispute.opened", "a customer disputes a payment: nothing is refunded on it"),
        ("dispute.closed", "won: refunds are possible again; lost: it counts as given back"),
    ],
    mail: &[
        ("stock.reserved", "pool", "the definite answer to the order's demand"),
        ("stock.supplied", "pool", "units that waited are reserved now"),
        ("stock.promised", "pool", "the day on which supply for units that wait is expected"),
        ("stock.withdrawn", "pool", "reserved units are not there: what is not passed on waits again"),
        ("return.check", "return", "says how much may come back, and holds it for the return"),
        ("credit.request", "return", "grants a credit for units that it holds for the return"),
        ("return.release", "return", "gives up what was held for the return"),
        ("refund.settled", "refund", "a credit is paid"),
        ("refund.failed", "refund", "a credit is not paid, or its money came back"),
        (
            "refund.onward",
            "refund",
            "an exchange order owes back what was carried to it; it is paid by the tenders here",
        ),
        ("exchange.open", "return", "opens the order that goods are exchanged by"),
        ("exchange.funded", "return", "the goods that were exchanged in advance have come, and pay for it"),
        ("exchange.unfunded", "return", "they never came, or were rejected: the customer's own tender pays"),
    ],
    commands: &[
        to("customers", "check_customer", "the order is placed, and policy asks"),
        to("promotions", "check_promotions", "the order is placed with a discount, and policy asks"),
        to("tax", "quote_tax", "the order is placed, and policy asks"),
        to("fraud", "screen_order", "the order is placed, and policy asks"),
        to("payments", "check_payment", "the order is placed, and policy asks"),
        to("erp", "create_sales_order", "the order is reserved, or its shortage known"),
        to("erp", "cancel_sales_order", "units will not be shipped"),
        to("erp", "amend_sales_order", "lines were added, or the address was changed, after it was written"),
        to("oms", "release_order", "reserved units may go"),
        to("oms", "cancel_release", "released units were cancelled before their allocation"),
        to("wms", "create_fulfilment", "a place is to pick, pack and ship"),
        to("wms", "cancel_fulfilment", "units at a place were cancelled"),
        to("wms", "amend_fulfilment", "the address was changed while a place is at work"),
        to("carrier", "buy_label", "by policy, before a place is to ship"),
        to("carrier", "void_label", "nothing leaves with a label that was bought"),
        to("erp", "post_delivery", "goods have left"),
        to("erp", "post_invoice", "goods have left, or a service was rendered"),
        to("storefront", "report_ready", "goods wait to be collected"),
        to("storefront", "report_shipment", "the customer is to hear of it"),
        to("storefront", "report_cancellation", "the customer is to hear of it"),
        to("storefront", "report_refund", "the customer is to hear of it; no money is moved by it"),
        to("tax", "refund_tax", "tax was given back with a credit"),
        to("payments", "capture", "goods have left: by policy per shipment or once"),
        to("payments", "void", "nothing will be shipped against an authorisation"),
        to("notifications", "notify_customer", "a fact is a milestone that customers are told of"),
        to("service", "note_case", "an exception touches a customer, and when it is over"),
        to("payments", "reauthorise", "an authorisation is about to expire, or was captured in part"),
        to("tax", "commit_tax", "an invoice is posted, and a system keeps tax"),
    ],
};

const RETURN: Process = Process {
    kind: "return",
    title: "Return",
    about: "From the wish to send something back to goods disposed of and credit paid. It runs on its own evidence, \
            and asks the order for what may be given back.",
    status: "what was approved, received, inspected, credited and paid of its lines; shown is the customer's status, \
             warehouse and finance have their own",
    table: crate::returns::TABLE,
    events: &[
        ("return.requested", "opens the return; one that goods opened by themselves learns whose it is"),
        (
            "return.received",
            "a place has received goods; what nobody announces in time opens a return of its own",
        ),
        ("return.inspected", "a place has looked at them: accepted and rejected, with a grade"),
        ("return.cancelled", "the customer keeps the goods"),
        ("return.matched", "a person has found the sale of a line, or that there is none"),
        ("return.lost", "the parcel will not come"),
        ("parcel.tracked", "the carrier says where the parcel is"),
        ("return.disposition_decided", "a person has said where units go that were set apart"),
        (
            "return.refurbished",
            "units are refurbished: a repair goes back to the customer, the rest where policy says",
        ),
        ("return.retry_requested", "a person has mended a cause: what was refused is offered again"),
    ],
    mail: &[
        ("return.open", "order", "a parcel was refused, or could not be delivered: opens the return"),
        ("return.received", "return", "a parcel of another return brought goods of this one"),
        ("return.inspected", "return", "they were looked at with the other's"),
        ("return.checked", "order", "what of the lines may come back"),
        ("credit.granted", "order", "what the order gives back, line by line"),
        ("credit.settled", "order", "the credit is paid"),
        ("credit.failed", "order", "the credit is not paid, or its money came back"),
    ],
    commands: &[
        to("erp", "create_return_order", "the return is authorised; one per currency"),
        to("erp", "find_sale", "nobody named the order of a line, and policy has the ERP asked"),
        to("wms", "expect_return", "a place is to expect goods"),
        to("carrier", "buy_return_label", "goods are to come, and policy has the hub buy labels"),
        to("wms", "dispose", "it is decided where units go"),
        to("erp", "post_return_receipt", "units were received and disposed of"),
        to("returns", "update_return", "the customer is to hear how it stands"),
        to("storefront", "update_return", "the same, of a return that was asked for at a storefront"),
        to("notifications", "notify_customer", "a fact is a milestone that customers are told of"),
        to("service", "note_case", "an exception touches a customer, and when it is over"),
    ],
};

const REFUND: Process = Process {
    kind: "refund",
    title: "Refund",
    about: "One credit paid back on one tender, by the one executor that took the money. Asked once, under one key; \
            a second key only after a proven failure.",
    status: "the executor's word, by answer, report or look-up",
    table: crate::refund::TABLE,
    events: &[
        ("refund.succeeded", "the executor has paid"),
        ("refund.pending", "the executor has taken it and not settled it"),
        ("refund.failed", "the executor has not paid, or its payment came back"),
        ("refund.retry_requested", "a person has mended a cause: it is asked again, under the next key"),
    ],
    mail: &[
        ("refund.open", "order", "opens the refund"),
        ("refund.settled", "order", "the order that an exchange's value came from has paid"),
        ("refund.failed", "order", "that order could not pay, or its payment came back"),
    ],
    commands: &[
        to("erp", "post_credit_memo", "before any money goes; on the first tender's refund only"),
        to("payments", "refund", "the memo is posted"),
        to("notifications", "notify_customer", "store credit was issued"),
        to("service", "note_case", "an exception touches a customer, and when it is over"),
        to("payments", "issue_store_credit", "the memo is posted, and the customer takes store credit"),
        to(
            "erp",
            "reverse_credit_memo",
            "it failed after it had succeeded, where policy wants the memo undone",
        ),
    ],
};

const POOL: Process = Process {
    kind: "pool",
    title: "Stock pool",
    about: "The places that serve a channel, decided together, so that a unit is promised once. An order sends its \
            whole demand in one message and gets one definite answer; what is short waits in order of arrival.",
    status: "its reservations; a pool itself is always open, and shown is what becomes of a unit that an order wants",
    table: crate::stock::TABLE,
    events: &[
        ("stock.received", "supply came in at a place"),
        ("stock.counted", "what a place had at an instant"),
        ("stock.adjusted", "units were found, lost, broken or stolen"),
        ("stock.hold_requested", "a checkout wants units kept for a buyer until a time: answered at once"),
        ("stock.hold_released", "the buyer has gone: what was held is free"),
        ("stock.transfer_shipped", "units left a place for another: they are in transit"),
        ("stock.transfer_received", "units in transit arrived"),
        ("stock.transfer_lost", "what has not arrived never will"),
        ("stock.expected", "what a supply will bring, and when: waiting demand is promised it"),
        ("stock.shown", "what a storefront shows: put right where somebody else changed it, a few times"),
    ],
    mail: &[
        ("stock.reserve", "order", "an order's whole demand of goods"),
        ("stock.reserve_more", "order", "what a change added to an order"),
        ("stock.ship", "order", "units have left"),
        ("stock.release", "order", "the order gives up reservations and waiting demand"),
        (
            "stock.given_up",
            "order",
            "the order gives up reservations that nothing stands behind, and wants others",
        ),
        ("stock.missing", "order", "a place could not find reserved units"),
        ("stock.returned", "return", "units were put back on sale"),
        (
            "stock.shelf_touched",
            "order",
            "a storefront that keeps stock by place has booked a shipment by itself",
        ),
        (
            "stock.shelf_touched",
            "return",
            "a storefront that keeps stock by place has booked a return by itself",
        ),
    ],
    commands: &[to("storefront", "publish_stock", "availability has changed")],
};

const DIFFERENCE: Process = Process {
    kind: "difference",
    title: "Difference",
    about: "One thing about which the hub's books and a system's own list say different things, as \
            `crossdock reconcile --raise` found it. It is shown to a person once, and closed when a later comparison \
            finds that both agree.",
    status: "the last comparison",
    table: crate::difference::TABLE,
    events: &[
        ("difference.found", "a comparison found it; the same again changes nothing"),
        ("difference.gone", "a later comparison found both sides agreed"),
    ],
    mail: &[],
    commands: &[],
};
