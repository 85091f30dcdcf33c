# Sales: orders, what is added to them, and what comes back.
include "common";

# What stands for a line in Tryton: its own product, or one for all lines of its kind.
def product_code: $conf.products[.kind] // .sku;

def product_codes: map(product_code) | unique;

def head($id; $order; $sale): {reference: $id, description: $order, invoice_method: "manual", shipment_method: "manual"} + $sale;

def line($products; $currency): $products[product_code] as $product | (.amount - .tax) as $net
  | {note: .line, description: (if product_code == .sku then null else .sku end), product: $product.id, unit: $product.default_uom, quantity, unit_price: price($net; .quantity; $currency),
     taxes: (if .tax == 0 then [] else [["add", $product.account_category.customer_taxes]] end)};

# A new sale goes to its customer, or to the one that stands for all.
def customer: .args.customer // $conf.party;

def order: .args as $args | .lookup as $seen | (.found.party // $seen.party) as $party
  | head($args.id; $args.id; {party: $party.id, invoice_address: $party.addresses[0], shipment_address: $party.addresses[0],
      currency: $seen.currency, warehouse: $seen.warehouse, comment: "\($args.number) of \($args.placed_at)",
      lines: ($args.lines | map(line($seen.products; $args.currency)) | one2many)});

# The order's own sale, and where the next one like it goes.
def first_sale: map(select(any(.lines[]; .quantity >= 0))) | sort_by(.id)[0];

def like: {party, invoice_address, shipment_address, warehouse, currency: .currency.id};

def added: .args as $args | .lookup as $seen
  | head($args.id; $args.order; $seen.sales | first_sale | like + {origin: "sale.sale,\(.id)"}
    + {lines: ($args.add | map(line($seen.products; $args.currency)) | one2many)});

# The lines of an order, over all its sales, by their own ids.
def lines_of($order): [.[] | select(.description == $order) | .id as $sale | .lines[] | .sale = $sale] | keyed(.note);

def unknown_lines($order; $lines): lines_of($order) as $known | [$lines[] | select($known[.] == null)];

def returned_note: "\(.line) \(.order) \(.order_line)";

# Below zero, priced as it was sold.
def return_order: .args as $args | .lookup.sales as $sales
  | ($sales | map(select(.description == $args.lines[0].order)) | first_sale) as $sale
  | head($args.id; $args.rma; $sale | like + {origin: "sale.sale,\(.id)"}
    + {lines: ([$args.lines[] | . as $back | ($sales | lines_of($back.order))[$back.order_line]
        | {note: ($back | returned_note), product: .product.id, unit, quantity: -$back.quantity, unit_price,
           taxes: [["add", [.taxes[].id]]]}] | one2many)});

# How far a sale is.
def at_least($state): ["draft", "quotation", "confirmed", "processing", "done"] as $way
  | ($way | index($state)) as $wanted | .found.state as $is | ($way | index($is) // 9) >= $wanted;

# What the sale comes to. A shop that rounds the tax of each line may be a cent a line away; the invoice evens it out.
def sale_total: .args as $args | (.found.total_amount | cents($args.currency)) as $total
  | if ($total - $args.total | abs) <= ($args.lines | length) then $args.total else $total end;

def sold_where: [["product.code", "=", .args.sku], ["quantity", ">", 0], ["sale.state", "in", ["processing", "done"]]]
  + if .args.reference then [["sale.description", "=", .args.reference]]
    else [["sale.party.code", "=", .args.customer // ""]] end;

def sold: .body[0] // null | if . == null then {} else {order: .sale.description, order_line: .note} end;
