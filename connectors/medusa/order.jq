# An order as the shop lists it, to order.submitted.
include "address";
include "ids";
include "money";

def kind: if .is_giftcard == true then "gift_card" elif .requires_shipping == false then "service" else "goods" end;

def item($quantity): {line: id(.id), sku: at(.variant_sku; id), title: (.title // ""), kind: kind, quantity: $quantity,
  unit_price: .raw_unit_price.value, exact: exact(.raw_unit_price; $quantity)};

def millis: (.[0:19] + "Z" | fromdate) * 1000 + (.[20:23] | tonumber);

# What was added by an edit was made later than the order, which is made in one go.
def placed($at): (.created_at | millis) - ($at | millis) < 200;

# A shipping method of a return belongs to the return.
def delivery: select(.detail.return_id == null and (.detail.claim_id // .detail.exchange_id) == null)
  | {line: id(.id), sku: ($conf.shipping_sku // "SHIPPING"), title: (.name // ""), kind: "shipping", quantity: 1,
     unit_price: .raw_amount.value, exact: exact(.raw_amount; 1)};

# The first payment is what the shopper authorised; an edit replaces it.
def authorised($currency): [.payment_collections[]?.payments[]?] | sort_by(.id) | first
  | if . == null then error("the order has no payment") else .raw_amount | rounded_in($currency) end;

def tenders($currency): authorised($currency) as $amount
  | [{id: "t1", kind: "card", executor: ($conf.executor // "stripe"), authorised: $amount,
      payment: (.metadata.payment_intent // error(".metadata.payment_intent is missing: the executor's payment"))}];

listed
| (need(.currency_code) | ascii_upcase) as $currency | need(.created_at) as $at
| ([(.items // [] | sort_by(.id)[] | select(placed($at)) | item(.detail.raw_quantity | whole)),
    (.shipping_methods // [] | sort_by(.id)[] | select(placed($at)) | delivery)] | charged($currency)) as $lines
| {order: order_id(.id), source: source, source_id: id(.id), number: (need(.display_id) | tostring), placed_at: $at,
   currency: $currency, lines: $lines,
   total: ($lines | sum(.; .amount + if .tax_included then 0 else .tax end)), tenders: tenders($currency)}
  + given("customer"; .customer_id)
  + if .shipping_address.country_code then {ship_to: (.shipping_address | ship_to)} else {} end
