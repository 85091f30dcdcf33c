"""karrio's web application behind three pages of the lab's own:

    POST /_lab/scan                 {"tracking_number", "status", "location"?, "timestamp"?}: a scanner sees a parcel;
                                    karrio asks the carrier at once and posts its webhook before this answers
    GET|POST|DELETE /_lab/faults    {"path", "mode": "drop_before|drop_after|status|delay", "method": "POST",
                                     "count": 1, "status": 503, "seconds": 5}
    GET|DELETE /_lab/requests
"""
import datetime
import json
import os
import re
import threading
import time
from pathlib import Path

from karrio.server.wsgi import application as karrio

import karrio.server.manager.models as models
from karrio.server.events.task_definitions.base import tracking

lock = threading.Lock()
faults, calls = [], []


def answer(start, status, body):
    start(f"{status} Lab", [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def scan(seen):
    number = seen.pop("tracking_number")
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    seen.setdefault("timestamp", now)
    path = Path(os.environ["LAB_SCANS"]) / f"{number}.json"
    with lock:
        before = json.loads(path.read_text()) if path.exists() else []
        path.write_text(json.dumps([*before, seen]))
    trackers = list(models.Tracking.objects.filter(tracking_number=number).values_list("id", flat=True))
    if trackers:
        tracking.process_carrier_trackers(tracker_ids=trackers)
    return {"scans": len(before) + 1, "trackers": trackers}


def lab(env, start):
    page, method = env["PATH_INFO"], env["REQUEST_METHOD"]
    size = int(env.get("CONTENT_LENGTH") or 0)
    body = json.loads(env["wsgi.input"].read(size)) if size else {}
    if page == "/_lab/scan":
        return answer(start, 200, scan(body))
    kept = {"/_lab/faults": faults, "/_lab/requests": calls}.get(page)
    if kept is None:
        return answer(start, 404, {"message": "no such page"})
    if method == "POST":
        kept.append({"method": "POST", "count": 1} | body)
    elif method == "DELETE":
        kept.clear()
    return answer(start, 200, kept)


def fault(env):
    with lock:
        for one in faults:
            if one["count"] > 0 and one["method"] == env["REQUEST_METHOD"] and re.search(one["path"], env["PATH_INFO"]):
                one["count"] -= 1
                return one
    return {"mode": None}


def application(env, start):
    if env["PATH_INFO"].startswith("/_lab/"):
        return lab(env, start)
    hit = fault(env)
    mode = hit["mode"]
    if env["PATH_INFO"].startswith("/v1/"):
        calls.append({"method": env["REQUEST_METHOD"], "path": env["PATH_INFO"], "query": env["QUERY_STRING"],
                      "fault": mode})
    if mode == "status":
        return answer(start, hit.get("status", 503), {"errors": [{"code": "fault", "message": "injected"}]})
    if mode == "delay":
        time.sleep(hit.get("seconds", 5))
    if mode == "drop_before":
        env["gunicorn.socket"].close()
        return answer(start, 500, {})
    body = karrio(env, start)
    if mode == "drop_after":
        b"".join(body)
        env["gunicorn.socket"].close()
    return body
