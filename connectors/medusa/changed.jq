# A confirmed edit of an order, to order.lines_changed. Quantities are those wanted in all. What the hub had changed
# itself carries its note and is not told back.
include "ids";
include "money";

def added($order; $quantity): [$order.items[].item | select(.id == $order.wanted)] | first
  | {line: id(.id), sku: at(.variant_sku; id), title: (.title // ""), quantity: $quantity,
     kind: (if .is_giftcard == true then "gift_card" elif .requires_shipping == false then "service" else "goods" end),
     unit_price: .raw_unit_price.value, exact: exact(.raw_unit_price; $quantity)};

listed
| .order as $order | (need(.order.currency_code) | ascii_upcase) as $currency
| [.actions | sort_by(.ordering)[] | {action, line: .details.reference_id, quantity: (.details.quantity | values | whole)}] as $actions
| [$actions[] | select(.action == "ITEM_ADD")] as $adds
| {order: order_id(.order_id), id: id(.id),
   add: ([$adds[] | . as $one | added($order + {wanted: $one.line}; $one.quantity)] | sort_by(.line) | charged($currency)),
   change: [$actions[] | select(.action == "ITEM_UPDATE") | {line: id(.line), quantity}]}
