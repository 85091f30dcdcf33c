# A refund that the hub began, as Stripe reports it.
include "amounts";

.body | .data.object
| {refund: need(.id), credit: id(.metadata.credit), order: id(.metadata.order), amount: from_stripe, currency: currency}
  + if .failure_reason then {reason: .failure_reason} elif .pending_reason then {reason: .pending_reason} else {} end
