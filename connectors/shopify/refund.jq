# Refunds, found by their note: one that moves money, and the record of one that another system paid.
include "call";
include "money";

def refunds_text: "query Refunds($order: ID!) { order(id: $order) {
  refunds(first: 60) { id note transactions(first: 1) { nodes { status } } }
  transactions(first: 60) { id kind status gateway authorizationExpiresAt parentTransaction { id }
    amountSet { shopMoney { amount currencyCode } presentmentMoney { currencyCode } } } } }";

def refunds($order): ask("Refunds"; refunds_text; {order: $order});

# {id, status} of the refund of ours, null where there is none, and the order's transactions. Status is null for a record.
def refund_of(among): .body.data.order | values
  | {ours: ([.refunds[] | select(.note // "" | among) | {id, status: .transactions.nodes[0].status}] | first)};

def one($id): . == marked($id);

# A credit's second tender is refunded under the credit's id and .2: its record is there as well.
def some($id): . == marked($id) or startswith(marked($id) + ".");

def paying: transactions as $all | (.args.credit as $credit | refund_of(one($credit))) + {transactions: $all};

# The payment with enough left on it.
def parent: .args.amount as $amount | .found |= .transactions
  | (all("REFUND")) as $back | first((all("CAPTURE") + all("SALE"))[] | . as $paid
      | select($paid.status == "SUCCESS"
          and $paid.amount - ([$back[] | select(.parent == $paid.id) | .amount] | add // 0) >= $amount)) // null;

def create_text: "mutation RefundCreate($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id note transactions(first: 1) { nodes { status } } } userErrors { field message } } }";

def create($order; $note; $more): ask("RefundCreate"; create_text;
  {key: .sent, input: ({orderId: $order, note: $note, notify: false} + $more)});

def created: .found + {ours: (.body.data.refundCreate.refund | {id, status: .transactions.nodes[0].status})};

def pay: parent as $parent | .args.currency as $currency | create(paid; marked(.args.credit); {transactions: [
  {orderId: paid, parentId: $parent.id, gateway: $parent.gateway, kind: "REFUND", amount: (.args.amount | major($currency))}]});

# What was given back of lines, without money.
def lines($type): [.args.lines[] | select((.line | numbered) and .quantity > 0)
  | {lineItemId: gid("LineItem"; .line), quantity, restockType: $type}];

def record: create(reported; marked(.args.id); {refundLineItems: lines("NO_RESTOCK"), transactions: []});
