"""Every system's final state, side by side, as each says it by its own interface."""
import base64
import json
import urllib.parse
import urllib.request
from decimal import ROUND_HALF_UP, Decimal

import pay
import shopper

from .systems import ask

CENT = Decimal("0.01")


def cents(amount):
    return int((Decimal(str(amount)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


class Tryton:
    """Reads the ERP over its REST interface."""

    def __init__(self, end):
        self.end = end
        context = json.dumps({"company": end["company"], "language": "en"}).encode()
        self.headers = {"authorization": f"Bearer {end['key']}", "accept-encoding": "identity",
                        "x-tryton-context": base64.urlsafe_b64encode(context).decode().rstrip("=")}

    def search(self, model, domain, fields, size=1000, context=None):
        encoded = base64.urlsafe_b64encode(json.dumps(domain).encode()).decode().rstrip("=")
        query = urllib.parse.urlencode([("d", encoded), ("s", size)] + [("f", f) for f in fields])
        headers = dict(self.headers)
        if context:
            text = json.dumps({"company": self.end["company"], "language": "en"} | context).encode()
            headers["x-tryton-context"] = base64.urlsafe_b64encode(text).decode().rstrip("=")
        request = urllib.request.Request(f"{self.end['url']}/rest/model/{model}?{query}", headers=headers)
        with urllib.request.urlopen(request, timeout=120) as answer:
            body = answer.read()
            if answer.headers.get("content-encoding") == "gzip":
                import gzip
                body = gzip.decompress(body)
        return json.loads(body)


def amount(value):
    """Tryton writes a decimal as {"__class__": "Decimal", "decimal": "1.00"} or as text."""
    if isinstance(value, dict):
        value = value["decimal"]
    return Decimal(str(value))


def tryton_orders(end):
    """By hub order: state, invoiced, credited, how many of each, in minor units."""
    erp = Tryton(end)
    found = {}
    fields = ["reference", "state", "shipment_state", "invoice_state", "total_amount", "shipments.state",
              "invoices.state", "invoices.total_amount", "invoices.type", "origin"]
    for sale in erp.search("sale.sale", [], fields):
        order = (sale.get("reference") or "").split("/")[0]
        row = found.setdefault(order, {"sales": [], "invoiced": 0, "credited": 0, "invoices": 0, "memos": 0, "shipments": []})
        total = cents(amount(sale["total_amount"]))
        if total >= 0:
            row["sales"].append((sale["state"], total))
            row["shipments"] += [s["state"] for s in sale.get("shipments") or []]
        for invoice in sale.get("invoices") or []:
            value = cents(amount(invoice["total_amount"]))
            if invoice["state"] not in ("posted", "paid"):
                row["invoiced"] += 10**9  # a draft is a difference that nobody can overlook
            elif value >= 0:
                row["invoiced"] += value
                row["invoices"] += 1
            else:
                row["credited"] -= value
                row["memos"] += 1
    return found


def tryton_stock(end, skus):
    """{sku: {place: units in its storage}}"""
    erp = Tryton(end)
    places = erp.search("stock.location", [["type", "=", "warehouse"]], ["code", "storage_location"])
    found = {sku: {} for sku in skus}
    for place in places:
        storage = place["storage_location"]
        storage = storage["id"] if isinstance(storage, dict) else storage
        for product in erp.search("product.product", [["code", "in", skus]], ["code", "quantity"], context={"locations": [storage]}):
            found[product["code"]][place["code"]] = int(amount(product["quantity"] or 0))
    return found


def stripe_payments(end):
    """{payment: (captured, refunded)} in minor units."""
    refunds = {}
    for refund in pay.everything(end, "/v1/refunds"):
        if refund["status"] == "succeeded" and refund.get("payment_intent"):
            refunds.setdefault(refund["payment_intent"], []).append(refund["amount"])
    return {i["id"]: (pay.taken(i), refunds.get(i["id"], [])) for i in pay.everything(end, "/v1/payment_intents")}


def carrier_labels(lab):
    """{hub order: [(tracking, status)]} of parcels out, not those cancelled; and the same of parcels back."""
    out, back = {}, {}
    rows = ask(lab.ends["carrier"]["url"] + "/v1/shipments?limit=1000",
               headers={"authorization": "Token " + lab.ends["carrier"]["token"]})["results"]
    for row in rows:
        if row["status"] == "cancelled":
            continue
        side = back if row["metadata"].get("rma") else out
        side.setdefault(row["metadata"].get("order"), []).append((row["tracking_number"], row["status"]))
    return out, back


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
    erp, paid = tryton_orders(lab.ends["tryton"]), stripe_payments(lab.ends["stripe"])
    out, _ = carrier_labels(lab)
    returned = {}
    for order, lines, rma in trade.returns:
        returned.setdefault(order["id"], []).append((rma, lines))
    for order in trade.orders:
        name = order["id"]
        shop = shopper.read_order(lab.ends["medusa"], order)
        booked = erp.get(name, {"sales": [], "invoiced": 0, "credited": 0, "invoices": 0, "memos": 0, "shipments": []})
        captured, refunds = paid.get(order["payment"], (0, []))
        tracked = sorted(l["tracking_number"] for f in shop["fulfillments"] if not f.get("canceled_at") for l in f["labels"])
        labels = sorted(t for t, _ in out.get(name, []))
        shop_refunds = [cents(r["amount"]) for c in shop["payment_collections"] for p in c["payments"] for r in p["refunds"] or []]
        state = lab.hub(f"cases/order/{name}")["status"]
        mine = returned.get(name, [])
        expected = 0 if name in trade.cancelled else order["total"]
        fine = [
            table.check(f"{name}: one sale in the ERP, not {len(booked['sales'])}", len(booked["sales"]) == 1),
            table.check(f"{name}: sold {expected}, invoiced {booked['invoiced']}", booked["invoiced"] == expected),
            table.check(f"{name}: sold {expected}, captured {captured}", captured == expected),
            table.check(f"{name}: credited {booked['credited']}, refunded {sum(refunds)}", booked["credited"] == sum(refunds)),
            table.check(f"{name}: refunded {sum(refunds)}, in the shop {sum(shop_refunds)}", sum(refunds) == sum(shop_refunds)),
            table.check(f"{name}: {len(mine)} returns, {booked['memos']} credit notes", booked["memos"] == len(mine)),
            table.check(f"{name}: {len(mine)} returns, refunds {refunds}", len(refunds) == len(mine)),
            table.check(f"{name}: tracking {tracked} in the shop, {labels} at the carrier", tracked == labels),
            table.check(f"{name}: the hub says {state}", state in ("completed", "closed_unsold")),
        ]
        if name not in trade.cancelled:
            fine += [
                table.check(f"{name}: shipments {booked['shipments']}", set(booked["shipments"]) == {"done"}),
                table.check(f"{name}: the shop says {shop['fulfillment_status']}", shop["fulfillment_status"] in ("shipped", "delivered")),
                table.check(f"{name}: parcels {out.get(name)}", all(s == "delivered" for _, s in out.get(name, [(0, "")]))),
            ]
        states = [r["status"] for r in shop["returns"] or []]
        fine.append(table.check(f"{name}: the shop's returns are {states}", sorted(states) == ["received"] * len(mine)))
        table.rows.append([
            name[-8:], str(order["total"]), shop["fulfillment_status"], ",".join(s for s, _ in booked["sales"]) or "none",
            str(booked["invoiced"]), str(captured), f"{len(labels)}", ",".join(states), str(booked["credited"]), str(sum(refunds)),
            str(sum(shop_refunds)), state, "yes" if all(fine) else "NO",
        ])
    extra = set(erp) - {o["id"] for o in trade.orders} - {""}
    table.check(f"sales in the ERP that nobody ordered: {sorted(extra)}", not extra)
    return table


def stock(lab):
    """One row an SKU and place."""
    table = Table()
    skus = [i["sku"] for i in json.loads((lab_file("catalogue.json")).read_text())["items"]]
    shop, erp = shopper.stock(lab.ends["medusa"]), tryton_stock(lab.ends["tryton"], skus)
    hub = {}
    for row in lab.hub("balances")["balances"]:
        if "/units.place." in row["account"]:
            hub[(row["unit"], row["account"].split("/units.place.", 1)[1])] = row["balance"]
    for place in ("wms-north", "wms-south"):
        floor = lab.double(f"/{place}/_lab/stock")
        floor = floor.get("items", floor)
        for sku in skus:
            there = floor.get(sku, 0)
            there = there.get("on_hand", there.get("quantity")) if isinstance(there, dict) else there
            figures = [there, hub.get((sku, place), 0), shop[sku][place][0], erp[sku].get(place, 0)]
            reserved = shop[sku][place][1]
            same = table.check(f"stock of {sku} at {place}: warehouse, hub, shop, ERP say {figures}", len(set(figures)) == 1)
            table.check(f"{sku} at {place}: {reserved} are still reserved in the shop", reserved == 0)
            table.rows.append([sku, place, *map(str, figures), str(reserved), "yes" if same else "NO"])
    return table


def lab_file(name):
    from .systems import LAB
    return LAB / name


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
    return not wrong, exceptions


def costs(lab, trade, seconds):
    """Time, the hub's processor time an order, and calls an order to each system."""
    orders = max(len(trade.orders), 1)
    lab.used()
    print(f"{len(trade.orders)} orders and {len(trade.returns)} returns in {seconds:.0f} s; hub {lab.cpu * 1000 / orders:.1f} ms CPU an order")
    for name, door in lab.doors.items():
        total = sum(door.calls.values())
        most = ", ".join(f"{shape} {n / orders:.2f}" for shape, n in door.calls.most_common(8))
        print(f"{name}: {total / orders:.2f} calls an order ({most})")
