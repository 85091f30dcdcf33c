# What a document should come to, and the entry that makes up for a cent of rounding.
include "common";
include "books";

# Beyond a cent a line it is no rounding.
def comes_to: .args.currency as $currency | .found.total_amount | cents($currency);

def missing: .wanted - comes_to;

def near: (missing | abs) <= (.found.lines | length);

def invoice_total: .wanted = .args.total;

def credit_total: .wanted = (.args.withheld // 0) - .args.total;

def reversal_total: .wanted = .args.total - (.lookup.memo.description | withheld);

def even: .found.state != "draft" or missing == 0 or (near | not);

def rounding: .args.currency as $currency | (.lookup.memo // .lookup.sales[0]) as $like
  | {taxes: ([{description: "Rounding", manual: true, base: "0", amount: (missing | major($currency)),
      account: ([$like.lines[].taxes[].invoice_account] | first)}] | one2many)};
