# The names under which the hub knows what the shop numbers.

def source: $conf.source // error("the connection has no conf.source");

# What the shop listed.
def listed: .headers.listed | fromjson;

def order_id($id): "\(source)-\($id | id)";

def given($member; $value): if $value == null then {} else {($member): $value} end;

# What changed since the cursor, which is the time of the last change that is known.
def asked($fields): {order: "updated_at", limit: 100, fields: $fields} + given("updated_at[$gte]"; .args.cursor);
