"""Five orders and two returns through a running hub into Tryton, with everybody else played by this file.

try.py HUB CONNECTORS ENDPOINT FOLDER [--lose]

--lose: a proxy before Tryton forwards each kind of write and then drops its first answer, so that every stage of every
operation is once done without the hub knowing. Exits 0 only if Tryton ends with what was traded, and once.
"""
import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HUB, CONNECTORS, ENDPOINT, FOLDER = sys.argv[1:5]
LOSE = '--lose' in sys.argv
TRYTON = json.load(open(ENDPOINT))
PORT, WORLD, PROXY = 7710, 7711, 7712
SECRET = base64.b64encode(b'0123456789abcdef01234567').decode()
OTHERS = ['shop', 'pay', 'oms', 'wms-north', 'wms-south', 'returns']
asked = []          # what the hub asked of the others
shipments = []      # what left, as (place, lines)
lost = []           # whose answers were dropped
number = iter(range(1, 10**6))
NORTH, SOUTH = 'wms-north', 'wms-south'


def now():
    return time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())


def post(connection, kind, data):
    """Posts an event as a system would: signed, and again until it is taken."""
    n = f'm{next(number)}'
    body = json.dumps({'specversion': '1.0', 'id': n, 'source': connection, 'type': kind, 'time': now(), 'data': data})
    stamp = str(int(time.time()))
    mac = hmac.new(base64.b64decode(SECRET), f'{n}.{stamp}.{body}'.encode(), hashlib.sha256).digest()
    headers = {'Content-Type': 'application/json', 'webhook-id': n, 'webhook-timestamp': stamp,
        'webhook-signature': 'v1,' + base64.b64encode(mac).decode()}
    for _ in range(40):
        try:
            request = urllib.request.Request(f'http://127.0.0.1:{PORT}/in/{connection}', body.encode(), headers)
            return urllib.request.urlopen(request, timeout=10).status
        except urllib.error.HTTPError as error:
            raise SystemExit(f'{kind}: {error.code} {error.read().decode()[:300]}')
        except OSError:
            time.sleep(0.25)


def place_of(order):
    return SOUTH if order.endswith('-south') else NORTH


def react(path, body):
    """What a warehouse and the like do of their own when asked."""
    time.sleep(0.2)
    if path.startswith('/oms/releases/') and 'cancellation' not in path:
        parts = [{'place': place_of(body['order']), 'lines': [
            {k: l[k] for k in ('line', 'sku', 'quantity')} for l in body['lines']]}]
        if body['order'].endswith('-split'):
            first = parts[0]['lines'][0]
            parts = [{'place': NORTH, 'lines': [{**first, 'quantity': 1}]},
                {'place': SOUTH, 'lines': [{**first, 'quantity': first['quantity'] - 1}] + parts[0]['lines'][1:]}]
        post('oms', 'order.allocated', {'release': body['id'], 'order': body['order'], 'fulfilments': parts})
    elif match := re.match(r'/(wms-\w+)/fulfilment-orders/', path):
        lines = [{k: l[k] for k in ('line', 'sku', 'quantity')} for l in body['lines']]
        shipments.append((match[1], lines))
        post(match[1], 'shipment.confirmed', {'shipment': 'S-' + body['id'], 'fulfilment': body['id'],
            'order': body['order'], 'place': match[1], 'shipped_at': now(), 'parcels': [
                {'id': 'P-' + body['id'], 'carrier': 'x', 'tracking': 'T-' + body['id'], 'lines': lines}]})
    elif match := re.match(r'/(wms-\w+)/expected-receipts/', path):
        # Grade A is put back on sale, the rest set apart, by what the estate says.
        grade = 'A' if body['rma'].endswith('1') else 'C'
        receipt = 'RC-' + body['rma']
        post(match[1], 'return.received', {'receipt': receipt, 'rma': body['rma'], 'place': match[1],
            'received_at': now(), 'lines': body['lines']})
        post(match[1], 'return.inspected', {'inspection': 'I-' + body['rma'], 'receipt': receipt, 'rma': body['rma'],
            'place': match[1], 'lines': [{'line': l['line'], 'sku': l['sku'], 'quantity': l['quantity'],
                'accepted': l['quantity'], 'rejected': 0, 'grade': grade} for l in body['lines']]})


