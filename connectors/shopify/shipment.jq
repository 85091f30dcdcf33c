# A shipment as a fulfilment: which lines of which fulfilment orders, and under which numbers.
include "call";
include "fulfil";

# Each line's units that are not in a fulfilment of ours, on the fulfilment orders that have some left.
def parts: (.found // []) as $found | wanted | map(. as $wanted
  | ([$found[] | select(.held == $wanted.line) | .quantity] | add // 0) as $held
  | reduce ($found[] | select(.line == $wanted.line)) as $has ({need: ($wanted.quantity - $held), out: []};
      ([.need, $has.left] | min) as $units
      | if $units > 0
        then {need: (.need - $units), out: (.out + [{work: $has.work, id: $has.item, quantity: $units}])}
        else . end));

# More was shipped than Shopify has left to fulfil: nothing is sent.
def impossible: (whole | not) and any(parts[]; .need > 0);

def create_text: "mutation FulfilmentCreate($fulfillment: FulfillmentInput!, $message: String) {
  fulfillmentCreate(fulfillment: $fulfillment, message: $message) {
    fulfillment { id totalQuantity } userErrors { field message } } }";

def create: numbers as $numbers | ask("FulfilmentCreate"; create_text; {
  message: .args.id,
  fulfillment: {
    notifyCustomer: false,
    trackingInfo: ({numbers: $numbers} + (.args.parcels[0].carrier // "" | if . == "" then {} else {company: .} end)),
    lineItemsByFulfillmentOrder: ([parts[].out[]] | group_by(.work)
      | map({fulfillmentOrderId: .[0].work, fulfillmentOrderLineItems: map({id, quantity})}))}});

def created: [.body.data.fulfillmentCreate.fulfillment | {ours: .id, units: .totalQuantity}];

# Goods that are to be collected: every fulfilment order that is still open is prepared.
def ready_text: "mutation ReadyForPickup($input: FulfillmentOrderLineItemsPreparedForPickupInput!) {
  fulfillmentOrderLineItemsPreparedForPickup(input: $input) { userErrors { field message } } }";

def orders: .body.data.order.fulfillmentOrders.nodes[]? | {work: .id, status};

def open: [.found[]? | select(.status == "OPEN") | .work] | unique;

def ready: ask("ReadyForPickup"; ready_text;
  {input: {lineItemsByFulfillmentOrder: (open | map({fulfillmentOrderId: .}))}});
