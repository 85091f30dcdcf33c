# The shop's stock by place: what it shows, and the figures that are put there.

def place($location): $conf.locations // {} | to_entries | map(select(.value == $location) | .key) | first;

# The figures that are wanted: by place where the hub tells them, else all at the only place.
def wanted: ($conf.locations // {} | keys) as $places | .args.items[] | . as $item
  | if .places then .places[] | {sku: $item.sku, place: .place, units: .on_hand}
    elif $places | length == 1 then {sku: $item.sku, place: $places[0], units: $item.available}
    else error("the shop has \($places | length) stock locations, and the publication does not say what is where") end;

# A query takes twenty values of a list; beyond that everything is read.
def read: {limit: 1000, fields: "id,sku,location_levels.location_id,location_levels.stocked_quantity"}
  + if .args.items | length <= 20 then {sku: [.args.items[].sku]} else {} end;

def next_page: .body | if .count > .offset + .limit then {offset: (.offset + .limit)} else null end;

# An item has a level where it is stocked. One that is not known here is left out and named in the result.
def levels: [wanted] as $wanted | .body.inventory_items[] | . as $item | .location_levels[]
  | . as $level | place(.location_id) as $place
  | [$wanted[] | select(.sku == $item.sku and .place == $place)] | first | values
  | {sku, place, item: $item.id, location: $level.location_id, have: $level.stocked_quantity, want: ([.units, 0] | max)};

def differing: [.found[]? | select(.have != .want)];

def set: {create: [], delete: [], update: (differing
  | map({inventory_item_id: .item, location_id: .location, stocked_quantity: .want}))};

def left_out: [.found[]?.sku] as $there | [.args.items[].sku | select(. as $sku | $there | index($sku) | not)];

# What the shop shows, and the time of the last change by which a repeat is known.
def shown: [.inventory_items[] | {sku, available: ([.location_levels[]? | .stocked_quantity - .reserved_quantity] | add // 0)}];

def last_change: [.inventory_items[].location_levels[]?.updated_at] | max // "never";
