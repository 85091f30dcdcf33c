"""A shopper, and an agent at the shop's desk: what people do through the shop's public interfaces.

Money is whole cents. `lines` are `[(sku, quantity), …]`; `endpoint` is what `lab/medusa/up` wrote; `authorise` sets the
amount aside at the payment server and gives the payment's id (called with the amount and the cart's id).
"""

import base64
import decimal
import json
import urllib.error
import urllib.parse
import urllib.request

ADDRESS = {
    "first_name": "Ada", "last_name": "Durand", "address_1": "12 rue Haute", "city": "Lille",
    "postal_code": "59000", "country_code": "fr", "phone": "+33320000000",
}


class Answered(Exception):
    """The system said no: its status and what it said."""

    def __init__(self, call, status, text):
        super().__init__(f"{call}: {status} {text[:300]}")
        self.status, self.text = status, text


def call(method, url, body=None, headers=None, form=False, timeout=60):
    """One call; JSON back. Amounts stay decimals, so that no cent is lost in reading."""
    data = None
    headers = {"accept": "application/json", **(headers or {})}
    if body is not None:
        data = (urllib.parse.urlencode(body) if form else json.dumps(body)).encode()
        headers["content-type"] = "application/x-www-form-urlencoded" if form else "application/json"
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            text = answer.read()
    except urllib.error.HTTPError as wrong:
        raise Answered(f"{method} {url}", wrong.code, wrong.read().decode(errors="replace")) from None
    return json.loads(text, parse_float=decimal.Decimal) if text.strip() else None


def store(endpoint, method, path, body=None):
    """As the shopper's browser."""
    return call(method, endpoint["url"] + path, body, {"x-publishable-api-key": endpoint["publishable_key"]})


def admin(endpoint, method, path, body=None):
    """As an agent at the shop's desk."""
    key = base64.b64encode(f"{endpoint['secret_key']}:".encode()).decode()
    return call(method, endpoint["url"] + path, body, {"authorization": f"Basic {key}"})


def cents(amount):
    """The shop does not round: what is paid is rounded once, half away from zero."""
    return int((decimal.Decimal(amount) * 100).quantize(decimal.Decimal(1), decimal.ROUND_HALF_UP))


def place_order(endpoint, authorise, lines, email="shopper@example.org", address=ADDRESS):
    """From the cart to the order: `{order, display, cart, payment, total, tax, lines: {sku: line id}}`, amounts in cents."""
    cart = store(endpoint, "POST", "/store/carts", {
        "region_id": endpoint["region"], "sales_channel_id": endpoint["sales_channel"], "email": email,
        "shipping_address": address, "billing_address": address,
        "items": [{"variant_id": endpoint["variants"][sku], "quantity": quantity} for sku, quantity in lines],
    })["cart"]["id"]
    shipped = store(endpoint, "POST", f"/store/carts/{cart}/shipping-methods", {"option_id": endpoint["shipping_option"]})
    total = cents(shipped["cart"]["total"])
    payment = authorise(total, cart)
    store(endpoint, "POST", f"/store/carts/{cart}", {"metadata": {"payment_intent": payment}})
    collection = store(endpoint, "POST", "/store/payment-collections", {"cart_id": cart})["payment_collection"]["id"]
    store(endpoint, "POST", f"/store/payment-collections/{collection}/payment-sessions", {"provider_id": "pp_system_default"})
    done = store(endpoint, "POST", f"/store/carts/{cart}/complete", {})
    if done["type"] != "order":
        raise Answered("complete", 402, json.dumps(done, default=str))
    order = done["order"]
    return {
        "order": order["id"], "display": order["display_id"], "cart": cart, "payment": payment, "total": total,
        "tax": cents(shipped["cart"]["tax_total"]),
        "lines": {line["variant_sku"]: line["id"] for line in order["items"]},
    }


