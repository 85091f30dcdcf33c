//! Every exception that a process raises: whose it is, when it comes, and what is to be done. What [`Out::raise`]
//! says must stand here; the tests hold each exception that is raised against its row, and the pages in
//! `docs/flows/` show them.
//!
//! [`Out::raise`]: crate::out::Out::raise

/// One exception of one process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Exception {
    /// `order`, `return`, `refund`, `pool`, `difference`.
    pub process: &'static str,
    pub code: &'static str,
    /// The role that it belongs to.
    pub owner: &'static str,
    /// What has happened, for people.
    pub when: &'static str,
    /// What its owner is told to do.
    pub next_step: &'static str,
}

/// What is to be done about a command that a system refused.
pub(crate) const MEND: &str = "mend the cause in the system that refused, then request a retry";

/// What is to be done about a message or a note that was refused: nothing waits for it.
pub(crate) const TELL: &str =
    "tell them by hand and mend the cause over there, then request a retry of the case, which closes this";

/// What is to be done about a difference between the books and a system: the cause says how.
pub(crate) const COMPARE: &str = "do what the cause names as next; the next `crossdock reconcile --raise` that finds both sides agreed closes this";

macro_rules! rows {
    ($($process:literal { $($owner:ident $code:literal: $when:literal => $next:expr;)+ })+) => {
        &[$($(Exception {
            process: $process,
            code: $code,
            owner: stringify!($owner),
            when: $when,
            next_step: $next,
        },)+)+]
    };
}

