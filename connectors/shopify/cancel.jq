# A cancellation: of the whole order where that is all that was left of it, else of lines, as a refund without money.
include "call";
include "refund";

def cancel_read_text: "query Cancellable($order: ID!) { order(id: $order) { cancelledAt
  refunds(first: 60) { id note transactions(first: 1) { nodes { status } } }
  lineItems(first: 250) { nodes { id quantity unfulfilledQuantity currentQuantity } pageInfo { hasNextPage } } } }";

def cancel_read: ask("Cancellable"; cancel_read_text; {order: reported});

def cancellable: .args.id as $id | .args.lines as $wanted | refund_of(one($id)) + (.body.data.order
  | {cancelled: .cancelledAt, whole: ((.lineItems.pageInfo.hasNextPage != true)
      and all(.lineItems.nodes[]; . as $has | .unfulfilledQuantity == .quantity and .currentQuantity == .quantity
        and ([$wanted[] | select(.line == ($has.id | number)) | .quantity] | add // 0) == .quantity))});

def cancel_text: "mutation OrderCancel($order: ID!, $reason: OrderCancelReason!, $note: String) {
  orderCancel(orderId: $order, reason: $reason, restock: false, notifyCustomer: false, staffNote: $note,
    refundMethod: { originalPaymentMethodsRefund: false }) {
    job { id } orderCancelUserErrors { field message code } } }";

def cause: ascii_upcase | . as $cause | if ["CUSTOMER", "DECLINED", "FRAUD", "INVENTORY", "STAFF"] | index($cause) then $cause else "OTHER" end;

def cancel: ask("OrderCancel"; cancel_text;
  {order: reported, reason: (.args.reason // "" | cause), note: marked(.args.id)});

def cancelled: .found + {cancelled: $now, job: .body.data.orderCancel.job.id};

# Units that are taken off the order. Shopify puts them back on its shelf at the shop's location.
def take_off: create(reported; marked(.args.id); {transactions: [], refundLineItems: (lines("CANCEL")
  | map(. + if $conf.location then {locationId: gid("Location"; $conf.location)} else {} end))});
