# What is fulfilled of an order, what is left of its fulfilment orders, and what a shipment makes of it.
include "call";

# One fulfilment order and 150 of its lines at a time: a query may cost 1,000 points, and an order has any number.
def work_text: "query FulfilmentWork($order: ID!, $orders: String, $lines: String, $first: Boolean!) {
  order(id: $order) {
    fulfillments(first: 50) @include(if: $first) { id status totalQuantity trackingInfo(first: 3) { number } }
    fulfillmentOrders(first: 1, after: $orders) {
      nodes { id status lineItems(first: 150, after: $lines) {
        nodes { id remainingQuantity lineItem { id } } pageInfo { hasNextPage endCursor } } }
      pageInfo { hasNextPage endCursor } } } }";

def work: .page as $page | ask("FulfilmentWork"; work_text;
  {order: reported, orders: $page.orders, lines: $page.lines, first: ($page == null)});

def next_work: .body.data.order.fulfillmentOrders as $all | ($all.nodes[0].lineItems.pageInfo // {}) as $lines
  | if $lines.hasNextPage == true then {orders: .page.orders, lines: $lines.endCursor}
    elif $all.pageInfo.hasNextPage == true then {orders: $all.pageInfo.endCursor, lines: null} else null end;

# A shipment without tracking goes under its own id.
def numbers: .args | [.parcels[].tracking | select((. // "") != "")] as $given
  | if $given == [] then [.id] else $given | unique end;

def gathered: numbers as $ours | .body.data.order
  | (.fulfillments[]? | select(.status != "CANCELLED" and any(.trackingInfo[].number; . as $number | $ours | index($number)))
      | {ours: .id, units: .totalQuantity}),
    (.fulfillmentOrders.nodes[]? | select(.status == "OPEN" or .status == "IN_PROGRESS") | .id as $work
      | .lineItems.nodes[] | {work: $work, item: .id, line: (.lineItem.id | number), left: .remainingQuantity});

def wanted: [.args.parcels[].lines[] | select(.line | numbered)] | group_by(.line)
  | map({line: .[0].line, quantity: (map(.quantity) | add)});

def ours: [.found[]? | .ours | values];

def units: [.found[]? | .units // 0] | add // 0;

def whole: units >= (wanted | map(.quantity) | add // 0);

# Made in part: what is in it has to be read before the rest is asked for.
def half: ours != [] and (whole | not);

def held_text: "query FulfilmentLines($ids: [ID!]!) { nodes(ids: $ids) { ... on Fulfillment {
  id fulfillmentLineItems(first: 250) { nodes { quantity lineItem { id } } } } } }";

def held: [.body.data.nodes[]?.fulfillmentLineItems.nodes[] | {held: (.lineItem.id | number), quantity}];
