# The names under which the hub knows what the shop numbers.

def source: $conf.source // error("the connection has no conf.source");

# What the shop listed.
def listed: .headers.listed | fromjson;

# The shop makes an order first and its payment a moment later: one without is left for the next look, for a minute.
def unfinished: def seconds: .[0:19] + "Z" | fromdate;
  .status != "canceled" and [.payment_collections[]?.payments[]?] == []
  and (.created_at | seconds) + 60 > ($now | seconds);

def order_id($id): "\(source)-\($id | id)";

def given($member; $value): if $value == null then {} else {($member): $value} end;

# What changed since the cursor, which is the time of the last change that is known.
def asked($fields): {order: "updated_at", limit: 100, fields: $fields} + given("updated_at[$gte]"; .args.cursor);
