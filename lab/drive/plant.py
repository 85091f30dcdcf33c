"""Differences made by hand in the real systems, while the hub does not look; `reconcile` must find and name each."""
import base64
import json
import urllib.error
import urllib.request

import pay
import shopper

from .compare import Tryton
from .systems import say


class Erp(Tryton):
    """A bookkeeper at the ERP's own screens."""

    def write(self, path, body):
        context = base64.urlsafe_b64encode(json.dumps({"company": self.end["company"]}).encode()).decode()
        headers = {"authorization": f"Bearer {self.end['key']}", "x-tryton-context": context, "content-type": "application/json"}
        request = urllib.request.Request(f"{self.end['url']}/rest/model/{path}", json.dumps(body).encode(), headers, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as wrong:
            raise SystemExit(f"the ERP refused {path}: {wrong.code} {wrong.read()[:500]}") from None

    def paper(self, order, units):
        """One more invoice (or, with units below zero, credit note) for an order, posted."""
        like = self.search("account.invoice", "party invoice_address currency account journal payment_term lines.product lines.account "
                           "lines.unit lines.unit_price lines.taxes", [["description", "=", order], ["state", "=", "posted"]])[0]
        first = next(l for l in like["lines"] if l["product"])
        line = {"type": "line", "product": number(first["product"]), "account": number(first["account"]), "quantity": units,
                "unit": number(first["unit"]), "unit_price": first["unit_price"], "currency": number(like["currency"]),
                "taxes": [["add", [number(t) for t in first["taxes"]]]]}
        made = self.write("account.invoice", {
            "type": "out", "description": order, "reference": f"by-hand-{units}",
            **{name: number(like[name]) for name in ("party", "invoice_address", "currency", "account", "journal", "payment_term")},
            "lines": [["create", [line]]]})
        self.write(f"account.invoice/{made['id']}/post", {})
        return made["id"]

    def count(self, place, sku, units):
        """An inventory of one SKU."""
        where = self.search("stock.location", "storage_location", [["code", "=", place], ["type", "=", "warehouse"]])[0]
        product = self.search("product.product", "code", [["code", "=", sku]])[0]["id"]
        made = self.write("stock.inventory", {"location": number(where["storage_location"]),
                                              "lines": [["create", [{"product": product, "quantity": units}]]]})
        self.write(f"stock.inventory/{made['id']}/confirm", {})


def number(value):
    return value["id"] if isinstance(value, dict) else value


def plant(lab, trade):
    """Each difference: (what was done, the system, the lists of which one must show it, a text that it must hold)."""
    medusa, stripe, erp = lab.ends["medusa"], lab.ends["stripe"], Erp(lab.ends["tryton"])
    returned = {order["id"] for order, _, _ in trade.returns}
    untouched = [o for o in trade.orders if o["id"] not in returned]
    done = []

    def planted(text, system, kinds, holds):
        say("planted: " + text)
        done.append((text, system, kinds, holds))

    a, b, c, d = untouched[:4]
    refund = pay.by_hand(stripe, a["payment"], 150)
    planted("a refund at the provider's dashboard", "stripe", ["refunds"], refund)
    stray = pay.authorise(stripe, 4711, "EUR", cart="none")
    pay.call(stripe, "POST", f"/v1/payment_intents/{stray}/capture")
    planted("a payment captured that belongs to no order", "stripe", ["captures"], stray)
    back = trade.returns[0][0]["id"]
    erp.paper(back, -1)
    planted("a second credit note for an order", "tryton", ["credit_memos"], back)
    erp.paper(b["id"], 1)
    planted("a second invoice for an order", "tryton", ["invoices"], b["id"])
    erp.count("wms-north", "LAMP-DSK", 1)
    planted("a wrong count in the ERP", "tryton", ["stock"], "LAMP-DSK at wms-north")
    item = next(i for i in shopper.admin(medusa, "GET", "/admin/inventory-items?sku=BAG-TOTE")["inventory_items"])
    level = f"/admin/inventory-items/{item['id']}/location-levels/{medusa['locations']['wms-south']}"
    shopper.admin(medusa, "POST", level, {"stocked_quantity": 7})
    planted("a stock level changed in the shop", "medusa", ["stock"], "BAG-TOTE")
    sku, quantity = next(iter(c["wanted"].items()))
    rma = shopper.begin_return(medusa, c, [(sku, 1)])
    planted("a return that an agent began in the shop", "medusa", ["returns"], rma)
    new = shopper.place_order(medusa, lab.authorise, [("TEE-BLK-L", 1)])
    planted("an order of which the hub was never told", "medusa", ["orders"], new["order"])
    label = next(s for s in lab.carrier("/v1/shipments?limit=1000")["results"] if s["metadata"].get("order") == d["id"])
    again = {k: label[k] for k in ("shipper", "recipient", "parcels", "reference", "metadata", "service", "label_type") if label.get(k)}
    for parcel in again["parcels"]:
        parcel.pop("id", None)
        parcel.pop("reference_number", None)
    for side in ("shipper", "recipient"):
        again[side].pop("id", None)
    lab.carrier("/v1/shipments", again)
    planted("a second label for a parcel", "carrier", ["labels"], label["reference"])
    # An administrator at the shop's database.
    lab.shop_database(f"update fulfillment_label set tracking_number = 'LOST-1' where tracking_number = '{label['tracking_number']}'")
    planted("another tracking number in the shop", "medusa", ["shipments"], d["id"])
    return done


def found(report, planted):
    """The differences that show one plant."""
    text, system, kinds, holds = planted
    return [one for one in report["differences"] if one["system"] == system and one["kind"] in kinds and holds in json.dumps(one)]
