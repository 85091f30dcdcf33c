# Goods that leave and goods that come back.
include "common";
include "sale";

def done_with($state): ["draft", "waiting", "assigned", "picked", "packed", "shipped", "done"] as $way
  | ($way | index($state)) as $wanted | .found.state as $is | ($way | index($is) // 9) >= $wanted;

def places: .lookup.places | keyed(.code);

def move($from; $to): {product: .product.id, unit, unit_price, currency: .currency, origin: "sale.line,\(.id)",
  from_location: $from, to_location: $to};

def delivery: .args as $args | places[$args.place] as $place | (.lookup.sales | first_sale) as $sale
  | (.lookup.sales | lines_of($args.order)) as $lines
  | {reference: $args.id, customer: $sale.party.id, delivery_address: $sale.shipment_address, warehouse: $place.id,
     warehouse_storage: $place.storage_location, warehouse_output: $place.output_location,
     outgoing_moves: ([$args.lines[] | . as $shipped | $lines[.line] | .currency = $sale.currency.id
       | move($place.output_location; $sale.party.customer_location) + {quantity: $shipped.quantity}] | one2many)};

def back_lines: .args as $args | .lookup.sales | [.[] | .currency.id as $currency | .party as $party | .lines[]
  | . + {line: (.note | split(" ")[0]), currency: $currency, party: $party}];

def known_back: ([.args.lines[].line] - [back_lines[].line]) == [];

def receipt: .args as $args | places[$args.place] as $place | back_lines as $back | .lookup.sales[0] as $sale
  | {reference: $args.id, customer: $sale.party.id, contact_address: $sale.shipment_address, warehouse: $place.id,
     warehouse_storage: $place.storage_location, warehouse_input: $place.input_location,
     incoming_moves: ([$args.lines[] | . as $units | ([$back[] | select(.line == $units.line)] | first)
       | move($sale.party.customer_location; $place.input_location) + {quantity: $units.quantity}] | one2many)};

# Where a line of the receipt goes; the lines are in the order in which they were given.
def shelf($place; $disposition): if $disposition == "restock" then places[$place].storage_location
  else places["\($place)-\($disposition)"].id end;

def targets: . as $top | .args as $args | (.found.incoming_moves | map(.id) | sort) as $moves
  | [range($args.lines | length) as $n | {key: "stock.move,\($moves[$n])",
      value: ($top | shelf($args.place; $args.lines[$n].disposition // "restock"))}] | from_entries;

def misplaced: targets as $to | [.found.inventory_moves[] | select(.to_location != $to[.origin]) | {id, to: $to[.origin]}];

def relocation: {inventory_moves: [misplaced[] | ["write", [.id], {to_location: .to}]]};

def place_codes: .args as $args | [$args.place]
  + [$args.lines[]? | .disposition // "restock" | select(. != "restock") | "\($args.place)-\(.)"] | unique;
