# A return as the shop has it, and what is said of it. What was received is told receipt by receipt: the change that
# books one carries the update's id.
include "money";

def read: "id,status,order_id,items.item_id,items.id,items.raw_quantity,items.raw_received_quantity,items.raw_damaged_quantity";

def seen: .args.id as $id | [.body.order_changes[] | select(.change_type == "return_receive" and .status != "canceled"
    and .internal_note == $id)] | first
  | if . == null then {change: null} else {change: .id, done: (.status == "confirmed"), set: (.actions != [])} end;

def state: .lookup.return.status;

# Never more than is still expected: what else came in the parcel is no part of the return.
def items: .args.lines as $told | [.lookup.return.items[] | . as $item
  | ([$told[] | select(.line == $item.id) | .quantity] | add // 0) as $units
  | ((.raw_quantity | whole) - (.raw_received_quantity | whole) - (.raw_damaged_quantity | whole)) as $open
  | {id: .item_id, quantity: ([$units, $open] | min)} | select(.quantity > 0)];

# What there is to do: goods of a return that is not over.
def receives: .args.status == "received" and .found.done != true
  and (state == "requested" or state == "partially_received") and (.found.change != null or items != []);

def declines: .args.status == "declined" and state == "requested" and .found.declined != true;

# Nothing of this update is there yet, though there is something to do.
def absent: (receives and .found.change == null) or declines;
