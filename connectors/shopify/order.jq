# orders/create to order.submitted. Amounts are in the shop's currency, never the customer's.
include "ids";

def given($member; $value): if $value == null then {} else {($member): $value} end;

# What a line was charged: the price once rounded, less its share of every discount.
def charge($quantity; $currency; $included):
  sum(.discount_allocations; minor(.amount; $currency)) as $discount
  | {quantity: $quantity, unit_price: need(.price) | tostring, discount: $discount, tax_included: $included,
     amount: (at(.price; times($quantity; $currency)) - $discount),
     tax: sum(.tax_lines; minor(.price; $currency))};

def kind: entry(.properties; "_kind")
  // if .gift_card == true then "gift_card" elif .requires_shipping == false then "service" else "goods" end;

# Goods need a SKU; a gift card or service without one is known by its kind.
def sku($kind): if (.sku // "") == "" and $kind != "goods" then $kind | ascii_upcase
  else at(.sku; trim | ascii_upcase | id) end;

def item($currency; $included): kind as $kind
  | charge(need(.quantity); $currency; $included)
    + {line: id(.id), sku: sku($kind), title: (.title // ""), kind: $kind}
    + given("category"; entry(.properties; "_category"));

def extra($letter; $kind): to_entries[] | .value
  + {line: "\($letter)\(.key + 1)", sku: $kind | ascii_upcase, kind: $kind};

def tender_kind: if . == "gift_card" then . elif . == "manual" or . == "bank_deposit" then "invoice"
  else "card" end;

# Another system may execute a gateway's payments; what it does not, Shopify collected. What is paid was captured.
def tender($gateway; $total): ($conf.gateways[$gateway] // null) as $other | ($conf.executor // "shopify") as $shop
  | {id: "t1", kind: ($gateway | tender_kind), executor: ($other // $shop),
     payment: (if $other then order_id else "\($shop)-\(id(.id))" end), authorised: $total}
    + if $other == null and .financial_status == "paid" then {captured: $total} else {} end;

# The message names who was paid, not how much each: two gateways without a payment reference stay open.
def tenders($total): entry(.note_attributes; "payment_intent") as $payment | (.payment_gateway_names // []) as $paid
  | if $payment then [{id: "t1", kind: "card", executor: "stripe", payment: $payment, authorised: $total}]
    elif $paid == [] then []
    elif $paid | length == 1 then [tender($paid[0]; $total)]
    else error(".payment_gateway_names: \($paid | length) of them were paid, and the message does not say how much each")
    end;

.body
| need(.currency) as $currency | (.taxes_included == true) as $included | minor(.total_price; $currency) as $total
| {order: order_id, source: source, source_id: id(.id), number: (.order_number // need(.id) | tostring),
   placed_at: (.processed_at // need(.created_at)), currency: $currency,
   lines: [
     each(.line_items; item($currency; $included))[],
     (each(.shipping_lines; select(.is_removed != true)
        | charge(1; $currency; $included) + {title: (.title // "")}) | extra("S"; "shipping")),
     ([.line_items[]?.duties | arrays[] | {price: .price.shop_money.amount, tax_lines}
        | charge(1; $currency; $included) + {title: "Duty"}] | extra("D"; "duty")),
     ([.total_tip_received | values | {price: .} | charge(1; $currency; true) | select(.amount > 0) + {title: "Tip"}]
        | extra("T"; "fee"))],
   total: $total, tenders: tenders($total)}
  + given("customer"; .customer.id | if . == null then . else tostring end)
