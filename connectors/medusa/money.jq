# Medusa does not round: a price of 12.49 with 20 % on it is 14.988. Its amounts are read by the digits of `raw_*`, in
# millionths; a document is rounded once, half away from zero, and its lines get what adds up to that.

def digits: (.value? // .) | tostring;

def millionths: digits
  | capture("^(?<sign>-?)(?<whole>[0-9]+)(\\.(?<rest>[0-9]+))?$") // error("\(.) is no amount")
  | ((.whole + ((.rest // "") + "000000")[0:6]) | tonumber) * (if .sign == "-" then -1 else 1 end);

# A quantity, which is whole however it is written.
def whole: digits | sub("\\.0*$"; "") | tonumber;

# How many millionths are in a minor unit.
def unit($currency): "1" | minor($currency) | 1000000 / . | floor;

def rounded($unit): if . < 0 then -(-. | rounded($unit)) else (. + ($unit / 2 | floor)) / $unit | floor end;

def rounded_in($currency): unit($currency) as $unit | millionths | rounded($unit);

def rate: [.tax_lines[]?.raw_rate | millionths] | add // 0;

# What a line is charged, exactly: {net or gross as its price is, tax}. `rate` is in millionths of a hundredth.
def exact($price; $quantity): rate as $rate | (.is_tax_inclusive == true) as $included
  | ([.adjustments[]?.raw_amount | millionths] | add // 0) as $off
  | (($price | millionths) * $quantity - $off) as $amount
  | {included: $included, off: $off, amount: $amount,
     tax: (if $included then $amount * $rate / (100000000 + $rate) else $amount * $rate / 100000000 end | floor)};

# Whole minor units for each of `.`, which together are $total: the largest remainders are rounded up. Where two are
# equal the first is.
def spread($total; $unit): [to_entries[] | (.value / $unit | floor) as $low | {at: .key, low: $low, rest: (.value - $low * $unit)}]
  | ($total - (map(.low) | add // 0)) as $more
  | sort_by([-.rest, .at]) | to_entries
  | map(.value + {units: (.value.low + if .key < $more then 1 else 0 end)}) | sort_by(.at) | map(.units);

# Lines that hold `exact`, with amount and tax in minor units. All of a document are priced the same way.
def charged($currency): unit($currency) as $unit | . as $lines
  | (map(.exact.included) | unique) as $ways
  | if $ways | length > 1 then error("prices with and without tax stand side by side") else . end
  | (map(.exact.tax) | add // 0 | rounded($unit)) as $tax
  | (map(.exact | .amount + if .included then 0 else .tax end) | add // 0 | rounded($unit)) as $total
  | (map(.exact.amount) | spread($total - (if $ways == [true] then 0 else $tax end); $unit)) as $amounts
  | (map(.exact.tax) | spread($tax; $unit)) as $taxes
  | [range($lines | length) as $n | $lines[$n] | .exact as $exact | del(.exact)
     + {amount: $amounts[$n], tax: $taxes[$n], tax_included: $exact.included, discount: ($exact.off | rounded($unit))}];
