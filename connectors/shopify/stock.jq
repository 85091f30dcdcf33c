# What a location shows of the SKUs that are published, and the figures that are put there.
include "call";

# 100 items a page, of about four points each: the whole of a publication is read, however long it is.
def levels_text: "query Levels($location: ID!, $skus: String!, $after: String) {
  inventoryItems(first: 100, after: $after, query: $skus) {
    nodes { id sku tracked variant { requiresComponents }
      inventoryLevel(locationId: $location) { quantities(names: [\"available\"]) { quantity } } }
    pageInfo { hasNextPage endCursor } } }";

def location: gid("Location"; $conf.location // error("the connection has no conf.location: where its stock is kept"));

def levels: .page as $page | ask("Levels"; levels_text;
  {location: location, skus: ([.args.items[].sku | "sku:\"\(.)\""] | join(" OR ")), after: $page});

def next_levels: .body.data.inventoryItems.pageInfo | if .hasNextPage == true then .endCursor else null end;

# An item that is not stocked here or not counted, or that is a bundle of others, has no figure of its own; one of
# them would fail all the rest. A search also brings what is called alike.
def gathered: (reduce .args.items[] as $item ({}; .[$item.sku | ascii_upcase] = $item)) as $wanted
  | .body.data.inventoryItems.nodes[]
  | $wanted[.sku // "" | ascii_upcase] as $item
  | select($item != null and .inventoryLevel != null and .tracked != false and .variant.requiresComponents != true)
  | {sku: $item.sku, item: .id, have: .inventoryLevel.quantities[0].quantity, want: $item.available,
     from: (if $item | has("expected") then $item.expected else .inventoryLevel.quantities[0].quantity end)};

def differing: [.found[]? | select(.have != .want)];

def set_text: "mutation SetQuantities($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id } userErrors { field message code } } }";

# Each attempt has a key of its own, since the figures that it compares with are in it; the comparison keeps two of
# them from both having an effect.
def set: location as $location | ask("SetQuantities"; set_text; {
  key: "\(.sent) \($now) \([.found[].from] | add // 0)",
  input: {name: "available", reason: "correction", referenceDocumentUri: "hub://stock/\(.args.id)",
    quantities: (differing | map({inventoryItemId: .item, locationId: $location, quantity: .want, changeFromQuantity: .from}))}});

def left_out: [.found[]?.sku] as $there | [.args.items[].sku | select(. as $sku | $there | index($sku) | not)];
