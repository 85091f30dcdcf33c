# Where a parcel is.

# Events stand in no sure order, and one may be there twice.
def newest: [.events[]? | select(.timestamp)] | max_by(.timestamp);

# "cancelled" and "unknown" say nothing of where it is.
def canonical: {
    pending: "label_created", picked_up: "in_transit", in_transit: "in_transit", on_hold: "in_transit",
    delivery_delayed: "in_transit", out_for_delivery: "out_for_delivery", delivery_failed: "attempted",
    ready_for_pickup: "available_for_pickup", delivered: "delivered", return_to_sender: "returned_to_sender"}[.status];

def by_reason: {carrier_parcel_lost: "lost", carrier_damaged_parcel: "damaged"}[newest.reason // ""];

def word: by_reason // canonical;

def tells_at: newest != null and word != null;
def tells: .body.data | tells_at;

# All that is told stands in the key too, so that the same news is known whether it was posted or listed.
def key: .body.data | "\(.id):\(word):\(newest.timestamp)";

def tracked: .body.data | {tracking: need(.tracking_number), status: word, at: newest.timestamp};

def since: $now[0:19] + "Z" | fromdate - 5184000 | todate;
