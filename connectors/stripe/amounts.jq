# Stripe's amounts against ISO 4217 minor units. They agree but for three currencies: ISK and UGX have no
# decimals and are still written with two; MGA has two by ISO 4217 and is written with none
# (docs.stripe.com/currencies, zero-decimal and special cases).

def currency: need(.currency) | ascii_upcase;

def hundredth: if . % 100 == 0 then . / 100 | floor else error("\(.) cannot be said in this currency") end;

def iso($currency): if $currency == "ISK" or $currency == "UGX" then hundredth
  elif $currency == "MGA" then . * 100 else . end;

# Of an object of Stripe's with `amount` and `currency`.
def from_stripe: currency as $currency | at(.amount; iso($currency));

# Of a payment intent.
def received: currency as $currency | at(.amount_received; iso($currency));

# What one capture took: where several are made, the intent tells only their sum.
def captured($args): if $args.several == true then $args.amount else received end;

# Of arguments of ours with `amount` and `currency`.
def to_stripe: need(.currency) as $currency | need(.amount)
  | if $currency == "ISK" or $currency == "UGX" then . * 100 elif $currency == "MGA" then hundredth else . end;

# A refund as the contract has it.
def state: if .status == "succeeded" then "succeeded" else "pending" end;
