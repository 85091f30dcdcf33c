"""What people do: shoppers order, carriers scan, shoppers send back."""
import json
import random
import time
import urllib.error

import pay
import shopper

from .estate import PLACES
from .systems import LAB, say, until

CATALOGUE = json.loads((LAB / "catalogue.json").read_text())
SKUS = [item["sku"] for item in CATALOGUE["items"]]
REASONS = ("wrong_size", "changed_mind", "defective")


class Trade:
    """The orders of one run and what was wished of each. The seed decides what is bought and what comes back."""

    def __init__(self, lab, orders, returns, seed):
        self.lab, self.wanted, self.wanted_back = lab, orders, returns
        self.chance = random.Random(seed)
        self.orders = []
        self.returns = []  # (order, {sku: quantity}, the shop's return)
        self.delivered = set()
        self.by_hand = []  # orders of which somebody gave money back at the provider
        self.desk = {}  # orders that somebody fulfilled in the shop, and the place that they named
        self.changed = []  # orders of which somebody took units off

    def stock(self):
        """The warehouses count what they have."""
        for place in PLACES:
            lines = [{"sku": i["sku"], "quantity": i["stock"][place]} for i in CATALOGUE["items"]]
            self.lab.double(f"/{place}/_lab/stock", {"lines": lines})
        until("the hub knows the stock", lambda: self.lab.hub("progress")["at_rest"], 120)

    def basket(self):
        some = self.chance.sample(SKUS, self.chance.choice((1, 1, 2, 2, 3)))
        return [(sku, self.chance.choice((1, 1, 1, 2, 3))) for sku in some]

    def order(self, lines=None):
        """A shopper buys: the card is authorised first, then the cart is completed."""
        lines = lines or self.basket()
        made = shopper.place_order(self.lab.ends["medusa"], self.lab.authorise, lines, f"shopper{len(self.orders)}@example.org")
        made["id"], made["wanted"] = "medusa-" + made["order"], dict(lines)
        self.orders.append(made)
        return made

    def place(self, n=None):
        """So many orders, one after the other: the shop takes no more at a time."""
        for _ in range(self.wanted - len(self.orders) if n is None else n):
            self.order()

    def known(self, order):
        """Whether the hub has heard of an order."""
        try:
            return bool(self.lab.hub(f"cases/order/{order['id']}"))
        except urllib.error.HTTPError as wrong:
            if wrong.code != 404:
                raise
            return False

    def shipped(self, order):
        """The tracking numbers of an order's parcels, once the shop shows all of it as shipped."""
        read = shopper.read_order(self.lab.ends["medusa"], order)
        return shopper.tracking(read) if read["fulfillment_status"] in ("shipped", "delivered", "partially_delivered") else []

    def all_shipped(self, seconds=600):
        """Until the shop shows every order as shipped. Asking it costs more than an order does, so the hub is asked
        first whether there is anything left to be done."""
        left = [o for o in self.orders if o["wanted"]]

        def done():
            if not all(self.known(order) for order in left[-1:]) or not self.lab.hub("progress")["at_rest"]:
                return False
            while left and self.shipped(left[0]):
                left.pop(0)
            return not left

        until("every order is shipped in the shop", done, seconds)

    def deliver(self):
        """The carrier brings every parcel."""
        for tracking in sorted({t for order in self.orders for t in self.shipped(order)} - self.delivered):
            for state in ("in_transit", "delivered"):
                self.lab.scan(tracking, state)
            self.delivered.add(tracking)

    def ask_returns(self, among=None):
        """Shoppers ask for returns at the shop, and one in three by way of its agents."""
        for n, order in enumerate(self.chance.sample(among or self.orders, self.wanted_back)):
            lines = {}
            for sku, quantity in order["wanted"].items():
                if not lines or self.chance.random() < 0.4:
                    lines[sku] = self.chance.randint(1, quantity)
            ask = shopper.begin_return if n % 3 == 2 else shopper.request_return
            made = ask(self.lab.ends["medusa"], order, list(lines.items()), self.chance.choice(REASONS))
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
                if state.get("status") not in ("completed", "cancelled", "closed"):
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
