# What is fulfilled of an order, and what a shipment makes of it.
include "money";

def read: "id,status,items.id,items.detail.raw_quantity,items.detail.raw_fulfilled_quantity,fulfillments.id,"
  + "fulfillments.metadata,fulfillments.canceled_at,fulfillments.shipped_at,fulfillments.items.line_item_id,"
  + "fulfillments.items.raw_quantity,payment_collections.status,payment_collections.payments.id,"
  + "payment_collections.payments.canceled_at,payment_collections.payments.captures.id";

# The shop's own record of a payment whose executor took it: once all is fulfilled it is booked as captured. Left
# authorised, the shop would void it with the first return and claim the rest anew.
def due($left): if all($left[]; . == 0)
  then [.payment_collections[]? | select(.status != "canceled") | .payments[]?
    | select(.canceled_at == null and (.captures // []) == []) | .id] | first
  else null end;

def wanted: [.args.parcels[].lines[]] | group_by(.line) | map({id: .[0].line, quantity: (map(.quantity) | add)});

def location: .args.place as $place | $conf.locations[$place] // error("conf.locations names no stock location for \($place)");

# Ours by its mark; else one that somebody made by hand at the shop, of just these units, and that has not been shipped.
def seen: wanted as $wanted | .args.id as $id | .body.order
  | ([.fulfillments[]? | select(.canceled_at == null)]) as $made
  | ([$made[] | select(.metadata.hub == $id)]
      + [$made[] | select(.metadata.hub == null and .shipped_at == null
          and ([.items[] | {id: .line_item_id, quantity: (.raw_quantity | whole)}] | sort_by(.id)) == $wanted)] | first) as $ours
  | ([.items[] | {key: .id, value: ((.detail.raw_quantity | whole) - (.detail.raw_fulfilled_quantity | whole))}] | from_entries) as $left
  | {ours: ($ours | if . then {id, shipped: (.shipped_at != null)} else null end), canceled: (.status == "canceled"),
     due: due($left), enough: all($wanted[]; ($left[.id] // 0) >= .quantity)};

def impossible: .found.ours == null and (.found.canceled or (.found.enough | not));

def fulfil: {items: wanted, location_id: location, metadata: {hub: .args.id}, no_notification: true};

def ship: {items: wanted, no_notification: true,
  labels: [.args.parcels[] | select((.tracking // "") != "") | {tracking_number: .tracking, tracking_url: "", label_url: ""}]};
