"""Trouble, by name. Each takes a fresh lab from the first order to the last refund; all systems must agree at the end."""
import json
import random
import threading
import time

import pay
import shopper

from . import compare, plant
from .systems import say, until


def plain(lab, trade):
    """No trouble."""
    trade.whole()


def erp_down(lab, trade):
    """The ERP is down for two minutes in the middle."""
    def outage():
        until("a third of the orders is placed", lambda: len(trade.orders) >= trade.wanted // 3, 600)
        lab.doors["tryton"].shut = True
        say("the ERP is down")
        time.sleep(120)
        lab.doors["tryton"].shut = False
        say("the ERP is back")

    thread = threading.Thread(target=outage)
    thread.start()
    try:
        trade.whole()
    finally:
        thread.join()


def payment_answer_lost(lab, trade):
    """The provider does what it was asked, and nobody hears of it: five captures, five refunds."""
    lab.doors["stripe"].lost += [["POST", "/capture$", 5], ["POST", "/v1/refunds$", 5]]
    trade.whole()


def label_answer_lost(lab, trade):
    """A label is bought, and nobody hears of it: five times."""
    lab.doors["carrier"].lost += [["POST", "/v1/shipments$", 5]]
    trade.whole()


def webhooks_withheld(lab, trade):
    """The shop posts nothing for a while: the hub must find the orders by itself."""
    lab.webhooks(withheld=True)
    trade.whole()


def webhooks_thrice(lab, trade):
    """Each webhook of the shop comes three times, in any order."""
    lab.webhooks(times=3, shuffle_ms=4000)
    trade.whole()


def by_hand(lab, trade):
    """Somebody gives money back at the provider, once for an order that is being returned and once for another, and
    fulfils an order in the shop that the hub is about to."""
    trade.place(trade.wanted - 1)
    trade.all_shipped()
    trade.place(1)
    shopper.fulfil(lab.ends["medusa"], trade.orders[-1])
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


def hub_killed(lab, trade):
    """The hub is killed five times at random."""
    chance, done = random.Random(lab.seed), threading.Event()

    def killer():
        for n in range(5):
            if done.wait(chance.uniform(8, 25)):
                return
            lab.kill_hub()
            say(f"the hub was killed, {n + 1}")

    thread = threading.Thread(target=killer)
    thread.start()
    try:
        trade.whole()
    finally:
        done.set()
        thread.join()


def erp_slow(lab, trade):
    """All orders come at once, as after an outage of the shop's interface, to an ERP that takes about one in two
    seconds."""
    lab.doors["medusa"].shut = True
    trade.place()
    lab.doors["tryton"].slow = 0.25
    lab.doors["medusa"].shut = False
    began = time.monotonic()
    until("the hub has all orders", lambda: all(trade.known(o) for o in trade.orders), 120)
    say(f"{len(trade.orders)} orders taken in after {time.monotonic() - began:.0f} s")
    trade.all_shipped(1200)
    trade.deliver()
    trade.ask_returns()
    trade.complete(1200)
    trade.rest()


def planted(lab, trade):
    """Ten differences are made by hand in the systems while the hub does not look; `reconcile` finds and names each."""
    trade.whole()
    agree, waiting = compare.all_agree(lab, trade)
    if not agree or waiting:
        raise SystemExit("the systems differ before anything was planted")
    lab.stop_hub()
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
    "payment-answer-lost": payment_answer_lost,
    "label-answer-lost": label_answer_lost,
    "webhooks-withheld": webhooks_withheld,
    "webhooks-thrice": webhooks_thrice,
    "by-hand": by_hand,
    "hub-killed": hub_killed,
    "erp-slow": erp_slow,
    "planted": planted,
}
