# A refund that somebody else began. Its order is known only where its own metadata names it.
include "amounts";

.body | {refund: need(.data.object.id), payment: (.data.object.payment_intent // need(.data.object.charge))}
  + (.data.object | {amount: from_stripe, currency: currency}
      + if $conf.elsewhere then {kind: $conf.elsewhere} else {} end
      + if .metadata.order then {order: id(.metadata.order)} else {} end)
