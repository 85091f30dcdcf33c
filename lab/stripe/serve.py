"""localstripe on loopback, with what it lacks put around it: Idempotency-Key replay, the rules of a refund,
webhooks about refunds, and webhooks that are posted too often or not at all.

    GET|POST /_lab                  settings: {"copies": 3, "scatter": 5, "webhooks": false}

copies and scatter say how often each webhook is posted, and within how many seconds; with webhooks false none is.
"""
import asyncio
import hashlib
import json
import pickle
import random
import sys

from aiohttp import web
from localstripe import resources, server, webhooks
from localstripe.errors import UserError
from localstripe.resources import Charge, Event, PaymentIntent, Refund

PORT, STATE = int(sys.argv[1]), sys.argv[2]
settings = {"copies": 1, "scatter": 0, "webhooks": True}
answered, under_way = {}, set()
dirty = False


def refuse(status, kind, code, message):
    error = {"type": kind, "message": message} | ({"code": code} if code else {})
    return web.json_response({"error": error}, status=status)


@web.middleware
async def front(request, handler):
    if request.path != "/_lab":
        return await handler(request)
    if request.method == "POST":
        settings.update(await request.json())
    return web.json_response(settings)


@web.middleware
async def once(request, handler):
    """As documented: the first answer again, for the same parameters; what was refused in validation is not kept."""
    key = request.headers.get("Idempotency-Key")
    if not key or request.method != "POST":
        return await handler(request)
    slot = (server.get_api_key(request), key)
    asked = hashlib.sha256(request.path.encode() + b"\n" + await request.read()).hexdigest()
    if slot in under_way:
        return refuse(409, "idempotency_error", "idempotency_key_in_use",
                      "another request with this Idempotency-Key is still under way")
    if slot in answered:
        first, status, body = answered[slot]
        if first != asked:
            return refuse(400, "idempotency_error", None,
                          "Keys for idempotent requests can only be used with the same parameters they were first used with.")
        return web.Response(status=status, body=body, content_type="application/json",
                            headers={"Idempotent-Replayed": "true"})
    under_way.add(slot)
    try:
        answer = await handler(request)
    except UserError as error:
        answer = error.to_response()
    finally:
        under_way.discard(slot)
    if answer.status in (200, 402) or answer.status >= 500:
        answered[slot] = (asked, answer.status, answer.body)
        save_soon()
    return answer


@web.middleware
async def refunds(request, handler):
    if (request.method, request.path) != ("POST", "/v1/refunds"):
        return await handler(request)
    data = await server.get_post_data(request) or {}
    charge = None
    if data.get("charge"):
        charge = Charge._api_retrieve(data["charge"])
    elif data.get("payment_intent"):
        charge = PaymentIntent._api_retrieve(data["payment_intent"]).latest_charge
    if charge is None:
        return await handler(request)
    left = charge.amount - charge.amount_refunded
    if left <= 0:
        return refuse(400, "invalid_request_error", "charge_already_refunded",
                      f"Charge {charge.id} has already been refunded.")
    if int(data.get("amount") or charge.amount) > left:
        return refuse(400, "invalid_request_error", None,
                      f"Refund amount is greater than unrefunded amount on charge ({left})")
    answer = await handler(request)
    if answer.status == 200:
        refund = resources.store["refund:" + json.loads(answer.body)["id"]]
        # The provider names the payment intent also where the charge was named.
        refund.payment_intent = charge.payment_intent
        webhooks.schedule_webhook(Event("refund.created", refund))
        webhooks.schedule_webhook(Event("charge.refunded", charge))
    return answer


post = webhooks._send_webhook


async def post_all(event):
    async def one():
        await asyncio.sleep(random.uniform(0, settings["scatter"]))
        await post(event)
    if settings["webhooks"]:
        await asyncio.gather(*(one() for _ in range(settings["copies"])))


def save_soon(*_):
    """It writes its whole store at every change; here once a second is enough."""
    global dirty
    dirty = True


def save():
    global dirty
    if dirty:
        dirty = False
        with open(STATE, "wb") as file:
            pickle.dump((dict(resources.store), answered), file)


async def keep(app):
    async def loop():
        while True:
            await asyncio.sleep(1)
            save()
    task = asyncio.create_task(loop())
    yield
    task.cancel()
    save()


webhooks._send_webhook = post_all
resources.Store.dump_to_disk = save_soon
try:
    with open(STATE, "rb") as file:
        things, answered = pickle.load(file)
        resources.store.update(things)
except FileNotFoundError:
    pass
server.app.middlewares.insert(0, front)
server.app.middlewares.extend([once, refunds])
server.app.cleanup_ctx.append(keep)
web.run_app(server.app, host="127.0.0.1", port=PORT, access_log=None)
