"""What people do: shoppers order, carriers scan, shoppers send back."""
import json
import random
import threading
import time
import urllib.error

import pay
import shopper

from .systems import LAB, say, until

CATALOGUE = json.loads((LAB / "catalogue.json").read_text())
SKUS = [item["sku"] for item in CATALOGUE["items"]]
REASONS = ("wrong_size", "changed_mind", "defective")


class Trade:
    """The orders of one run and what was wished of each. The seed decides what is bought and what comes back."""

    def __init__(self, lab, orders, returns, seed):
        self.lab, self.wanted, self.back = lab, orders, returns
        self.chance = random.Random(seed)
        self.orders = []
        self.returns = []  # (order, {sku: quantity}, the shop's return)
        self.cancelled = set()
        self.by_hand = []  # orders of which somebody gave money back at the provider
        self.lock = threading.Lock()

    def stock(self):
        """The warehouses count what they have."""
        for place in ("wms-north", "wms-south"):
            lines = [{"sku": i["sku"], "quantity": i["stock"][place]} for i in CATALOGUE["items"]]
            self.lab.double(f"/{place}/_lab/stock", {"lines": lines})
        until("the hub knows the stock", lambda: self.lab.hub("progress")["at_rest"], 120)

    def basket(self):
        some = self.chance.sample(SKUS, self.chance.choice((1, 1, 2, 2, 3)))
        return [(sku, self.chance.choice((1, 1, 1, 2, 3))) for sku in some]

    def order(self, n):
        """A shopper buys: the card is authorised first, then the cart is completed."""
        medusa, stripe = self.lab.ends["medusa"], self.lab.ends["stripe"]
        lines = self.basket()
        made = shopper.place_order(
            medusa, lambda total, cart: pay.authorise(stripe, total, "EUR", cart=cart), lines, f"shopper{n}@example.org")
        made["id"], made["wanted"] = "medusa-" + made["order"], dict(lines)
        with self.lock:
            self.orders.append(made)

    def place(self, n=None, pause=0.0):
        """So many orders, one after the other: the shop takes no more at a time."""
        for _ in range(self.wanted - len(self.orders) if n is None else n):
            self.order(len(self.orders))
            time.sleep(pause)

    def known(self, order):
        """Whether the hub has heard of an order."""
        try:
            return bool(self.lab.hub(f"cases/order/{order['id']}"))
        except urllib.error.HTTPError as wrong:
            if wrong.code != 404:
                raise
            return False

    def shipped(self):
        """What the shop says is under way: {order: [tracking number]}."""
        found = {}
        for order in self.orders:
            read = shopper.read_order(self.lab.ends["medusa"], order)
            labels = [l["tracking_number"] for f in read["fulfillments"] if not f.get("canceled_at") for l in f["labels"]]
            if read["fulfillment_status"] in ("shipped", "delivered") and labels:
                found[order["id"]] = labels
        return found

    def all_shipped(self, seconds=600):
        """Until the shop shows every order as shipped."""
        live = [o for o in self.orders if o["id"] not in self.cancelled]
        left = {o["id"] for o in live}

        def done():
            for order in live:
                if order["id"] in left:
                    read = shopper.read_order(self.lab.ends["medusa"], order)
                    if read["fulfillment_status"] in ("shipped", "delivered", "partially_delivered"):
                        left.discard(order["id"])
                    else:
                        return False
            return not left

        until("every order is shipped in the shop", done, seconds)

    def scan(self, tracking, *states):
        for state in states:
            self.lab.scan(tracking, state)

    def deliver(self):
        """The carrier brings every parcel."""
        for tracking in sorted(t for parcels in self.shipped().values() for t in parcels):
            self.scan(tracking, "in_transit", "delivered")

    def ask_returns(self):
        """Shoppers ask for returns at the shop; the parcels are scanned on their way by the labels that they got."""
        some = self.chance.sample([o for o in self.orders if o["id"] not in self.cancelled], self.back)
        for order in some:
            lines = {}
            for sku, quantity in order["wanted"].items():
                if not lines or self.chance.random() < 0.4:
                    lines[sku] = self.chance.randint(1, quantity)
            medusa = self.lab.ends["medusa"]
            made = shopper.request_return(medusa, order, list(lines.items()), self.chance.choice(REASONS))
            self.returns.append((order, lines, made))

    def rest(self, seconds=600):
        """Until nothing is under way in the hub, twice in a row with a poll of every system between."""
        def resting():
            load = self.lab.hub("progress")
            return load["at_rest"] and not load["parked"] and not load["unnamed"]

        def finished():
            if not resting():
                return False
            time.sleep(3)
            return resting()

        try:
            until("the hub is at rest", finished, seconds)
        except SystemExit as wrong:
            say(f"{wrong}: {json.dumps(self.lab.hub('progress'))}")
            for one in self.lab.hub("exceptions")["exceptions"][:10]:
                say("waits for a person: " + json.dumps(one)[:400])
            raise

    def complete(self, seconds=600):
        """Until every order and every return has come to its end in the hub."""
        kinds = [("order", o["id"]) for o in self.orders] + [("return", r[2]) for r in self.returns]
        left = list(kinds)

        def done():
            while left:
                kind, name = left[0]
                try:
                    state = self.lab.hub(f"cases/{kind}/{name}")
                except urllib.error.HTTPError as wrong:
                    if wrong.code != 404:
                        raise
                    return False
                if state.get("status") not in ("completed", "closed_unsold", "closed"):
                    return False
                left.pop(0)
            return True

        try:
            until("every order and return is finished", done, seconds)
        except SystemExit:
            for kind, name in left[:10]:
                try:
                    say(f"unfinished: {kind} {name}: " + json.dumps(self.lab.hub(f"cases/{kind}/{name}"))[:600])
                except urllib.error.HTTPError as wrong:
                    say(f"unfinished: {kind} {name}: {wrong}")
            for one in self.lab.hub("exceptions")["exceptions"][:20]:
                say("waits for a person: " + json.dumps(one)[:500])
            raise

    def whole(self):
        """A run without trouble, from the first order to the last refund."""
        began = time.monotonic()
        self.place()
        say(f"{len(self.orders)} orders placed after {time.monotonic() - began:.0f} s")
        self.all_shipped()
        self.deliver()
        say(f"all shipped and delivered after {time.monotonic() - began:.0f} s")
        self.ask_returns()
        self.complete()
        self.rest()
        say(f"{len(self.returns)} returns finished after {time.monotonic() - began:.0f} s")
