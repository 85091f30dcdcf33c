//! The rules, each with an id that stays.

/// One rule.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rule {
    /// Stable id, `{part}.{rule}`.
    pub id: &'static str,
    /// The rule as a sentence.
    pub title: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $title:literal;)+) => {
        $(pub(crate) const $name: Rule = Rule { id: $id, title: $title };)+
        /// Every rule, in the order in which they are reported.
        pub const ALL: &[Rule] = &[$($name),+];
    };
}

rules! {
    STORE_BODY "store.body" "Each stored body is as it was written, by its checksum.";
    STORE_ROW "store.row" "Each stored row is as it was written, in every column, by its checksum.";
    STORE_WHOLE "store.whole" "The rows of each table are those that the commits left: none is gone, added or from an earlier time, by the totals that the heads keep.";
    STORE_FILE "store.file" "The database's own check of its file finds nothing.";
    JOURNAL_DENSE "journal.dense" "Journal positions run from 1 to the head's without a gap.";
    JOURNAL_CHAIN "journal.chain" "The hashes of all journal rows, chained, end in the head's hash.";
    JOURNAL_EXPORT "journal.export" "A head that was exported earlier is still in the chain.";
    JOURNAL_PREV "journal.prev" "Each journal row names its case's previous row.";
    JOURNAL_BODY "journal.body" "Each journal row's body reads as its format says and names its case's one name.";
    CASE_LAST "case.last" "Each case's stored last row and openness are those of its last journal row.";
    CASE_KNOWN "case.known" "Each case in the journal is stored, and each stored case is in the journal.";
    BOOKS_BALANCED "books.balanced" "The lines of each entry sum to zero per currency and SKU.";
    BOOKS_BALANCES "books.balances" "Each stored balance is the sum of the entries' lines.";
    BOOKS_SETTLED "books.settled" "A finished order leaves nothing open, owed by the customer or owed to the customer.";
    COMMAND_KEY "command.key" "No key is ordered again before its command has ended, and none that moves money after it was done.";
    COMMAND_OUTCOME "command.outcome" "Each command has come to an outcome or stands in the outbox, and each outcome belongs to its command.";
    MAIL_ONCE "mail.once" "Each mail was taken in exactly once, or still waits.";
    RECEIVED_DENSE "received.dense" "Received messages are kept without a gap, and the journal names only those that are.";
    RECEIVED_SEEN "received.seen" "Each message that a case has taken in is remembered with it, so that it is not taken in again, and no other is.";
    RECEIVED_PARKED "received.parked" "Each parked message and parked turn is an exception that a person can see.";
    EXCEPTION_KNOWN "exception.known" "Each exception that the journal raised is there, each that it ended is closed, and none is of no cause.";
    STOCK_ON_HAND "stock.on_hand" "Units on hand: the pool's rows, the books and the warehouse's own ledger agree per place and SKU.";
    STOCK_RESERVED "stock.reserved" "Reserved units in the pool's rows are the reservations that the journal shows to be open.";
    STOCK_BOUNDS "stock.bounds" "No more is reserved than is on hand, and neither is below zero.";
    STOCK_PUBLISHED "stock.published" "What was last published as available to a channel is on hand and sellable, less reserved, less what is kept back.";
    STOCK_TRANSIT "stock.transit" "Units in transit by the entries are those of the transfers that have not arrived.";
    STOCK_PROMISED "stock.promised" "No order is promised more of a supply than was still expected of it.";
    STOCK_HOLD "stock.hold" "Of a checkout's hold no more units end than it held.";
    ORDER_RECEIVED "order.received" "Each order in the storefront's ledger is in the journal exactly once, and none besides.";
    ORDER_TOTAL "order.total" "An order's total is the sum of its lines, and what the ERP is asked to write.";
    ORDER_BUNDLE "order.bundle" "The components of a bundle add up to what was charged for it, tax and all.";
    ORDER_WRITTEN "order.written" "Each line of a finished order that the ERP was told of stands in its sales order or one amendment of it.";
    ORDER_UNITS "order.units" "Units shipped per order and SKU agree in the journal, the warehouses' ledgers and the ERP's deliveries, and are not more than were ordered.";
    ORDER_FINISHED "order.finished" "Of a finished order each unit is shipped or cancelled, and each shipped unit invoiced.";
    ORDER_INVOICED "order.invoiced" "Each line is invoiced at its share of what was charged, to the last minor unit.";
    ORDER_HELD "order.held" "Nothing of an order is released while a hold stands.";
    TAX_INVOICED "tax.invoiced" "Where the tax of an invoice is filed, it is filed once, and as it stands on the invoice.";
    ERP_SALES_ORDER "erp.sales_order" "Each order is in the ERP exactly once, with its total, unless it was cancelled before; cancellations likewise.";
    ERP_DELIVERY "erp.delivery" "Each delivery is in the ERP exactly once, with its units.";
    ERP_INVOICE "erp.invoice" "Each invoice is in the ERP exactly once, with its amount.";
    ERP_RETURN "erp.return" "Each return order and receipt is in the ERP exactly once.";
    ERP_CREDIT_MEMO "erp.credit_memo" "Each credit has exactly one credit memo in the ERP, with its amount.";
    OMS_RELEASE "oms.release" "Each release is in order management exactly once, and so is what came of it.";
    WMS_FULFILMENT "wms.fulfilment" "Each fulfilment order is at its warehouse exactly once.";
    WMS_SHIPMENT "wms.shipment" "Each shipment in a warehouse's ledger is in the journal with the same units, and none besides.";
    WMS_STOCK "wms.stock" "Each receipt, count, shortage and adjustment of a warehouse is in the journal, and none besides.";
    WMS_RETURN "wms.return" "Each returned unit that a warehouse received or disposed of is in the journal, and none besides.";
    PAYMENT_CAPTURED "payment.captured" "Each capture is at the provider exactly once, and comes to what was invoiced.";
    PAYMENT_UNSHIPPED "payment.unshipped" "Nothing is captured for an order of which nothing was shipped or provided.";
    PAYMENT_REFUNDED "payment.refunded" "Each refund is at the provider exactly once by its key, with the amount that was granted.";
    PAYMENT_UNKNOWN "payment.unknown" "The hub knows of each refund that somebody else made at the provider.";
    PAYMENT_BOUND "payment.bound" "No payment is refunded beyond what was captured.";
    PAYMENT_EXECUTOR "payment.executor" "Each payment is told to one system only, and none to what is no system.";
    PAYMENT_DISPUTED "payment.disputed" "No refund is opened on a payment while it is disputed or after it was lost to a dispute.";
    BOOKS_CLEARED "books.cleared" "What orders pay for each other leaves nothing in clearing once nothing is under way.";
    CREDIT_APPROVED "credit.approved" "Nobody approves a credit that they asked for.";
    CREDIT_LINES "credit.lines" "A credit's lines add up to it, and no line is credited beyond what was shipped and charged.";
    CREDIT_PAID "credit.paid" "Each credit is refunded, issued, carried on or kept in full once its cases are finished.";
    RETURN_KNOWN "return.known" "Each return in the returns ledger is in the journal, has its end state there, and was told of it.";
    RETURN_SHIPPED "return.shipped" "No more units come back on an order line than were shipped.";
    RETURN_DISPOSED "return.disposed" "Units received back are the sum of their dispositions.";
    RETURN_RESTOCKED "return.restocked" "Units restocked agree in the return's decisions, the pool and the warehouse.";
    RETURN_CREDITED "return.credited" "No more units of a returned line are credited than came back, or are said to be credited before or without that.";
    SHOP_TOLD "shop.told" "The storefront was told of each shipment, cancellation and refund exactly once, and of no other.";
    MESSAGE_ONCE "message.once" "Each message to a customer was written exactly once, and of no fact is a customer told twice.";
    SERVICE_NOTED "service.noted" "Each exception that touches a customer is a case of customer service, open as long as the exception is.";
    TAX_FILED "tax.filed" "Each filing of tax is there exactly once, and what is filed and not taken back is the tax invoiced and not credited.";
    CARRIER_LABEL "carrier.label" "Each label that was ordered was bought exactly once, and no fulfilment order or return has two.";
    LEDGER_DENSE "ledger.dense" "Rows of a vendor's ledger are numbered without a gap and read as its format says.";
    LEDGER_MISSING "ledger.missing" "Where ledgers are compared, each role that was sent commands has given its own.";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn ids_are_unique_and_titles_are_sentences() {
        let ids: std::collections::BTreeSet<_> = ALL.iter().map(|r| r.id).collect();
        assert_eq!(ids.len(), ALL.len());
        assert!(ALL.iter().all(|r| r.title.ends_with('.') && r.id.contains('.')));
    }
}
