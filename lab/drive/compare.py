"""Every system's final state, side by side, as each says it by its own interface."""
import base64
import gzip
import json
import urllib.parse
import urllib.request

import pay
import shopper
from shopper import cents

from .estate import PLACES
from .trade import SKUS

# What is asked by the clock, and when a webhook says that there is something.
POLLS = {"GET /admin/orders", "GET /admin/order-changes", "GET /admin/returns", "GET /{}/events", "GET /{}/trackers"}


class Tryton:
    """Reads the ERP over its REST interface."""

    def __init__(self, end):
        self.end = end

    def search(self, model, fields, domain=(), **context):
        def packed(value):
            return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()

        query = urllib.parse.urlencode([("d", packed(list(domain))), ("s", 5000)] + [("f", f) for f in fields.split()])
        headers = {"authorization": f"Bearer {self.end['key']}",
                   "x-tryton-context": packed({"company": self.end["company"]} | context)}
        request = urllib.request.Request(f"{self.end['url']}/rest/model/{model}?{query}", headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            body = answer.read()
            zipped = answer.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(body) if zipped else body)


def number(value):
    """A number of the ERP's, which writes those with decimals as text."""
    return int(float(value["decimal"] if isinstance(value, dict) else value))


def nothing():
    """What the ERP has of an order that it does not know."""
    return {"sales": [], "sold": {}, "billed": {}, "invoiced": 0, "tax": 0, "credited": 0, "memos": 0, "shipments": []}


def tryton_orders(end):
    """By hub order, and by return: what the ERP has, in minor units. Its documents carry the order, or the return, in
    `description`; `sold` and `billed` are units by SKU."""
    erp, found = Tryton(end), {}

    def row(name):
        return found.setdefault(name, nothing())

    def add(units, lines):
        for line in lines:
            if line["product"] and line["product"]["template"]["type"] == "goods":
                sku = line["product"]["code"]
                units[sku] = units.get(sku, 0) + number(line["quantity"])

    product = "lines.product.code lines.product.template.type lines.quantity"
    for sale in erp.search("sale.sale", f"description state total_amount {product}"):
        mine = row(sale["description"])
        mine["sales"].append((sale["state"], cents(sale["total_amount"]["decimal"])))
        add(mine["sold"], sale["lines"])
    for shipment in erp.search("stock.shipment.out", "state warehouse.code outgoing_moves.sale.description"):
        mine = row(shipment["outgoing_moves"][0]["sale"]["description"])
        mine["shipments"].append((shipment["state"], shipment["warehouse"]["code"]))
    for paper in erp.search("account.invoice", f"description state total_amount tax_amount {product}", [["type", "=", "out"]]):
        value, mine = cents(paper["total_amount"]["decimal"]), row(paper["description"])
        if paper["state"] not in ("posted", "paid"):
            mine["invoiced"] += 10**9  # a draft is a difference that nobody can overlook
        elif value >= 0:
            mine["invoiced"] += value
            mine["tax"] += cents(paper["tax_amount"]["decimal"])
            add(mine["billed"], paper["lines"])
        else:
            mine["credited"] -= value
            mine["memos"] += 1
    return found


def tryton_receipts(end):
    """{return: sorted (SKU, units, location)} of goods that came back, where they lie."""
    found = {}
    fields = ("state incoming_moves.sale.description inventory_moves.quantity inventory_moves.product.code "
              "inventory_moves.to_location.code")
    for back in Tryton(end).search("stock.shipment.out.return", fields):
        rma = back["incoming_moves"][0]["sale"]["description"]
        for move in back["inventory_moves"]:
            place = move["to_location"]["code"] if back["state"] == "done" else "not received"
            found.setdefault(rma, []).append((move["product"]["code"], int(move["quantity"]), place))
    return found


def warehouse_rows(lab, kind):
    """What the warehouses did of one kind: (place, row of the ledger)."""
    for place in PLACES:
        rows = lab.double(f"/{place}/_ledger?after=0&limit=100000")
        for row in map(json.loads, rows.splitlines() if isinstance(rows, str) else [json.dumps(rows)]):
            if row.get("kind") == kind:
                yield place, row


def dispositions(lab):
    """The same as the warehouses decided it."""
    found = {}
    for place, row in warehouse_rows(lab, "disposition"):
        kind = "storage" if row["detail"] == "restock" else row["detail"]
        found.setdefault(row["reference"], []).append((row["sku"], row["quantity"], f"{place}-{kind}"))
    return found


def departures(lab):
    """The places that each order's goods left."""
    found = {}
    for place, row in warehouse_rows(lab, "shipment"):
        found.setdefault(row["order"], set()).add(place)
    return found


def summed(moves):
    total = {}
    for sku, units, place in moves:
        total[(sku, place)] = total.get((sku, place), 0) + units
    return total


