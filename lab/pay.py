"""What a shopper's browser does at a payment provider that speaks Stripe's interface, and what anybody may ask there."""
import json
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    pass


def flat(members, prefix=""):
    """{"metadata": {"cart": "1"}} as the form's metadata[cart]=1."""
    for name, value in members.items():
        name = f"{prefix}[{name}]" if prefix else name
        if isinstance(value, dict):
            yield from flat(value, name)
        else:
            yield name, value


def call(stripe, method, path, members=None, key=None):
    """stripe: {"url", "key"}, as in endpoint.json."""
    form = urllib.parse.urlencode(list(flat(members or {})))
    address = stripe["url"] + path + ("?" + form if form and method == "GET" else "")
    headers = {"Authorization": "Bearer " + stripe["key"]} | ({"Idempotency-Key": key} if key else {})
    request = urllib.request.Request(address, form.encode() if method == "POST" else None, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(f"{method} {path}: {error.code} {error.read().decode()}") from None


def authorise(stripe, amount, currency, card="4242424242424242", **metadata):
    """The shopper pays: amount in minor units is set aside, to be captured later. Gives the payment intent's id."""
    customer = call(stripe, "POST", "/v1/customers", {"email": "shopper@example.com"})
    paper = {"number": card, "exp_month": 12, "exp_year": 2034, "cvc": "123"}
    method = call(stripe, "POST", "/v1/payment_methods", {"type": "card", "card": paper})["id"]
    call(stripe, "POST", f"/v1/payment_methods/{method}/attach", {"customer": customer["id"]})
    intent = call(stripe, "POST", "/v1/payment_intents", {
        "amount": amount, "currency": currency.lower(), "customer": customer["id"], "payment_method": method,
        "capture_method": "manual", "metadata": metadata})
    confirmed = call(stripe, "POST", f"/v1/payment_intents/{intent['id']}/confirm")
    if confirmed["status"] != "requires_capture":
        raise Refused(f"the payment is {confirmed['status']}")
    return intent["id"]


def authorise_charge(stripe, amount, currency, **metadata):
    """The same by the older interface, for the server that has charges only. Gives the charge's id."""
    second = {"url": stripe["second"], "key": stripe["key"]}
    return call(second, "POST", "/v1/charges", {"amount": amount, "currency": currency.lower(), "source": "tok_visa",
                                                "capture": "false", "metadata": metadata})["id"]


def everything(stripe, path, **members):
    """A list, all pages of it."""
    after = {}
    while True:
        page = call(stripe, "GET", path, {"limit": 100} | members | after)
        yield from page["data"]
        if not page["has_more"]:
            return
        after = {"starting_after": page["data"][-1]["id"]}


def taken(intent):
    """What was captured of a payment intent, in minor units. localstripe does not say it; what it gave back of a
    partial capture stands among the charge's refunds, with no payment intent."""
    charge = intent["latest_charge"]
    if intent["status"] != "succeeded" or not charge:
        return 0
    rest = [r["amount"] for r in charge["refunds"]["data"] if not r["payment_intent"] and not r["metadata"]]
    return intent.get("amount_received") or charge["amount"] - sum(rest)


def by_hand(stripe, intent, amount):
    """A refund as somebody makes it at the provider's own desk."""
    return call(stripe, "POST", "/v1/refunds", {"payment_intent": intent, "amount": amount})["id"]
