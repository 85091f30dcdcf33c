"""A door between the hub and a system: it counts the calls, and can be shut, slow, or deaf to an answer.

The systems stay as their makers wrote them; what goes wrong on the way goes wrong here.
"""
import collections
import http.client
import http.server
import re
import socket
import threading
import time
import urllib.parse

HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "host"}


class Door:
    """Listens on `port` and hands every call to `target`."""

    def __init__(self, name, port, target):
        self.name, self.target = name, urllib.parse.urlsplit(target)
        self.calls = collections.Counter()
        self.shut = False
        self.slow = 0.0
        self.losses = []  # [method, pattern, how many]: done, and the answer is never heard
        self.forgetful = None  # a set: the first answer of every kind of write is never heard
        self.lock = threading.Lock()
        self.turn = threading.Lock()
        door = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                door.pass_on(self)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

        self.server = Server(("127.0.0.1", port), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}" + self.target.path.rstrip("/")
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lose(self, method, pattern, times=1):
        """So many answers to such calls will not be heard, though what was asked is done."""
        self.losses.append([method, pattern, times])

    def lost(self, method, path, shape):
        with self.lock:
            if self.forgetful is not None and method != "GET" and (method, shape) not in self.forgetful:
                self.forgetful.add((method, shape))
                return True
            for one in self.losses:
                if one[2] > 0 and one[0] == method and re.search(one[1], path):
                    one[2] -= 1
                    return True
        return False

    def pass_on(self, asked):
        body = asked.rfile.read(int(asked.headers.get("content-length") or 0))
        if self.shut:
            return cut(asked)
        if self.slow:
            # So many seconds a call, one at a time, as a server with one interpreter works.
            with self.turn:
                time.sleep(self.slow)
        path = asked.path
        shape = re.sub(r"/[^/]*\d[^/]*", "/{}", path.split("?")[0])
        with self.lock:
            self.calls[f"{asked.command} {shape}"] += 1
        headers = {k: v for k, v in asked.headers.items() if k.lower() not in HOP}
        inner = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=120)
        try:
            inner.request(asked.command, path, body, headers)
            answer = inner.getresponse()
            said = answer.read()
        except OSError:
            return cut(asked)
        finally:
            inner.close()
        if self.shut or self.lost(asked.command, path, shape):
            return cut(asked)
        try:
            asked.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP:
                    asked.send_header(name, value)
            asked.send_header("content-length", str(len(said)))
            asked.end_headers()
            asked.wfile.write(said)
        except OSError:
            asked.close_connection = True

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def cut(asked):
    """The connection ends without a word."""
    asked.close_connection = True
    try:
        asked.connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
