"""The systems of the lab and the hub, as processes: started, asked, killed."""
import base64
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import pay

from . import estate
from .door import Door

LAB = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("LAB_HOME", LAB.parent / "target/lab"))
SYSTEMS = ("medusa", "tryton", "stripe", "carrier")
DOORS = {"medusa": 7711, "tryton": 7712, "stripe": 7713, "carrier": 7714}


def ask(address, body=None, method=None, headers=None, timeout=60):
    """One call; JSON back where it is JSON, else text."""
    data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(address, data, {"content-type": "application/json"} | (headers or {}), method=method)
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        text = answer.read()
    try:
        return json.loads(text)
    except ValueError:
        return text.decode()


def say(text):
    print(f"[{time.strftime('%H:%M:%S')}] {text}", flush=True)


def until(what, holds, seconds, every=0.5):
    """Waits until something holds; what raised last is told where it never does."""
    end = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
            why = ""
        except (OSError, urllib.error.URLError) as wrong:
            why = f": {wrong}"
        if time.monotonic() > end:
            raise SystemExit(f"waited {seconds} s in vain: {what}{why}")
        time.sleep(every)


class Lab:
    """`charges`: payments are taken by the server that has charges only."""

    def __init__(self, binary, seed, charges=False):
        self.binary, self.seed, self.charges = str(binary), seed, charges
        self.folder = HOME / "run"
        self.processes, self.doors, self.ends = {}, {}, {}
        self.cpu = 0.0  # of hubs that have ended
        self.planted = False

    def up(self):
        """Every system with its opening data, the doors, the look-alikes, the hub."""
        for port in (estate.HUB_PORT, estate.DOUBLES_PORT, *DOORS.values()):
            with socket.socket() as probe:
                if not probe.connect_ex(("127.0.0.1", port)):
                    raise SystemExit(f"port {port} is taken: is another run of the lab still up?")
        env = os.environ | {"LAB_HOME": str(HOME), "LAB_HUB": estate.HUB}
        began = time.monotonic()
        started = {s: subprocess.Popen([LAB / s / "up", "--fresh"], env=env, stdout=subprocess.DEVNULL) for s in SYSTEMS}
        for system, process in started.items():
            if process.wait():
                raise SystemExit(f"lab/{system}/up failed; its logs are in {HOME / system}")
            self.ends[system] = json.loads((HOME / system / "endpoint.json").read_text())
        say(f"systems are up after {time.monotonic() - began:.0f} s")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        for system, port in DOORS.items():
            target = "second" if system == "stripe" and self.charges else "url"
            self.doors[system] = Door(system, port, self.ends[system][target])
        text, self.env = estate.estate(self.ends, {s: d.url for s, d in self.doors.items()}, self.charges)
        (self.folder / "estate.toml").write_text(text)
        (self.folder / "world.json").write_text(json.dumps(estate.world(self.seed)))
        self.webhooks()
        self.start("lookalikes", "lookalikes", "--listen", f"127.0.0.1:{estate.DOUBLES_PORT}", "--config", self.folder / "world.json")
        self.start_hub()

    def webhooks(self, **habits):
        """Where the shop posts what happened, and how badly."""
        targets = [{"url": estate.HUB + "/in/medusa", "secret": estate.secret("medusa")}]
        Path(self.ends["medusa"]["webhooks_file"]).write_text(json.dumps({"targets": targets} | habits))

    def start(self, name, *arguments):
        with open(self.folder / f"{name}.log", "ab") as log:
            command = [self.binary, *map(str, arguments)]
            self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | self.env)

    def start_hub(self):
        self.start("hub", "serve", "--data", self.folder / "data", "--estate", self.folder / "estate.toml",
                   "--connectors", LAB.parent / "connectors")
        until("the hub answers", lambda: self.hub("progress"), 90)

    def end_hub(self, how=signal.SIGTERM):
        self.cpu += self.used()
        self.processes["hub"].send_signal(how)
        self.processes["hub"].wait(30)

    def kill_hub(self):
        """SIGKILL, and a new one on the same folder."""
        self.end_hub(signal.SIGKILL)
        self.start_hub()

    def shop_database(self, statement):
        """What an administrator does at the shop's own database."""
        secrets = dict(line.split("=", 1) for line in (HOME / "medusa/secrets").read_text().split())
        command = ["psql", "-qtA", "-h", "127.0.0.1", "-p", os.environ.get("MEDUSA_PG_PORT", "9432"), "-U", "medusa", "-d", "medusa",
                   "-v", "ON_ERROR_STOP=1", "-c", statement]
        subprocess.run(command, env=os.environ | {"PGPASSWORD": secrets["PG_PASSWORD"]}, check=True)

    def used(self):
        """The processor time of the hub that runs now, in seconds."""
        fields = Path(f"/proc/{self.processes['hub'].pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def authorise(self, total, cart):
        """A shopper's card, for an amount in cents; the payment's id."""
        how = pay.authorise_charge if self.charges else pay.authorise
        return how(self.ends["stripe"], total, "EUR", cart=cart)

    def hub(self, path, body=None, method=None):
        return ask(f"{estate.HUB}/v1/{path}", body, method, {"authorization": "Bearer lab"})

    def reconcile(self):
        """What `crossdock reconcile` finds: its exit code, and its report."""
        command = [self.binary, "reconcile", "--data", str(self.folder / "data"), "--estate",
                   str(self.folder / "estate.toml"), "--connectors", str(LAB.parent / "connectors"), "--json"]
        ran = subprocess.run(command, env=os.environ | self.env, capture_output=True, text=True)
        if ran.returncode == 2:
            raise SystemExit(f"reconcile could not ask: {ran.stderr}")
        return ran.returncode, json.loads(ran.stdout)

    def scan(self, tracking, status):
        """The carrier's scanner sees a parcel."""
        ask(self.ends["carrier"]["url"] + "/_lab/scan", {"tracking_number": tracking, "status": status, "location": "Lyon"})

    def payment_events(self, **habits):
        """Whether, how often and within how many seconds the payment server posts what happened."""
        ask(self.ends["stripe"]["url"] + "/_lab", habits)

    def carrier_events(self, posted):
        """Whether the carrier posts what happened."""
        for hook in self.carrier("/v1/webhooks")["results"]:
            self.carrier(f"/v1/webhooks/{hook['id']}", {"disabled": not posted}, "PATCH")

    def carrier(self, path, body=None, method=None):
        """A call to the carrier's own interface."""
        end = self.ends["carrier"]
        return ask(end["url"] + path, body, method, {"authorization": "Token " + end["token"]})

    def post(self, system, kind, data):
        """An event of a system on the canonical contract, posted as it would."""
        made, at = f"by-hand-{time.monotonic_ns()}", str(int(time.time()))
        body = json.dumps({"specversion": "1.0", "id": made, "source": system, "type": kind, "data": data,
                           "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}).encode()
        key = base64.b64decode(estate.secret(system).removeprefix("whsec_"))
        signed = base64.b64encode(hmac.digest(key, f"{made}.{at}.".encode() + body, "sha256")).decode()
        ask(f"{estate.HUB}/in/{system}", body, headers={
            "webhook-id": made, "webhook-timestamp": at, "webhook-signature": "v1," + signed})

    def double(self, path, body=None):
        return ask(estate.DOUBLES + path, body)

    def down(self):
        for process in reversed(self.processes.values()):
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
        for door in self.doors.values():
            door.close()
        env = os.environ | {"LAB_HOME": str(HOME)}
        for system in SYSTEMS:
            subprocess.run([LAB / system / "down"], env=env, check=False, stdout=subprocess.DEVNULL)
