# What Tryton says it has: rows of documents, and what lies in a warehouse.
include "common";

def two: tostring | if length < 2 then "0" + . else . end;

def moment: "\(.year)-\(.month | two)-\(.day | two)T\(.hour // 0 | two):\(.minute // 0 | two):\(.second // 0 | two)Z";

def parts: [scan("[0-9]+") | tonumber]
  | {"__class__": "datetime", year: .[0], month: .[1], day: .[2], hour: .[3], minute: .[4], second: .[5], microsecond: 0};

# Documents of ours in the order in which they were made, so that a page is not moved by what comes meanwhile.
def asked($domain; $order): where([["reference", "!=", null]] + $domain
    + if .args.since then [["create_date", ">=", (.args.since | parts)]] else [] end)
  + {o: ($order | packed), s: 500};

def next_page: if (.body | length) == 500 then {p: ((.page.p // 0) + 500)} else null end;

def sku: .description // .product.code;

# An order and what was added to it are one: their sales stand one behind the other.
def orders: [.body[] | select(.description != null)] | group_by(.description)[]
  | select(any(.[].lines[]; .quantity < 0) | not) | sort_by(.id)
  | {id: .[0].number, reference: .[0].description, order: .[0].description, state: .[0].state, at: (.[0].create_date | moment),
     lines: [.[].lines[] | select(.quantity > 0) | {sku: sku, quantity: (.quantity | units)}]};

def deliveries: .body[] | {id: (.number // "draft \(.id)"), reference, order: .outgoing_moves[0].sale.description, place: .warehouse.code,
  state, at: (.create_date | moment), lines: [.outgoing_moves[] | {sku: .product.code, quantity: (.quantity | units)}]};

# Where the goods went: the warehouse itself, or the name of the place behind its own.
def receipts: .body[] | .warehouse as $at
  | {id: .number, reference, rma: .incoming_moves[0].sale.description, place: $at.code, state, at: (.create_date | moment),
     lines: [.inventory_moves[] | {sku: .product.code, quantity: (.quantity | units),
       place: (if .to_location.id == $at.storage_location then $at.code else .to_location.code end)}]};

def papers($sign): .body[] | .currency.code as $currency | (.description // "" | split(" ")) as $said | (.total_amount | cents($currency)) as $total
  | select($said[1] != "reversal" and (if $sign < 0 then $total < 0 else $total >= 0 end))
  | {id: (.number // "draft \(.id)"), reference, order: $said[0], currency: $currency, state, at: (.create_date | moment),
     amount: ($sign * $total + if $said[1] == "fee" then ($said[2] | tonumber) else 0 end)}
  + if $sign < 0 then {} else {lines: [.lines[] | select(.product != null) | {sku: sku, quantity: (.quantity | units)}]} end;

# The first page asks nothing yet: a warehouse's stock stands in the context of a call, which names it by its number.
def next_place: ($conf.places // {} | keys) as $all | .page.place as $last
  | [$all[] | select($last == null or . > $last)] | if . == [] then null else {place: .[0]} end;

def stock: .page.place as $place | if $place == null then empty else .body[] end
  | {id: "\($place)/\(.code)", sku: .code, place: $place, quantity: (.quantity | units)};
