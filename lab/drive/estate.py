"""The retailer of the lab: which systems there are and who plays what, as the hub's settings say it."""
import base64
import json

HUB_PORT, DOUBLES_PORT = 7700, 7701
HUB, DOUBLES = f"http://127.0.0.1:{HUB_PORT}", f"http://127.0.0.1:{DOUBLES_PORT}"
PLACES = ("wms-north", "wms-south")
DOUBLED = ("oms", *PLACES)
CITIES = {"wms-north": ("Lille", "59000"), "wms-south": ("Marseille", "13001")}


def secret(name):
    """A webhook secret of this run; nothing but loopback ever sees it."""
    return "whsec_" + base64.b64encode(f"a secret of the lab for {name}".encode()).decode()


def toml(value):
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + " }"
    return json.dumps(value)


def connections(ends, doors, charges):
    """(name, connector, url, plays, secrets, conf, more lines) of each system. `ends` are what the recipes wrote."""
    medusa, tryton, carrier, stripe = (ends[s] for s in ("medusa", "tryton", "carrier", "stripe"))
    addresses = {
        place: {"company_name": place, "address_line1": "1 Dock Road", "city": city, "postal_code": code, "country_code": "FR"}
        for place, (city, code) in CITIES.items()
    }
    watched = {"feed": True, "feed_every": "5s"}
    rows = [
        ("medusa", "medusa", doors["medusa"], ["storefront:medusa", "returns:medusa"],
         {"key": medusa["secret_key"], "hook": secret("medusa")},
         {"source": "medusa", "locations": medusa["locations"], "every": "10s", "settle": "5s", "changes": True, "shipping_sku": "SHIP-STD"}),
        ("tryton", "tryton", doors["tryton"], ["erp"], {"key": tryton["key"]},
         {"company": tryton["company"], "warehouse": "wms-north", "party": tryton["party"], "places": tryton["places"],
          "price_digits": 6, "settle": "15s"}),
        ("stripe", "stripe", doors["stripe"], ["payments:stripe"], {"key": stripe["key"], "hook": stripe["hook"]},
         {"settle": "5s", "plain": True} | ({"charges": True} if charges else watched | {"oldest_first": True, "elsewhere": "goodwill"})),
        ("carrier", "karrio", doors["carrier"], ["carrier"], {"token": carrier["token"], "hook": carrier["hook"]},
         watched | {"service": carrier["service"], "places": addresses, "settle": "5s"}),
    ]
    for name in DOUBLED:
        plays = [f"wms:{name}"] if name in PLACES else [name]
        conf = {"pool": "main"} if name in PLACES else {}
        rows.append((name, "canonical", f"{DOUBLES}/{name}", plays, {"token": f"lab-{name}", "hook": secret(name)},
                     conf | watched))
    return rows


def estate(ends, doors, charges):
    """The estate's text, and the environment that holds its secrets."""
    env = {"LAB_API": "lab"}
    text = (f'tenant = "main"\nentity = "main"\ncurrency = "EUR"\n\n[hub]\nlisten = "127.0.0.1:{HUB_PORT}"\n'
            'api_token = "env:LAB_API"\n')
    for name, connector, url, plays, secrets, conf in connections(ends, doors, charges):
        refs = {}
        for kind, value in secrets.items():
            variable = f"LAB_{name}_{kind}".replace("-", "_").upper()
            env[variable] = value
            refs[kind] = f"env:{variable}"
        text += (f'\n[[connection]]\nname = "{name}"\nconnector = "{connector}"\nurl = "{url}"\nplays = {json.dumps(plays)}\n'
                 f'backoff = "500ms"\nbackoff_max = "5s"\nsecret = {toml(refs)}\nconf = {toml(conf)}\n')
    text += f"""
[policy.pools.main]
places = {json.dumps(list(PLACES))}
publish_to = ["medusa"]
publish_after = "2s"
by_place = ["medusa"]

[policy.fulfilment]
labels = "hub"

[policy.returns]
place = "wms-north"
labels = true
"""
    return text, env


def world(seed):
    """How the look-alikes are set up: order management and two warehouses."""
    def link(name):
        return {"link": {"token": f"lab-{name}", "secret": secret(name), "intake": f"/in/{name}", "feed": True}}

    def warehouse(name):
        return link(name) | {"place": name, "deliver_ms": None, "parcels_max": 1, "receive_ms": 500, "inspect_ms": 500,
                             "pick_ms": 500, "grades": {"b": 250, "c": 250, "x": 0}}

    return {"hub": HUB, "seed": seed, "run": f"lab{seed}", "oms": link("oms") | {"places": list(PLACES)}} | {
        place: warehouse(place) for place in PLACES}
