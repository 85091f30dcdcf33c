# Units of a sale that are not wanted any more, by an amendment of it.
include "common";
include "sale";

def wanted_off: .args.lines | map({key: .line, value: .quantity}) | from_entries;

def touched: .args as $args | (.found.sales | lines_of($args.order)) as $lines | [$args.lines[] | $lines[.line]];

# What is left of a line for the warehouse, or, where nothing is shipped, of the whole.
def open_units: .quantity_to_ship // .quantity | units;

def wrong: wanted_off as $off | .args as $args
  | if .found == null then "unknown_order"
    elif (.found.sales | unknown_lines($args.order; [$args.lines[].line])) != [] then "unknown_line"
    elif (touched | map(.sale) | unique | length) > 1 then "lines_of_several_sales"
    elif .found.ours == null and any(touched[]; $off[.note] > open_units) then "already_shipped"
    else null end;

def amendment: wanted_off as $off | .args.id as $id | touched
  | {sale: .[0].sale, description: $id,
     lines: (map({action: "line", line: .id, product: .product.id, unit, unit_price, description, quantity: (.quantity - $off[.note] | units)}) | one2many)};