def tryton_stock(end):
    """{sku: {place: units that are for sale there}}"""
    found = {sku: {} for sku in SKUS}
    for place, number in end["places"].items():
        for product in Tryton(end).search("product.product", "code quantity", [["template.type", "=", "goods"]],
                                          locations=[number], stock_skip_warehouse=True):
            found[product["code"]][place] = int(product["quantity"])
    return found


def payments(lab):
    """{payment: (captured, [refunds])} in minor units."""
    end, refunds = lab.ends["stripe"], {}
    if lab.charges:
        end = end | {"url": end["second"]}
    of = "charge" if lab.charges else "payment_intent"
    for refund in pay.everything(end, "/v1/refunds"):
        if refund["status"] == "succeeded" and refund.get(of):
            refunds.setdefault(refund[of], []).append(refund["amount"])
    if lab.charges:
        return {c["id"]: (c["amount_captured"], refunds.get(c["id"], [])) for c in pay.everything(end, "/v1/charges")}
    return {i["id"]: (pay.taken(i), refunds.get(i["id"], [])) for i in pay.everything(end, "/v1/payment_intents")}


def refunded(lab, order):
    return bool(payments(lab).get(order["payment"], (0, []))[1])


def carrier_labels(lab):
    """{hub order: [(tracking, status)]} of parcels out that were not cancelled."""
    out = {}
    for row in lab.carrier("/v1/shipments?limit=1000")["results"]:
        if row["status"] != "cancelled" and not row["metadata"].get("rma"):
            out.setdefault(row["metadata"].get("order"), []).append((row["tracking_number"], row["status"]))
    return out


class Table:
    def __init__(self):
        self.rows, self.wrong = [], []

    def check(self, what, holds):
        if not holds:
            self.wrong.append(what)
        return holds


def orders(lab, trade):
    """One row an order, over all systems."""
    table = Table()
    erp, paid, out = tryton_orders(lab.ends["tryton"]), payments(lab), carrier_labels(lab)
    places = {number: place for place, number in lab.ends["medusa"]["locations"].items()}
    returned, gone = {}, departures(lab)
    for order, _, rma in trade.returns:
        returned.setdefault(order["id"], []).append(rma)
    for order in trade.orders:
        name = order["id"]
        shop = shopper.read_order(lab.ends["medusa"], order)
        booked, mine = erp.get(name, nothing()), returned.get(name, [])
        notes = [erp.get(rma, nothing()) for rma in mine]
        credited = booked["credited"] + sum(note["credited"] for note in notes)
        memos = booked["memos"] + sum(note["memos"] for note in notes)
        captured, refunds = paid.get(order["payment"], (0, []))
        tracked, labels = sorted(shopper.tracking(shop)), sorted(t for t, _ in out.get(name, []))
        shop_refunds = [cents(r["amount"]) for c in shop["payment_collections"] for p in c["payments"] for r in p["refunds"] or []]
        state = lab.hub(f"cases/order/{name}")["status"]
        given, live = len(mine) + trade.by_hand.count(name), bool(order["wanted"])
        total, tax, near = order["total"], order["tax"], 0
        if name in trade.changed:
            # The shop reckons anew; the hub takes off the share of what was charged.
            total, tax, near = cents(shop["total"]), cents(shop["tax_total"]), 1
        elif not live:
            total = tax = 0
        left = gone.get(name, set())
        told = {places[f["location_id"]] for f in shop["fulfillments"] if not f.get("canceled_at")}
        states = [r["status"] for r in shop["returns"] or []]
        fine = [
            table.check(f"{name}: one sale in the ERP, not {len(booked['sales'])}", name in trade.changed or len(booked["sales"]) == 1),
            table.check(f"{name}: ordered {order['wanted']}, sold in the ERP {booked['sold']}",
                        {s: n for s, n in booked["sold"].items() if n} == order["wanted"]),
            table.check(f"{name}: ordered {order['wanted']}, invoiced {booked['billed']}", booked["billed"] == order["wanted"]),
            table.check(f"{name}: sold {total}, invoiced {booked['invoiced']}", abs(booked["invoiced"] - total) <= near),
            table.check(f"{name}: tax {tax}, invoiced {booked['tax']}", abs(booked["tax"] - tax) <= near),
            table.check(f"{name}: invoiced {booked['invoiced']}, captured {captured}", captured == booked["invoiced"]),
            table.check(f"{name}: credited {credited}, refunded {sum(refunds)}", credited == sum(refunds)),
            table.check(f"{name}: refunded {sum(refunds)}, in the shop {sum(shop_refunds)}", sum(refunds) == sum(shop_refunds)),
            table.check(f"{name}: {given} refunds, {memos} credit notes", memos == given),
            table.check(f"{name}: {given} refunds, at the provider {refunds}", len(refunds) == given),
            table.check(f"{name}: tracking {tracked} in the shop, {labels} at the carrier", tracked == labels),
            table.check(f"{name}: the hub says {state}", state == ("completed" if live else "cancelled")),
            table.check(f"{name}: left {left}, in the ERP {booked['shipments']}",
                        set(booked["shipments"]) == {("done", place) for place in left}),
            # Who fulfils by hand in the shop says a place there, and the hub lets it stand.
            table.check(f"{name}: left {left}, in the shop {told}", told == {trade.desk[name]} if name in trade.desk else told == left),
            table.check(f"{name}: the shop's returns are {states}", sorted(states) == ["received"] * len(mine)),
        ]
        if live:
            fine += [
                table.check(f"{name}: the shop says {shop['fulfillment_status']}", shop["fulfillment_status"] in ("shipped", "delivered")),
                table.check(f"{name}: parcels {out.get(name)}", {s for _, s in out.get(name, [])} == {"delivered"}),
            ]
        table.rows.append([
            name[-8:], str(total), shop["fulfillment_status"] if live else "cancelled", ",".join(s for s, _ in booked["sales"]) or "none",
            str(booked["invoiced"]), str(captured), f"{len(labels)}", ",".join(states), str(credited), str(sum(refunds)),
            str(sum(shop_refunds)), state, "yes" if all(fine) else "NO",
        ])
    lie, decided = tryton_receipts(lab.ends["tryton"]), dispositions(lab)
    for _, _, rma in trade.returns:
        there, wanted = summed(lie.get(rma, [])), summed(decided.get(rma, []))
        table.check(f"{rma}: received as {there} in the ERP, {wanted} in the warehouse", there == wanted and there)
    extra = set(erp) - {o["id"] for o in trade.orders} - {rma for _, _, rma in trade.returns}
    table.check(f"sales in the ERP that nobody ordered: {sorted(extra)}", not extra)
    return table


