# The shop's own record of money that its executor gave back. No money moves by it: its payment provider is a record too.
include "money";

def read: "id,status,payment_collections.id,payment_collections.status,payment_collections.raw_amount,"
  + "payment_collections.payments.id,payment_collections.payments.canceled_at,payment_collections.payments.raw_amount,"
  + "payment_collections.payments.captures.raw_amount,payment_collections.payments.refunds.id,"
  + "payment_collections.payments.refunds.note,payment_collections.payments.refunds.raw_amount";

def note: "hub \(.args.id)";

def of($payment): {id: $payment.id, amount: ($payment.raw_amount.value),
  captured: ([$payment.captures[]?.raw_amount | millionths] | add // 0),
  refunded: ([$payment.refunds[]?.raw_amount | millionths] | add // 0), whole: ($payment.raw_amount | millionths)};

# An edit cancels the payment and leaves a collection that nobody has paid.
def seen: note as $note | .body.order
  | [.payment_collections[]? | select(.status != "canceled")] as $open
  | [$open[].payments[]? | select(.canceled_at == null)] as $payments
  | {ours: ([.payment_collections[]?.payments[]?.refunds[]? | select(.note == $note) | .id] | first),
     unpaid: (if $payments == [] then [$open[] | select(.status == "not_paid") | .id] | first else null end),
     payment: ($payments | first | if . then of(.) else null end)};

def uncaptured: .found.ours == null and .found.payment != null and .found.payment.captured == 0;

def captured: .found | .payment.captured = .payment.whole;

# Never more than the record holds: it holds the unrounded total, of which the shopper paid whole cents.
def amount: unit(.args.currency) as $unit | .found.payment as $payment
  | [.args.amount * $unit, $payment.captured - $payment.refunded] | min;

def decimal: tostring | ("000000" + .)[-([7, length] | max):] | .[0:-6] + "." + .[-6:] | sub("\\.?0+$"; "") | fromjson;

def give: {amount: (amount | decimal), note: note};
