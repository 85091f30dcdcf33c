# A return that the shopper or an agent asked for, to return.requested. Its lines name lines of the order.
include "ids";

def one_of(codes): . as $code | any(codes; . == $code);

def type: if one_of("changed_mind", "wrong_colour", "style", "wrong_size") then "withdrawal"
  elif one_of("defective", "not_as_described", "wrong_item", "workmanship", "damaged", "damaged_in_transit") then "defect"
  else "commercial" end;

listed
| if .exchange_id != null or .claim_id != null
  then error("the return belongs to an exchange or a claim, which says what is owed; decide it by hand") else . end
| order_id(.order_id) as $order
| {rma: id(.id), source: source, requested_at: need(.requested_at),
   lines: each(.items;
     ((.reason.value // "other") as $why | {why: $why} | mapped("return_reason"; .why)) as $reason
     | {line: id(.id), order: $order, order_line: id(.item_id), reason: $reason, type: ($reason | type),
        quantity: (need(.raw_quantity.value) | tonumber)})}
