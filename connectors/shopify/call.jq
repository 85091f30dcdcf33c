# One call of the Admin GraphQL interface, and how things are named there.

def gid($kind; $id): "gid://shopify/\($kind)/\($id)";

# The number in such a name.
def number: split("/") | last;

def ask($name; $text; $variables): {operationName: $name, query: $text, variables: $variables};

# The order of a report, and that of a payment which Shopify collected (shopify-820982911946154508).
def reported: gid("Order"; .args.source_id);

def paid: gid("Order"; .args.payment | split("-") | last);

# Lines that Shopify numbers; those of shipping, duties and tips are ours alone.
def numbered: test("^[0-9]+$");

# A refund of ours says so in its note: of a credit, or of a cancellation.
def marked($id): "hub \($id)";

# What a mutation refused, wherever its payload says it; and what kept the whole call from being run.
def refusals: [.body | objects | .data | objects | .[] | objects
  | (.userErrors, .orderCancelUserErrors) | arrays | .[]];

def failures: [.body | objects | .errors | arrays | .[]];

def refused_as($code): refusals | any(.[]; .code == $code);

def failed_as($code): failures | any(.[]; .extensions.code == $code);
