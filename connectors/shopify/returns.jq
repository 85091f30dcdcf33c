# A return that was asked for at Shopify: how it stands there, and what is said of it.
include "call";

def return_id: gid("Return"; .args.rma | split("-R") | last);

def read_text: "query Return($id: ID!) { return(id: $id) { id status
  returnLineItems(first: 150) { nodes { ... on ReturnLineItem { id quantity processedQuantity } } } } }";

def read: ask("Return"; read_text; {id: return_id});

def seen: .body.data.return | values
  | {id, status, lines: [.returnLineItems.nodes[] | {id, line: (.id | number), quantity, processed: .processedQuantity}]};

def approve: ask("ReturnApprove"; "mutation ReturnApprove($input: ReturnApproveRequestInput!) {
  returnApproveRequest(input: $input) { return { id status } userErrors { field message code } } }";
  {input: {id: .found.id}});

# Shopify knows two reasons; ours stands in the note.
def decline: ask("ReturnDecline"; "mutation ReturnDecline($input: ReturnDeclineRequestInput!) {
  returnDeclineRequest(input: $input) { return { id status } userErrors { field message code } } }";
  {input: {id: .found.id, declineNote: (.args.reason // "declined"),
    declineReason: (if .args.reason // "" | test("late|window|expired|period") then "RETURN_PERIOD_ENDED" else "OTHER" end)}});

# The units that were refunded. A line that was processed before, be it in part, is left as it is: closing ends it.
def unprocessed: (.args.lines // []) as $told | [.found.lines[]? | . as $line
  | ([$told[] | select(.status == "refunded" and .line == $line.line) | .quantity] | add // 0) as $units
  | select($units > 0 and .processed == 0) | {id, quantity: ([$units, .quantity] | min)}];

# No financial transfer: the money moves through the tender's executor alone.
def process: ask("ReturnProcess"; "mutation ReturnProcess($input: ReturnProcessInput!) {
  returnProcess(input: $input) { return { id status } userErrors { field message code } } }";
  {input: {returnId: .found.id, notifyCustomer: false, returnLineItems: unprocessed}});

def processed: unprocessed as $done | .found | .lines |= map(. as $line
  | ([$done[] | select(.id == $line.id) | .quantity] | add // 0) as $units | .processed += $units);

def close: ask("ReturnClose"; "mutation ReturnClose($id: ID!) {
  returnClose(id: $id) { return { id status } userErrors { field message code } } }"; {id: .found.id});

def now_is($mutation): .found + {status: .body.data[$mutation].return.status};
