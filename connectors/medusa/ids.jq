# The names under which the hub knows what the shop numbers.

def source: $conf.source // error("the connection has no conf.source");

# What the shop listed.
def listed: .headers.listed | fromjson;

def order_id($id): "\(source)-\($id | id)";

def given($member; $value): if $value == null then {} else {($member): $value} end;

# Since when a list is asked for. Times are set before a transaction is committed, so a change may appear behind one
# that was seen already: ten seconds are read again. A page that was not the last goes on where it ended ("at:…").
def since: .args.cursor as $at | if $at == null then null
  elif $at | startswith("at:") then $at[3:]
  else $at[0:19] + "Z" | fromdate - 10 | todate end;

def asked($fields): since as $since
  | {order: "updated_at", limit: 100, fields: $fields} + given("updated_at[$gte]"; $since);

def further: .count > .offset + .limit;

def next($rows): if further then "at:" + $rows[-1].updated_at else $rows[-1].updated_at end;
