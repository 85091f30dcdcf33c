# Stripe's amounts against ISO 4217 minor units. They agree but for three currencies: ISK and UGX have no
# decimals and are still written with two; MGA has two by ISO 4217 and is written with none
# (docs.stripe.com/currencies, zero-decimal and special cases).

def currency: need(.currency) | ascii_upcase;

def hundredth: if . % 100 == 0 then . / 100 | floor else error("\(.) cannot be said in this currency") end;

def iso($currency): if $currency == "ISK" or $currency == "UGX" then hundredth
  elif $currency == "MGA" then . * 100 else . end;

# Of an object of Stripe's with `amount` and `currency`.
def from_stripe: currency as $currency | at(.amount; iso($currency));

# What is left of a charge when less is captured: some servers write it as a refund, which nobody asked for.
def remainder: $conf.plain == true and .payment_intent == null and .metadata.hub == null;

# Of a payment intent or a charge: what was taken. A server that does not say it gives the charge with its refunds.
def received: .amount_received // .amount_captured // (.latest_charge | objects
  | .amount_captured // (.amount - ([.refunds.data[]? | select(remainder) | .amount] | add // 0)));

def taken: currency as $currency | received as $received | at($received; iso($currency));

# Whether all is taken that will be.
def is_taken: (.status == "succeeded" and .captured != false) and (received // 0) > 0;

# What one capture took: where several are made, the intent tells only their sum.
def captured($args): if $args.several == true then $args.amount else taken end;

# A payment as the contract has it.
def authorisation: if is_taken then "captured"
  elif .status == "requires_capture" or (.object == "charge" and .status == "succeeded" and .refunded != true)
  then "authorised" elif .status == "canceled" or .refunded == true then "expired" else "absent" end;

# Of arguments of ours with `amount` and `currency`.
def to_stripe: need(.currency) as $currency | need(.amount)
  | if $currency == "ISK" or $currency == "UGX" then . * 100 elif $currency == "MGA" then hundredth else . end;

# A refund as the contract has it.
def state: if .status == "succeeded" then "succeeded" else "pending" end;

# What of the thing goes into a list.
def row: {id, reference: (.metadata.hub // .metadata.hub_capture), order: .metadata.order, currency: currency, state: .status,
    at: (.created | todate)} | with_entries(select(.value != null));
