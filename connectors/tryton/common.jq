# How Tryton is asked, and how it writes numbers.

# A value that an address carries: a domain, an order of rows.
def packed: tojson | @base64 | gsub("\\+"; "-") | gsub("/"; "_");

def where($domain): {d: ($domain | packed)};

def one2many: [["create", .]];

# Quantities come as 2.0.
def units: floor;

def cents($currency): .decimal | minor($currency);

def abs: if . < 0 then -. else . end;

# Minor units over units as decimal text, rounded half away from zero to the ERP's price digits.
def price($net; $units; $currency):
  ($conf.price_digits // 4) as $digits
  | ("1" | minor($currency)) as $scale
  | (reduce range($digits) as $n (1; . * 10)) as $ten
  | (($net | abs) * $ten * 2 + $scale * $units) as $top
  | (($top - $top % ($scale * $units * 2)) / ($scale * $units * 2) | floor) as $p
  | ($p % $ten | tostring | ("0" * ($digits - length) // "") + .) as $rest
  | (if $net < 0 then "-" else "" end) + "\(($p - $p % $ten) / $ten | floor).\($rest)";

def keyed(f): map({key: (f // "" | tostring), value: .}) | from_entries;

# Of what was asked for by code: all of it by code, or null where one is missing.
def by_code($codes): keyed(.code) | if ($codes - keys) == [] then . else null end;
