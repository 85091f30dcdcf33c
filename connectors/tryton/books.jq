# Invoices and credit notes: what they say, and the cent that two ways of rounding make.
include "common";
include "sale";

def revenue: .product.account_category.account_revenue;

def paper($sale; $lines): {type: "out", party: $sale.party, invoice_address: $sale.invoice_address, currency: $sale.currency.id,
  payment_term: $sale.payment_term, journal: .lookup.journal, account: .lookup.receivable, reference: .args.id,
  description: .args.order, lines: ($lines | one2many)};

def entry_of($line; $units; $net; $tax; $currency): {type: "line", note: $line.note, description: $line.description, product: $line.product.id, unit: $line.unit,
  quantity: $units, unit_price: price($net; $units | abs; $currency), account: ($line | revenue),
  taxes: (if $tax == 0 then [] else [["add", [$line.taxes[].id]]] end)};

def invoice: . as $top | .args as $args | (.lookup.sales | lines_of($args.order)) as $lines
  | [$args.lines[] | . as $value | $lines[.line]
     | entry_of(.; $value.quantity; $value.amount - $value.tax; $value.tax; $args.currency) + {origin: "sale.line,\(.id)"}]
  | . as $entries | $top | paper(.lookup.sales | first_sale; $entries);

# What a fee keeps is not credited: taken off line after line, tax and all.
def less($fee): reduce .[] as $l ({left: $fee, lines: []};
    ([.left, $l.amount] | min | if . > 0 then . else 0 end) as $off
    | .left -= $off
    | .lines += [$l + if $off == 0 then {} else {amount: ($l.amount - $off), tax: ($l.tax * ($l.amount - $off) / $l.amount | round)} end])
  | .lines;

# The line of the return order, which so is credited in full; else the order's, which stays sold.
def credited($args): . as $sales | [$sales[] | select($args.rma != null and .description == $args.rma) | .lines[]
    | . + {of: (.note | split(" ")[1:] | join(" ")), origin: "sale.line,\(.id)"}] | keyed(.of) as $back
  | ($sales | lines_of($args.order)) as $sold
  | $args.lines | less($args.withheld // 0) | map(. as $value
    | ($back["\($args.order) \($value.line)"] // $sold[$value.line // ""] // ($sold | to_entries[0].value + {product: null, generic: true})) as $line
    | (if $value.quantity > 0 then $value.quantity else 1 end) as $units | ($value.amount - $value.tax) as $net
    | ($line | if .generic then $sold | to_entries[0].value | revenue else revenue end) as $account
    | entry_of($line; -$units; $net; $value.tax; $args.currency) + {account: $account, note: $value.line}
      + if $line.origin and $value.quantity > 0 then {origin: $line.origin} else {} end
      + if $line.generic then {unit: null, description: ($args.kind // "return")} else {} end);

def credit: . as $top | .args as $args | (.lookup.sales | credited($args)) as $entries
  | .args.id = $args.reference | paper(.lookup.sales | first_sale; $entries)
  | if ($args.withheld // 0) > 0 then .description += " fee \($args.withheld)" else . end;

# The same once more, the other way round.
def reversal: .args as $args | .lookup.memo as $memo | [$memo.lines[] | {type: "line", note, product, unit, quantity: (-.quantity | units),
    unit_price, account, description, taxes: [["add", [.taxes[].id]]]}] as $entries
  | paper($memo | .currency |= {id: .}; $entries) | .description = "\($args.order) reversal of \($args.reference)";

# A fee that was kept stands in the note's description, behind the order.
def withheld: [. // "" | capture(" fee (?<fee>[0-9]+)$") | .fee | tonumber] | first // 0;
