# returns/request to return.requested. The message names fulfilled lines by number and has no SKU: the order
# says what was sold on them. A SKU that is there all the same must be one of the contract. `source` says that it was
# asked for in this shop: no returns platform knows it.
include "ids";

def one_of(codes): . as $code | any(codes; . == $code);

def type: if one_of("changed_mind", "wrong_colour", "style", "wrong_size") then "withdrawal"
  elif one_of("defective", "not_as_described", "wrong_item", "workmanship", "damaged", "damaged_in_transit")
  then "defect"
  else "commercial" end;

def sku: if (.sku // "") == "" then {} else {sku: at(.sku; trim | ascii_upcase | id)} end;

.headers["x-shopify-triggered-at"] as $at | .body
| ((source) + "-" + id(.order.id)) as $order
| {rma: "\(source)-R\(id(.id))", source: source, requested_at: ($at // $now),
   lines: each(.return_line_items;
     (.return_reason //= "unknown" | mapped("return_reason"; .return_reason)) as $reason
     | {line: id(.id), order: $order, order_line: id(.fulfillment_line_item.line_item.id),
        quantity: need(.quantity), reason: $reason, type: ($reason | type)}
       + at(.fulfillment_line_item.line_item; sku))}