def request_return(endpoint, order, lines, reason="wrong_size", place="wms-north"):
    """A return that the shopper asks for, of an order as `place_order` gave it; the return's id. One at a time."""
    said = store(endpoint, "POST", "/store/returns", {
        "order_id": order["order"], "location_id": endpoint["locations"][place],
        "return_shipping": {"option_id": endpoint["return_shipping_option"]},
        "items": [
            {"id": order["lines"][sku], "quantity": quantity, "reason_id": endpoint["return_reasons"][reason]}
            for sku, quantity in lines
        ],
    })
    return said["return"]["id"]


def begin_return(endpoint, order, lines, reason="wrong_size", place="wms-north"):
    """The same, by an agent at the desk."""
    begun = admin(endpoint, "POST", "/admin/returns", {"order_id": order["order"], "location_id": endpoint["locations"][place]})
    begun = begun["return"]["id"]
    admin(endpoint, "POST", f"/admin/returns/{begun}/request-items", {"items": [
        {"id": order["lines"][sku], "quantity": quantity, "reason_id": endpoint["return_reasons"][reason]}
        for sku, quantity in lines
    ]})
    admin(endpoint, "POST", f"/admin/returns/{begun}/request", {"no_notification": True})
    return begun


def edit_order(endpoint, order, change=(), add=()):
    """Changes quantities of lines (`change`) and adds lines (`add`) of an order; the confirmed change's id."""
    edit = admin(endpoint, "POST", "/admin/order-edits", {"order_id": order["order"]})["order_change"]["id"]
    for sku, quantity in change:
        path = f"/admin/order-edits/{order['order']}/items/item/{order['lines'][sku]}"
        admin(endpoint, "POST", path, {"quantity": quantity})
    if add:
        items = [{"variant_id": endpoint["variants"][sku], "quantity": quantity} for sku, quantity in add]
        admin(endpoint, "POST", f"/admin/order-edits/{order['order']}/items", {"items": items})
    admin(endpoint, "POST", f"/admin/order-edits/{order['order']}/request", {})
    admin(endpoint, "POST", f"/admin/order-edits/{order['order']}/confirm", {})
    return edit


def move_order(endpoint, order, address):
    """An agent corrects where the order goes."""
    admin(endpoint, "POST", f"/admin/orders/{order['order']}", {"shipping_address": address})


def fulfil(endpoint, order, place):
    """An agent books at the desk that all of an order has been packed at a place."""
    items = [{"id": i["id"], "quantity": i["quantity"]} for i in read_order(endpoint, order)["items"]]
    asked = {"items": items, "location_id": endpoint["locations"][place]}
    return admin(endpoint, "POST", f"/admin/orders/{order['order']}/fulfillments", asked)


def cancel_order(endpoint, order):
    """The order is cancelled at the shop."""
    admin(endpoint, "POST", f"/admin/orders/{order['order']}/cancel", {})


def read_order(endpoint, order):
    """The order with its fulfilments, payments and returns, as the shop shows it to an agent."""
    fields = ",".join([
        "+display_id", "*items", "*items.detail", "*fulfillments", "*fulfillments.items", "*fulfillments.labels",
        "*payment_collections.payments", "*payment_collections.payments.captures",
        "*payment_collections.payments.refunds", "*returns", "*returns.items",
    ])
    return admin(endpoint, "GET", f"/admin/orders/{order['order']}?fields={urllib.parse.quote(fields)}")["order"]


def tracking(read):
    """The tracking numbers of an order as `read_order` gave it."""
    return [label["tracking_number"] for made in read["fulfillments"] if not made.get("canceled_at") for label in made["labels"]]


def stock(endpoint):
    """`{sku: {place: (stocked, reserved)}}`."""
    names = {id: name for name, id in endpoint["locations"].items()}
    items = admin(endpoint, "GET", "/admin/inventory-items?limit=1000&fields=id,sku,*location_levels")["inventory_items"]
    return {
        item["sku"]: {
            names[level["location_id"]]: (int(level["stocked_quantity"]), int(level["reserved_quantity"]))
            for level in item["location_levels"]
        }
        for item in items
    }
