# The transactions of an order, which of them a command is about, and what it asks for.
include "call";

def read_text: "query Transactions($order: ID!) { order(id: $order) {
  transactions(first: 100) { id kind status gateway authorizationExpiresAt parentTransaction { id }
    amountSet { shopMoney { amount currencyCode } presentmentMoney { currencyCode } } } } }";

def read: ask("Transactions"; read_text; {order: paid});

# What Shopify calls an amount is in the shop's currency, and it takes captures in the customer's.
def money: .amountSet | .shopMoney.currencyCode as $currency
  | if .presentmentMoney.currencyCode == $currency then .shopMoney | minor(.amount; $currency)
    else error("the customer paid in \(.presentmentMoney.currencyCode), the shop counts in \($currency)") end;

def transactions: .body.data.order | values | [.transactions[] | {id, kind, status, gateway, amount: money,
  currency: .amountSet.shopMoney.currencyCode, parent: .parentTransaction.id, expires: .authorizationExpiresAt}];

def begun: select(.status == "SUCCESS" or .status == "PENDING");

def all($kind): [.found[]? | select(.kind == $kind) | begun];

def authorisation: all("AUTHORIZATION") | first;

# Which capture is ours nothing but the amount can say; so a payment that is captured more than once is refused.
def captured: .args.amount as $amount | (all("CAPTURE") + all("SALE")) | map(select(.amount == $amount)) | first;

def capture_text: "mutation Capture($input: OrderCaptureInput!) { orderCapture(input: $input) {
  transaction { id kind status gateway authorizationExpiresAt parentTransaction { id }
    amountSet { shopMoney { amount currencyCode } presentmentMoney { currencyCode } } }
  userErrors { field message } } }";

def capture: ask("Capture"; capture_text; {input: {id: paid, parentTransactionId: authorisation.id, finalCapture: true,
  amount: (.args.currency as $currency | .args.amount | major($currency)), currency: .args.currency}});

def void_text: "mutation Void($parent: ID!) { transactionVoid(parentTransactionId: $parent) {
  transaction { id kind status gateway authorizationExpiresAt parentTransaction { id }
    amountSet { shopMoney { amount currencyCode } presentmentMoney { currencyCode } } }
  userErrors { field message code } } }";

def void: ask("Void"; void_text; {parent: authorisation.id});

def made($mutation): {body: {data: {order: {transactions: [.body.data[$mutation].transaction | values]}}}} | transactions;

# How a payment stands, as the contract has it.
def standing: (all("CAPTURE") + all("SALE")) as $taken | authorisation as $open
  | if $taken != [] then {ref: $taken[0].id, state: "captured", amount: ($taken | map(.amount) | add), currency: $taken[0].currency}
    elif $open == null or all("VOID") != [] then {ref: .args.payment, state: "absent", amount: 0, currency: ($open.currency // "XXX")}
    else {ref: $open.id, state: (if ($open.expires // "9") < $now then "expired" else "authorised" end),
      amount: $open.amount, currency: $open.currency}
      + if $open.expires then {expires_at: $open.expires} else {} end end;
