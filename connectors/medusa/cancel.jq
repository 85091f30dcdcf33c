# A cancellation: of the whole order where nothing of it is left or has gone, else an order edit that lowers lines.
include "money";

def read: "id,status,items.id,items.detail.raw_quantity,items.detail.raw_fulfilled_quantity";

# The order's lines: what is left of each, how many have gone, and how many are to be taken off.
def lines: .args.lines as $told | [.lookup.order.items[] | . as $item
  | {id, has: (.detail.raw_quantity | whole), gone: (.detail.raw_fulfilled_quantity | whole),
     off: ([$told[] | select(.line == $item.id) | .quantity] | add // 0)}];

def open($set): [lines[] | select(.off > 0 and (.id as $id | $set | index($id) | not))];

def open: open(.found.set // []);

# What is known of an edit, with the line that it is to set next.
def edit($found): $found + {next: (open($found.set) | first | if . then .id else null end)};

# The edit carries our note.
def seen: .args.id as $id | . as $scene
  | [.body.order_changes[] | select(.internal_note == $id and .status != "canceled")] | first
  | if . == null then {change: null}
    else . as $change | $scene | edit({change: $change.id, done: ($change.status == "confirmed"),
      set: [$change.actions[].details.reference_id]}) end;

def begun: edit({change: .body.order_change.id, done: false, set: []});

def lowered: open[0] | {quantity: ([.has - .off, .gone] | max)};

def set: edit(.found + {set: (.found.set + [open[0].id])});

def all_of_it: lines | all(.[]; .gone == 0 and .has == .off);

# Nothing is to be done once the order is cancelled or the edit confirmed, or where no line of the shop's is named.
def over: .lookup.order.status == "canceled" or .found.done == true or .found.whole == true
  or (lines | all(.[]; .off == 0));
