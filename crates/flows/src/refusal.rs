//! Commands that were refused: which exception each raises, and whose it is.

use crate::out::Out;

/// The exception of a payment to the customer that was refused, or that its executor reports as failed.
pub(crate) const PAYMENT: &str = "refund_failed";

/// The exception that a refused operation raises.
pub(crate) fn code(op: &str) -> &'static str {
    match op {
        "commit_tax" => "tax_commit_refused",
        "create_sales_order" => "sales_order_refused",
        "cancel_sales_order" => "sales_cancellation_refused",
        "post_delivery" => "delivery_refused",
        "post_invoice" => "invoice_refused",
        "amend_sales_order" => "sales_amendment_refused",
        "buy_label" | "void_label" => "label_refused",
        "report_ready" | "report_shipment" | "report_cancellation" | "report_refund" => "storefront_refused",
        "capture" => "capture_failed",
        "void" => "void_refused",
        "create_return_order" => "return_order_refused",
        "expect_return" => "return_expectation_refused",
        "dispose" => "disposition_refused",
        "post_return_receipt" => "return_receipt_refused",
        "update_return" => "return_update_refused",
        "buy_return_label" => "return_label_refused",
        "post_credit_memo" => "credit_memo_refused",
        "reverse_credit_memo" => "memo_reversal_refused",
        "refund_tax" => "tax_refund_refused",
        "refund" | "issue_store_credit" => PAYMENT,
        _ => "command_refused",
    }
}

/// Shows a refusal to whoever can mend it.
pub(crate) fn raise(out: &mut Out, op: &str, key: &str, why: &str, message: &str) {
    let owner = match op {
        "commit_tax"
        | "post_invoice"
        | "post_credit_memo"
        | "reverse_credit_memo"
        | "refund_tax"
        | "refund"
        | "void"
        | "create_sales_order"
        | "amend_sales_order" => "finance",
        "expect_return" | "dispose" | "buy_label" | "void_label" | "buy_return_label" => "operations",
        _ => "integration",
    };
    out.raise(code(op), owner, format!("{key} was refused: {message} ({why})"), crate::exceptions::MEND);
}