/// All of them.
pub const EXCEPTIONS: &[Exception] = rows! {
    "order" {
        integration "order_not_submitted": "events came for an order that was never submitted"
            => "have the storefront send the order again; what waits is taken in after it";
        integration "early_event_refused": "an event that came before its order does not fit it"
            => "compare the order with its sender and report the event again once it is right";
        customer_service "order_changed": "the storefront submitted the order again with other contents"
            => "cancel the lines that changed and have the customer order them anew, or, once it has shipped, settle the difference by a return or a new order";
        operations "order_overdue": "the order is not finished by its deadline"
            => "find supply or cancel what waits; see its commands";
        operations "release_refused": "the order management or a warehouse refused units, more often than it is offered them again"
            => "find out why, then request a retry of the order or cancel the lines";
        operations "recall_refused": "a cancellation of released units was refused for another reason than that it came too late"
            => "ask the warehouse or the order management whether the units can still be stopped";
        operations "short_beyond_fulfilment": "a place reported more units short than its fulfilment order held"
            => "compare the fulfilment order with the warehouse and count the place";
        operations "overshipped": "a shipment carried more units than were released"
            => "ask the customer to keep or send back the surplus, and count the place";
        customer_service "change_conflicts": "a change of lines or address came too late for some of it"
            => "settle what is left with the customer, by a return, a new order or the carrier; the rest was done";
        operations "vendor_short": "a vendor cannot ship what it was to drop-ship"
            => "ask the vendor for a date and request a retry of the order then, or cancel the lines";
        customer_service "not_collected": "nobody has collected goods that wait at a store"
            => "have the store put the goods back once their cancellation is through; what was sold already comes back by a return";
        customer_service "parcel_lost": "the carrier lost a parcel"
            => "claim it from the carrier, and send the goods again or request a credit (lost_parcel) for them";
        customer_service "parcel_damaged": "the carrier damaged a parcel"
            => "claim it from the carrier, and agree with the customer on a return or a credit";
        operations "label_refused": "the carrier sold no label, or would not take one back" => MEND;
        finance "sales_amendment_refused": "the ERP refused lines or an address that were changed later" => MEND;
        finance "capture_failed": "a capture was refused"
            => "settle it with the customer or have it authorised again, then request a retry of the order";
        finance "capture_differs": "another amount was captured than was asked"
            => "compare the payment at its provider with the order's invoices";
        finance "capture_short": "less was captured than was sold, and nothing more can be"
            => "settle the rest with the customer; the executor's report of the payment closes this";
        finance "captured_without_sale": "more was captured than was sold"
            => "have the executor give the surplus back";
        operations "held_by_request": "somebody wants the order held"
            => "find out what it waits for, then lift the hold or cancel the order";
        customer_service "held_for_customer": "the customer is blocked, or was not checked in time"
            => "settle it with the customer, then lift the hold or cancel the order";
        commerce "held_for_promotions": "a discount does not stand, or was not checked in time"
            => "compare the discounts with the promotion, then lift the hold or cancel the order";
        finance "held_for_tax": "another tax is quoted than was charged, or none in time"
            => "find out which tax is right; lift the hold to charge what was placed, or cancel the order";
        operations "held_for_fraud": "a screening wants the order reviewed or declined it, or came to no verdict in time"
            => "review the order; lift the hold to let it go on, or cancel it";
        customer_service "held_for_payment_due": "the order's tenders do not cover it"
            => "have the customer pay the rest; the report of the payment lifts the hold";
        finance "held_for_payment": "a payment does not stand, was not checked in time, or is about to expire"
            => "have the payment authorised again; the report of it lifts the hold";
        operations "screened_after_shipment": "a screening spoke against an order that has left"
            => "stop the parcel at the carrier if that is possible, and prepare for a dispute";
        finance "exchange_overpaid": "goods that came back pay more than their exchange comes to"
            => "give the surplus back to the customer";
        finance "tax_commit_refused": "the tax of an invoice was refused" => MEND;
        finance "refunded_beyond_capture": "refunds made elsewhere exceed what was captured"
            => "stop refunds of this payment and settle the surplus with the executor or the customer";
        finance "refund_exceeds_capture": "a credit is more than can still be refunded"
            => "find out who refunded the difference; the credit stays held until it can be paid";
        finance "refund_report_awaited": "a return is said to be paid by a refund that no executor has reported"
            => "find the refund at the executor of the payment; its report closes this";
        finance "paid_elsewhere_differs": "a refund made elsewhere paid less than the credit it is said to pay"
            => "approve the credit to pay the rest, or decline it to keep the rest";
        finance "elsewhere_beyond_line": "a refund made elsewhere names more of a line than it may still give back"
            => "find out what the refund was for and claim the surplus back, or write it off";
        integration "store_credit_unavailable": "a credit is to be store credit, and nobody issues any"
            => "name the executor that keeps stored value in the policy, then request a retry of the order";
        finance "credit_needs_approval": "a credit above the set amount waits for a second person"
            => "somebody else than who asked approves or declines it (credit.approved, credit.declined)";
        finance "dispute_opened": "a customer disputes a payment"
            => "answer it at the executor with what was shipped, delivered and refunded; its end closes this";
        finance "refund_and_dispute": "a refund was under way when its payment was disputed"
            => "tell the executor of the refund, so that the customer is not given the money twice";
        finance "disputed_beyond_capture": "refunds and disputes of a payment exceed what was captured"
            => "answer the dispute with the refunds that were made, or claim the surplus back";
        finance "dispute_open": "a credit waits, since its payment is disputed"
            => "nothing is refunded on a disputed payment; the end of the dispute decides";
        finance "credit_or_dispute": "a credit is owed whose payment was lost to a dispute"
            => "say that the dispute has paid it (credit.settled_by_dispute), or pay the customer in another way and report that";
        finance "onward_beyond_applied": "an exchange order asks back more than was carried to it"
            => "compare the exchange order's payments with the credits of this order";
        finance "tax_refund_refused": "the tax system refused to take tax back" => MEND;
        integration "credit_beyond_hold": "a return asked credit for units that the order does not hold for it"
            => "compare the return with the order's returnable units";
        finance "erp_total_differs": "the ERP comes to another total for the sales order or an invoice"
            => "find the discount or tax that the ERP reckons otherwise, correct it there, then request a retry";
        finance "sales_order_refused": "the ERP refused the sales order" => MEND;
        integration "sales_cancellation_refused": "the ERP refused a cancellation" => MEND;
        integration "delivery_refused": "the ERP refused a delivery" => MEND;
        finance "invoice_refused": "the ERP refused an invoice" => MEND;
        integration "storefront_refused": "the storefront refused a report of a shipment, cancellation or refund" => MEND;
        finance "void_refused": "the executor refused to void an authorisation" => MEND;
        warehouse "stock_withdrawn": "a warehouse was asked for units that a count says are not there"
            => "have the warehouse ship the units if it has them, or report them short, so that others are found";
        integration "command_fault": "a command could not be sent as it is"
            => "repair the connector or its mapping, then request a retry of the order";
        integration "transition_unexpected": "an outcome or a timer made a move that the table does not name"
            => "compare the case with the systems it names";
        integration "message_refused": "who writes to customers refused a message" => TELL;
        integration "note_refused": "where customer service works refused a note of an exception" => TELL;
    }
    "return" {
        operations "return_not_requested": "news came for a return that was never requested"
            => "find out whose it is and have the return requested; what waits is taken in after it";
        customer_service "return_unmatched": "goods came that belong to no order that is known"
            => "find the sale and match its lines (return.matched), or say that there is none";
        warehouse "return_not_received": "the carrier handed a parcel over, and no receipt came"
            => "find the parcel at the dock and report its receipt, or report it lost (return.lost)";
        customer_service "return_lost": "a parcel is lost on its way back and not credited by policy"
            => "agree with the customer and the carrier; a goodwill credit of the order gives the money back";
        customer_service "credited_and_not_returned": "units were credited before they came, and never came"
            => "claim the goods or the money from the customer";
        finance "refunded_unapproved": "money went back elsewhere for a return of which no line may come back"
            => "settle with whoever refunded, or grant the order a goodwill credit for it";
        integration "revision_unknown": "an order was placed under settings whose text is lost, so that nobody knows what was promised"
            => "put the revision's file back into the data folder, start the hub again, then request a retry of the return";
        integration "early_event_refused": "an event that came before its time does not fit the return"
            => "compare the return with its sender and report the event again once it is right";
        integration "early_event_waits": "an event waits for a receipt that has not come"
            => "have the warehouse send the receipt again";
        customer_service "return_changed": "the return was requested again with other contents"
            => "cancel the return and have the customer request it anew";
        customer_service "received_after_close": "goods came for a return that is closed"
            => "agree with the customer what is to become of them; they are sent back once inspected";
        operations "over_received": "more units came than the return allows"
            => "agree with the customer what is to become of them; they are sent back once inspected";
        operations "unexpected_goods": "goods came that the return does not name"
            => "find out whose they are; they are sent back once inspected";
        operations "inspection_overdue": "received units are not inspected in time"
            => "have the place inspect them";
        customer_service "deadline_near": "the law's deadline for paying back is near"
            => "have the goods inspected, or pay back without waiting for them";
        customer_service "deadline_passed": "the law's deadline for settling has passed"
            => "settle it today: have the goods inspected, or pay back without waiting for them";
        customer_service "rejected_after_credit": "units were rejected after they had been credited"
            => "decide whether to claim the money back; the units are kept";
        operations "units_in_quarantine": "units are set apart and wait for a decision"
            => "decide where they go (return.disposition_decided)";
        integration "credit_denied": "the order would not give back what the return asked for"
            => "compare the return with the order's returnable units";
        customer_service "credit_declined": "whoever approves such sums declined the credit"
            => "tell the customer, and have the goods sent back or the credit granted by hand";
        integration "no_pool": "units were restocked at a place that belongs to no pool"
            => "give the place to a pool and adjust its stock";
        integration "return_order_refused": "the ERP refused the return order" => MEND;
        operations "return_expectation_refused": "the warehouse refused to expect the return" => MEND;
        operations "disposition_refused": "the warehouse refused a disposition" => MEND;
        integration "return_receipt_refused": "the ERP refused the return receipt" => MEND;
        integration "return_update_refused": "whoever the return was asked of refused an update" => MEND;
        operations "return_label_refused": "the carrier refused to sell a label" => MEND;
        integration "command_fault": "a command could not be sent as it is"
            => "repair the connector or its mapping, then request a retry of the return";
        integration "transition_unexpected": "an outcome or a timer made a move that the table does not name"
            => "compare the case with the systems it names";
        integration "message_refused": "who writes to customers refused a message" => TELL;
        integration "note_refused": "where customer service works refused a note of an exception" => TELL;
    }
    "refund" {
        finance "refund_failed": "the executor refused the refund, or reported it failed"
            => "mend the cause at the provider, then request a retry of the refund";
        finance "refund_reversed": "the refund had succeeded and failed afterwards"
            => "find another way to the customer's money, then request a retry of the refund";
        finance "refunded_twice": "the executor paid the credit a second time"
            => "have the second payment returned by the provider or the customer";
        finance "refund_amount_differs": "the executor refunded another amount than was asked"
            => "compare the refund at the provider with the credit and settle the difference";
        finance "refund_pending_long": "the executor has not settled the refund in time"
            => "ask the provider what became of it; its report closes this";
        finance "credit_memo_refused": "the ERP refused the credit memo" => MEND;
        finance "memo_reversal_refused": "the ERP refused to reverse the memo of a refund that failed after it had succeeded" => MEND;
        finance "erp_total_differs": "the ERP comes to another total for the credit memo"
            => "correct the memo in the ERP; the refund goes on with what the order granted";
        integration "command_fault": "a command could not be sent as it is"
            => "repair the connector or its mapping, then request a retry of the refund";
        integration "transition_unexpected": "an outcome or a timer made a move that the table does not name"
            => "compare the case with the systems it names";
        integration "message_refused": "who writes to customers refused a message" => TELL;
        integration "note_refused": "where customer service works refused a note of an exception" => TELL;
    }
    "pool" {
        operations "stock_short": "reserved units are not there, by a count or a report"
            => "find the units and report them, or report the fulfilment orders short, so that the pool sources them elsewhere";
        operations "below_zero": "a place took more than was on hand"
            => "count these SKUs at the place and report the count";
        operations "shipped_unreserved": "a shipment took more than was reserved"
            => "check the shipment against the order, then count the SKU at the place";
        operations "count_overtaken": "a count is too old for SKUs that moved much since"
            => "count these SKUs again and report the count at once";
        integration "stock_not_published": "a storefront refused the figures"
            => "mend the connection to the storefront; the figures are sent again by themselves";
        commerce "stock_contested": "a storefront keeps showing other figures than it is told"
            => "find who else sets stock at the storefront and stop it; the figures are sent again when they change";
        warehouse "transfer_differs": "a transfer arrived otherwise than it left, or not in time"
            => "find the units and report what arrived or left, or report the transfer lost";
    }
    "difference" {
        operations "books_differ_orders": "an order that one side has and the other has not, or has otherwise" => COMPARE;
        operations "books_differ_deliveries": "a delivery is not in the ERP as the hub posted it" => COMPARE;
        operations "books_differ_shipments": "a shipment is not at the system as the hub knows it" => COMPARE;
        finance "books_differ_invoices": "an invoice is not in the ERP as the hub posted it" => COMPARE;
        warehouse "books_differ_return_receipts": "a return receipt is not in the ERP as the hub posted it" => COMPARE;
        finance "books_differ_credit_memos": "a credit memo is not in the ERP as the hub posted it" => COMPARE;
        finance "books_differ_captures": "an executor has taken more or less than the books say" => COMPARE;
        finance "books_differ_refunds": "an executor has given back more or less than the books say" => COMPARE;
        operations "books_differ_returns": "a return is not at the platform as the hub knows it" => COMPARE;
        operations "books_differ_labels": "a label is not at the carrier as the hub bought it" => COMPARE;
        warehouse "books_differ_stock": "a place or a storefront shows other units than the books" => COMPARE;
    }
};

/// The row of an exception.
#[must_use]
pub fn find(process: &str, code: &str) -> Option<&'static Exception> {
    EXCEPTIONS.iter().find(|e| e.process == process && e.code == code)
}