class World(BaseHTTPRequestHandler):
    """Every system but the ERP: takes what it is asked, and reacts."""

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers.get('Content-Length') or 0)) or b'{}')
        asked.append((self.path, body))
        answer = {'ref': self.path, 'amount': body.get('amount'), 'state': 'succeeded'}
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps(answer).encode())
        threading.Thread(target=react, args=(self.path, body), daemon=True).start()

    def log_message(self, *args):
        pass


class Proxy(BaseHTTPRequestHandler):
    """Before Tryton: forwards, and where it is to lose answers drops the first of each kind of write."""
    seen = set()
    calls = []

    def forward(self):
        body = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        target = urlsplit(TRYTON['url'])
        link = http.client.HTTPConnection(target.hostname, target.port, timeout=120)
        headers = {k: v for k, v in self.headers.items() if k.lower() != 'host'}
        link.request(self.command, target.path + self.path, body or None, headers)
        answer = link.getresponse()
        text = answer.read()
        kind = f"{self.command} {re.sub('[0-9]+', 'N', self.path.split('?')[0])}"
        # What differs only in what it is for counts as several kinds: sales of orders and of returns, notes and invoices.
        kind += ' negative' if b'"quantity":-' in body or b'"quantity": -' in body else ''
        Proxy.calls.append(kind)
        if LOSE and self.command != 'GET' and kind not in Proxy.seen:
            Proxy.seen.add(kind)
            lost.append(kind)
            self.close_connection = True
            self.connection.close()
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() in ('content-type', 'content-encoding', 'retry-after'):
                self.send_header(name, value)
        self.send_header('Content-Length', str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = forward

    def log_message(self, *args):
        pass


def estate():
    os.makedirs(FOLDER + '/secrets', exist_ok=True)
    for name, value in {'api': 'x' * 32, 'hook': 'whsec_' + SECRET, 'token': 't', 'tryton': TRYTON['key']}.items():
        with open(os.open(f'{FOLDER}/secrets/{name}', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'w') as file:
            file.write(value)
    plays = {'shop': 'storefront:shop', 'pay': 'payments:pay', NORTH: f'wms:{NORTH}', SOUTH: f'wms:{SOUTH}'}
    text = f'''tenant = "main"
entity = "main"
[hub]
listen = "127.0.0.1:{PORT}"
api_token = "file:secrets/api"
[[connection]]
name = "erp"
connector = "tryton"
url = "http://127.0.0.1:{PROXY}"
plays = ["erp"]
secret = {{ key = "file:secrets/tryton" }}
conf = {{ company = {TRYTON["company"]}, warehouse = "{NORTH}", party = "{TRYTON['party']}", price_digits = 6, settle = "2s" }}
[policy.pools.main]
places = ["{NORTH}", "{SOUTH}"]
publish_to = ["shop"]
[policy.returns]
place = "{NORTH}"
inspect_first = ["all"]
'''
    for name in OTHERS:
        pool = 'conf = { pool = "main" }' if name.startswith('wms-') else ''
        text += f'''[[connection]]
name = "{name}"
connector = "canonical"
url = "http://127.0.0.1:{WORLD}/{name}"
plays = ["{plays.get(name, name)}"]
secret = {{ token = "file:secrets/token", hook = "file:secrets/hook" }}
{pool}
'''
    with open(FOLDER + '/estate.toml', 'w') as file:
        file.write(text)


def rest(path, fields, domain=()):
    packed = base64.urlsafe_b64encode(json.dumps(list(domain)).encode()).decode()
    context = base64.urlsafe_b64encode(json.dumps({'company': TRYTON['company']}).encode()).decode()
    url = f"{TRYTON['url']}/rest/model/{path}?d={packed}&" + '&'.join('f=' + f for f in fields.split())
    headers = {'Authorization': 'Bearer ' + TRYTON['key'], 'X-Tryton-Context': context}
    return json.load(urllib.request.urlopen(urllib.request.Request(url, headers=headers)))


def stock():
    """What is for sale per warehouse, as the ERP counts it."""
    have = {}
    for place, number in TRYTON['places'].items():
        context = base64.urlsafe_b64encode(json.dumps({'company': TRYTON['company'], 'locations': [number],
            'stock_skip_warehouse': True}).encode()).decode()
        url = f"{TRYTON['url']}/rest/model/product.product?f=code&f=quantity&f=template.type"
        headers = {'Authorization': 'Bearer ' + TRYTON['key'], 'X-Tryton-Context': context}
        rows = json.load(urllib.request.urlopen(urllib.request.Request(url, headers=headers)))
        have[place] = {r['code']: int(r['quantity']) for r in rows if r['template']['type'] == 'goods'}
    return have


def cents(value):
    return round(float(value['decimal']) * 100)


# name: (lines of sku, quantity, net unit price in cents), each with 20 % on top
ORDERS = {
    'shop-1-north': [('MUG-WHT', 1, 799), ('SOCK-3PK', 1, 999), ('SHIP-STD', 1, 500)],
    'shop-2-south': [('HOOD-GRY-M', 1, 3995), ('CAP-NVY', 3, 1249)],
    'shop-3-split': [('TEE-BLK-M', 3, 1490), ('SHIP-STD', 1, 500)],
    'shop-4-round': [('MUG-WHT', 1, 799), ('MUG-WHT', 1, 799), ('BAG-TOTE', 7, 1111)],
    'shop-5-south': [('LAMP-DSK', 2, 4950), ('SHIP-STD', 1, 500)],
}
RETURNS = {'rma-1': ('shop-1-north', '1', 'MUG-WHT', 1), 'rma-2': ('shop-5-south', '1', 'LAMP-DSK', 1)}


def submitted(order, goods):
    lines = []
    for n, (sku, quantity, price) in enumerate(goods, 1):
        tax = (price * quantity * 2 + 5) // 10
        lines.append({'line': str(n), 'sku': sku, 'kind': 'shipping' if sku.startswith('SHIP') else 'goods',
            'title': sku, 'category': 'all', 'quantity': quantity, 'unit_price': f'{price / 100:.2f}',
            'amount': price * quantity + tax, 'tax': tax, 'tax_included': True})
    total = sum(l['amount'] for l in lines)
    return {'order': order, 'source': 'shop', 'source_id': order[5:], 'number': order[5:], 'placed_at': now(),
        'currency': 'EUR', 'customer': 'C-' + order[5], 'lines': lines, 'total': total, 'tenders': [
            {'id': 't1', 'kind': 'card', 'executor': 'pay', 'payment': 'pi-' + order[5:], 'authorised': total, 'several': True}]}


def wait(what, ready, seconds=300):
    end = time.time() + seconds
    while not ready():
        if time.time() > end:
            print('NOT IN TIME:', what)
            return False
        time.sleep(0.5)
    return True


def main():
    estate()
    for port, handler in ((WORLD, World), (PROXY, Proxy)):
        threading.Thread(target=ThreadingHTTPServer(('127.0.0.1', port), handler).serve_forever, daemon=True).start()
    with open(FOLDER + '/hub.log', 'w') as log:
        hub = subprocess.Popen([HUB, 'serve', '--data', FOLDER + '/data', '--estate', FOLDER + '/estate.toml',
            '--connectors', CONNECTORS], stdout=log, stderr=log)
    try:
        trade()
    finally:
        hub.terminate()
        hub.wait(20)


def trade():
    began = time.time()
    catalogue = json.load(open(os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'catalogue.json')))
    for place in (NORTH, SOUTH):
        post(place, 'stock.counted', {'count': 'first-' + place, 'place': place, 'as_of': now(),
            'lines': [{'sku': i['sku'], 'on_hand': i['stock'][place]} for i in catalogue['items']]})
    orders = {name: submitted(name, goods) for name, goods in ORDERS.items()}
    for order in orders.values():
        post('shop', 'order.submitted', order)

    def invoiced():
        have = rest('account.invoice', 'description state total_amount', [['type', '=', 'out'], ['state', '=', 'posted']])
        return [cents(i['total_amount']) for i in have if cents(i['total_amount']) > 0]

    wait('invoices', lambda: sum(invoiced()) == sum(o['total'] for o in orders.values()))
    for rma, (order, line, sku, quantity) in RETURNS.items():
        post('returns', 'return.requested', {'rma': rma, 'source': 'returns', 'requested_at': now(), 'lines': [
            {'line': '1', 'order': order, 'order_line': line, 'sku': sku, 'quantity': quantity, 'reason': 'other',
                'type': 'commercial'}]})
    wait('refunds', lambda: len([p for p, _ in asked if '/refunds/' in p and p.startswith('/pay')]) >= len(RETURNS))
    wait('receipts', lambda: len(rest('stock.shipment.out.return', 'id', [['state', '=', 'done']])) >= len(RETURNS), 60)
    sys.exit(0 if judge(orders, catalogue, time.time() - began) else 1)


def judge(orders, catalogue, seconds):
    good = True

    def check(text, right, note=''):
        nonlocal good
        good = good and right
        print('ok  ' if right else 'FAIL', text, note)

    sales = rest('sale.sale', 'reference state shipment_state invoice_state total_amount lines.quantity')
    ships = rest('stock.shipment.out', 'reference state warehouse.code outgoing_moves.sale.description')
    papers = rest('account.invoice', 'reference number description state total_amount')
    backs = rest('stock.shipment.out.return', 'reference state inventory_moves.to_location.code')
    for name, order in orders.items():
        mine = [s for s in sales if s['reference'] == name]
        check(f'{name}: one sale of the same total', [cents(s['total_amount']) for s in mine] == [order['total']],
            [(s['state'], s['shipment_state'], s['invoice_state'], cents(s['total_amount'])) for s in mine])
        shipped = [s for s in ships if s['outgoing_moves'][0]['sale']['description'] == name]
        want = [NORTH, SOUTH] if name.endswith('split') else [place_of(name)]
        check(f'{name}: shipments done', sorted(s['warehouse']['code'] for s in shipped) == want
            and all(s['state'] == 'done' for s in shipped), [(s['reference'], s['warehouse']['code']) for s in shipped])
        bills = [p for p in papers if p['description'] == name and cents(p['total_amount']) > 0]
        check(f'{name}: invoiced to the cent', sum(cents(p['total_amount']) for p in bills) == order['total']
            and len(bills) == len(shipped) and all(p['state'] == 'posted' for p in bills),
            [(p['number'], cents(p['total_amount'])) for p in bills])
    refunds = {p.split('/')[-1]: b for p, b in asked if p.startswith('/pay/') and '/refunds/' in p}
    notes = [p for p in papers if cents(p['total_amount']) < 0]
    check('credit notes posted once and equal to the refunds', sorted(-cents(p['total_amount']) for p in notes)
        == sorted(b['amount'] for b in refunds.values()) and len(notes) == len(RETURNS) and all(p['state'] == 'posted' for p in notes),
        [(p['number'], cents(p['total_amount'])) for p in notes])
    check('returns received once, where they belong', len(backs) == len(RETURNS) and all(b['state'] == 'done' for b in backs),
        [(b['reference'], [m['to_location']['code'] for m in b['inventory_moves']]) for b in backs])
    check('one return order each', sorted(s['reference'] for s in sales if s['reference'] in RETURNS) == sorted(RETURNS))
    have = stock()
    for place in (NORTH, SOUTH):
        want = {i['sku']: i['stock'][place] for i in catalogue['items']}
        for body in (b for p, b in shipments if p == place):
            for line in body:
                want[line['sku']] -= line['quantity']
        if place == NORTH:  # rma-1 was put back on sale
            want[RETURNS['rma-1'][2]] += 1
        check(f'stock of {place}', have[place] == want, sum(have[place].values()))
    calls = len(Proxy.calls)
    writes = len([c for c in Proxy.calls if not c.startswith('GET')])
    print(f'{seconds:.1f} s, {calls} calls of Tryton, {writes} of them writes, {len(lost)} answers lost')
    for kind in lost:
        print('  lost after it was done:', kind)
    return good


main()
