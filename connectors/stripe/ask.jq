# What is asked of Stripe. A payment is a payment intent, or a charge of the older interface (ch_…).
include "amounts";

def charge: .args.payment | startswith("ch_");

def paid: if charge then {charge: .args.payment} else {payment_intent: .args.payment} end;

def capture: .key as $mark | (.args | to_stripe) as $amount
  | if charge then {amount: $amount} else {amount_to_capture: $amount}
    + if $conf.plain == true then {} else {metadata: {hub_capture: $mark}} end
    + if .args.several == true then {final_capture: false} else {} end end;

def refund: paid + {amount: .args | to_stripe, metadata: {hub: .key, credit: .args.credit, order: .args.order}};

def events: if $conf.oldest_first == true then {limit: 100, starting_after: .args.cursor}
  else {limit: 100, ending_before: .args.cursor,
    types: ["refund.created", "refund.updated", "refund.failed", "payment_intent.succeeded"]} end;

# A plain server lists all that it has.
def since: {limit: 100} + if .args.since and $conf.plain != true
  then {created: {gte: (.args.since[0:19] + "Z" | fromdate)}} else {} end;
