# refunds/create to payment.refunded_elsewhere: what somebody gave back at the shop, of payments that it collected.
include "ids";

# Another executor reports its own; Stripe does, also where the order names the payment and no setting the gateway.
def collected: ($conf.gateways[.gateway] // (if .gateway == "stripe" then "stripe" else null end)) == null;

def back: [.transactions[]? | select(.kind == "refund" and (.status == "success" or .status == "pending") and collected)];

# Refunds of ours say so in their note.
def ours: .note // "" | startswith("hub ");

def theirs: (ours | not) and back != [];

def known: ours or (back == [] and any(.transactions[]?; collected | not));

def elsewhere: back as $back | need($back[0].currency) as $currency | ($back | sum(.; minor(.amount; $currency))) as $amount
  | sum(.refund_line_items; minor(.subtotal; $currency) + minor(.total_tax // "0"; $currency)) as $whole
  | {payment: "\($conf.executor // "shopify")-\(id(.order_id))", order: "\(source)-\(id(.order_id))",
     refund: "shopify-\(id(.id))", amount: $amount, currency: $currency, initiator: "storefront",
     # Whether a line's subtotal has its tax in it the message does not say: with both it must not be more than was paid.
     lines: each(.refund_line_items; minor(.subtotal; $currency) as $goods
       | {line: id(.line_item_id), quantity: need(.quantity),
          amount: (if $whole <= $amount then $goods + minor(.total_tax // "0"; $currency) else $goods end)})};
