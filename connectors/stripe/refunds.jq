# Which events tell of a refund, and whose it is.

def refund: .body | objects | .type as $type
  | select($type == "refund.created" or $type == "refund.updated" or $type == "refund.failed"
      or $type == "charge.refund.updated")
  | .data.object;

def ours: refund | .metadata.hub != null and .metadata.credit != null;

def theirs: refund | .metadata.hub == null;

def status: refund | .status;