def stock(lab):
    """One row an SKU and place."""
    table = Table()
    shop, erp = shopper.stock(lab.ends["medusa"]), tryton_stock(lab.ends["tryton"])
    hub = {}
    for row in lab.hub("balances")["balances"]:
        if "/units.place." in row["account"]:
            hub[(row["unit"], row["account"].split("/units.place.", 1)[1])] = row["balance"]
    for place in PLACES:
        floor = lab.double(f"/{place}/_lab/stock")["items"]
        for sku in SKUS:
            figures = [floor.get(sku, 0), hub.get((sku, place), 0), shop[sku][place][0], erp[sku].get(place, 0)]
            reserved = shop[sku][place][1]
            same = table.check(f"stock of {sku} at {place}: warehouse, hub, shop, ERP say {figures}", len(set(figures)) == 1)
            table.check(f"{sku} at {place}: {reserved} are still reserved in the shop", reserved == 0)
            table.rows.append([sku, place, *map(str, figures), str(reserved), "yes" if same else "NO"])
    return table


def show(heads, rows):
    widths = [max(len(r[i]) for r in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, ["-" * w for w in widths], *rows]:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())


def all_agree(lab, trade):
    """Prints the tables; whether every system says the same."""
    one, two = orders(lab, trade), stock(lab)
    show(["order", "total", "shop", "ERP sale", "invoiced", "captured", "labels", "shop returns", "credited", "refunded",
          "in shop", "hub", "agree"], one.rows)
    print()
    show(["SKU", "place", "warehouse", "hub", "shop", "ERP", "reserved", "agree"], two.rows)
    print()
    exceptions = lab.hub("exceptions")["exceptions"]
    wrong = one.wrong + two.wrong
    for text in wrong[:40]:
        print("DIFFERS  " + text)
    for open_one in exceptions[:20]:
        print("WAITS    " + json.dumps(open_one)[:300])
    code, report = lab.reconcile()
    for one in report["differences"][:20]:
        print("RECONCILE " + json.dumps(one)[:300])
    return not wrong and code == 0, exceptions


def costs(lab, trade, seconds):
    """Time, the hub's processor time an order, and calls an order to each system."""
    orders = max(len(trade.orders), 1)
    cpu = lab.cpu + lab.used()
    print(f"{len(trade.orders)} orders and {len(trade.returns)} returns in {seconds:.0f} s; hub {cpu * 1000 / orders:.1f} ms CPU an order")
    for name, door in lab.doors.items():
        asked = {shape: n for shape, n in door.calls.items() if shape in POLLS}
        done = {shape: n for shape, n in door.calls.items() if shape not in POLLS}
        most = ", ".join(f"{shape} {n / orders:.2f}" for shape, n in sorted(done.items(), key=lambda one: -one[1])[:8])
        print(f"{name}: {sum(done.values()) / orders:.2f} calls an order, and {sum(asked.values()) / seconds * 60:.0f} a minute that look "
              f"for news ({most})")
