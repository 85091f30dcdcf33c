# returns/request to return.requested. The message names fulfilled lines by number; where it has no SKU it
# is parked, for the hub's contract wants one.
include "ids";

def withdrawal: . == "unwanted" or . == "color" or . == "style" or startswith("size_");

def type: if withdrawal then "withdrawal"
  elif . == "defective" or . == "not_as_described" or . == "wrong_item" then "defect"
  else "commercial" end;

.headers["x-shopify-triggered-at"] as $at | .body
| ((source) + "-" + id(.order.id)) as $order
| {rma: "\(source)-R\(id(.id))", requested_at: ($at // $now),
   lines: each(.return_line_items;
     (.return_reason // "unknown") as $reason
     | {line: id(.id), order: $order, order_line: id(.fulfillment_line_item.line_item.id),
        sku: at(.fulfillment_line_item.line_item.sku; ascii_upcase | id),
        quantity: need(.quantity), reason: $reason, type: ($reason | ascii_downcase | type)})}
