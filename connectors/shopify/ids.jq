# The names under which the hub knows what the shop numbers.

def source: $conf.source // error("the connection has no conf.source");

def order_id: "\(source)-\(id(.id))";
