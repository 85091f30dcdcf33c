"""Trouble, by name. Each takes a fresh lab from the first order to the last refund; all systems must agree at the end."""
import contextlib
import json
import random
import threading
import time

import pay
import shopper

from . import compare, plant
from .systems import say, until

# What an order takes of the ERP: so slow, it takes one order a second.
CALLS_AN_ORDER = 27


@contextlib.contextmanager
def meanwhile(work):
    """Something happens on the side; `work` is given an event that is set when nothing more is to happen."""
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def plain(lab, trade):
    """No trouble."""
    trade.whole()


def erp_down(lab, trade):
    """The ERP is down for two minutes in the middle."""
    def outage(over):
        until("a third of the orders is placed", lambda: over.is_set() or len(trade.orders) >= trade.wanted // 3, 600)
        lab.doors["tryton"].shut = True
        say("the ERP is down")
        time.sleep(120)
        lab.doors["tryton"].shut = False
        say("the ERP is back")

    with meanwhile(outage):
        trade.whole()


def erp_answers_lost(lab, trade):
    """The ERP does what it was asked, and nobody hears of it: once for every kind of write."""
    lab.doors["tryton"].forgetful = set()
    trade.whole()
    say(f"{len(lab.doors['tryton'].forgetful)} kinds of write were not heard of")


def payment_answer_lost(lab, trade):
    """The provider does what it was asked, and nobody hears of it: five captures, five refunds."""
    lab.doors["stripe"].lose("POST", "/capture$", 5)
    lab.doors["stripe"].lose("POST", "/v1/refunds$", 5)
    trade.whole()


def label_answer_lost(lab, trade):
    """A label is bought, and nobody hears of it: five times."""
    lab.doors["carrier"].lose("POST", "/v1/shipments$", 5)
    trade.whole()


def webhooks_withheld(lab, trade):
    """Shop, provider and carrier post nothing: the hub must find by itself what happened."""
    lab.webhooks(withheld=True)
    lab.payment_events(webhooks=False)
    lab.carrier_events(False)
    trade.whole()


def webhooks_thrice(lab, trade):
    """Each webhook of shop and provider comes three times, in any order."""
    lab.webhooks(times=3, shuffle_ms=4000)
    lab.payment_events(copies=3, scatter=4)
    trade.whole()


def by_hand(lab, trade):
    """Somebody gives money back at the provider, once for an order that is being returned and once for another, and
    fulfils an order in the shop that the hub is about to."""
    trade.place(trade.wanted - 1)
    trade.all_shipped()
    order = trade.order()
    trade.desk[order["id"]] = "wms-north"
    shopper.fulfil(lab.ends["medusa"], order, trade.desk[order["id"]])
    trade.all_shipped()
    trade.deliver()
    trade.ask_returns()
    returned = [order for order, _, _ in trade.returns]
    other = next(o for o in trade.orders if o not in returned)
    for order in (returned[0], other):
        pay.by_hand(lab.ends["stripe"], order["payment"], 100)
        trade.by_hand.append(order["id"])
    trade.complete()
    trade.rest()


def changes(lab, trade):
    """Orders are edited, sent elsewhere, cut short and cancelled before the warehouse comes to them."""
    shop = lab.ends["medusa"]
    trade.place(trade.wanted - 4)
    trade.all_shipped()
    lab.double("/_lab/config", {place: {"pick_ms": 30000} for place in shop["locations"]})
    edited, moved, short, cancelled = (trade.order([("TEE-BLK-S", 2), ("HOOD-GRY-M", 3), ("BAG-TOTE", 1)]) for _ in range(4))
    until("the hub has them", lambda: all(trade.known(o) for o in (edited, moved, short, cancelled)), 120)
    shopper.edit_order(shop, edited, change=[("HOOD-GRY-M", 1)], add=[("LAMP-DSK", 1)])
    edited["wanted"] |= {"HOOD-GRY-M": 1, "LAMP-DSK": 1}
    shopper.move_order(shop, moved, shopper.ADDRESS | {"city": "Paris", "postal_code": "75001"})
    lines = short["lines"]
    lab.post("oms", "order.cancel_requested", {"order": short["id"], "reason": "customer", "lines": [
        {"line": lines["TEE-BLK-S"], "quantity": 1}, {"line": lines["BAG-TOTE"], "quantity": 1}]})
    short["wanted"] = {"TEE-BLK-S": 1, "HOOD-GRY-M": 3}
    shopper.cancel_order(shop, cancelled)
    cancelled["wanted"] = {}
    trade.changed += [edited["id"], short["id"]]
    trade.all_shipped()
    trade.deliver()
    trade.ask_returns(among=trade.orders[:-4])
    trade.complete()
    trade.rest()


def charges(lab, trade):
    """Payments are taken by a server that has charges only, and says nothing by itself."""
    trade.whole()


charges.lab = {"charges": True}


def hub_killed(lab, trade):
    """The hub is killed five times at random."""
    chance = random.Random(lab.seed)

    def killer(over):
        for n in range(5):
            if over.wait(chance.uniform(8, 25)):
                return
            lab.kill_hub()
            say(f"the hub was killed, {n + 1}")

    with meanwhile(killer):
        trade.whole()


def erp_slow(lab, trade):
    """As after an outage of the shop's interface, all orders come at once to an ERP that takes one a second, while
    others are sent back: no refund waits until the ERP has all orders."""
    tryton = lab.ends["tryton"]
    trade.place(max(trade.wanted // 4, trade.wanted_back))
    early = list(trade.orders)
    trade.all_shipped()
    trade.deliver()
    lab.doors["medusa"].shut = True
    trade.place()
    trade.ask_returns(among=early)
    lab.doors["tryton"].slow = 1 / CALLS_AN_ORDER
    lab.doors["medusa"].shut = False
    late = trade.orders[len(early):]
    until("the hub has the first of them", lambda: any(trade.known(o) for o in late), 120, every=0.05)
    began = time.monotonic()
    until("the hub has them all", lambda: all(trade.known(o) for o in late), 120, every=0.05)
    say(f"{len(late)} orders came within {time.monotonic() - began:.1f} s")
    until("every refund is made", lambda: all(compare.refunded(lab, o) for o, _, _ in trade.returns), 600)
    booked = compare.tryton_orders(tryton)
    behind = [o for o in late if booked.get(o["id"], {}).get("invoiced", 0) != o["total"]]
    say(f"every refund is made, and {len(behind)} of {len(late)} orders still wait for the ERP")
    if not behind:
        raise SystemExit("the refunds came last")
    trade.all_shipped(1200)
    trade.deliver()
    trade.complete(1200)
    trade.rest()


def planted(lab, trade):
    """Ten differences are made by hand in the systems while the hub does not look; `reconcile` finds and names each."""
    trade.whole()
    agree, waiting = compare.all_agree(lab, trade)
    if not agree or waiting:
        raise SystemExit("the systems differ before anything was planted")
    lab.end_hub()
    differences = plant.plant(lab, trade)
    code, report = lab.reconcile()
    missing = []
    for one in differences:
        shown = plant.found(report, one)
        words = "; ".join(f"{d['kind']} {d['what']}: {d['cause']}" for d in shown) or "NOT FOUND"
        print(f"{one[0]:46} {one[1]:8} {words}")
        missing += [one[0]] if not shown else []
    if missing or code != 1:
        print(json.dumps(report["differences"], indent=1))
        raise SystemExit(f"reconcile did not name: {missing}")
    print(f"{len(differences)} planted, all named; {len(report['differences'])} differences in all")
    lab.planted = True


CASES = {
    "plain": plain,
    "erp-down": erp_down,
    "erp-slow": erp_slow,
    "erp-answers-lost": erp_answers_lost,
    "payment-answer-lost": payment_answer_lost,
    "label-answer-lost": label_answer_lost,
    "webhooks-withheld": webhooks_withheld,
    "webhooks-thrice": webhooks_thrice,
    "by-hand": by_hand,
    "changes": changes,
    "charges": charges,
    "hub-killed": hub_killed,
    "planted": planted,
}
