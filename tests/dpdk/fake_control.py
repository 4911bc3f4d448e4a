"""A control daemon for tests: says what it is told to say, over HTTP on a Unix socket, and keeps
what is reported to it. It shares no code with joinery's own; api/README.md is what both go by."""

import base64
import hashlib
import http.server
import json
import os
import socketserver
import threading
import time
import urllib.parse

DEADLINE_S = 30
KEYS = {"hash_secret": "000102030405060708090a0b0c0d0e0f",
        "generation": "101112131415161718191a1b1c1d1e1f"}


def position(text):
    """"3.41" as the messages have it."""
    epoch, version = text.split(".")
    return {"epoch": int(epoch), "version": int(version)}


def member(number, name, address, encap="l2"):
    """A backend of the scheme part."""
    return {"id": number, "name": name, "address": address, "encap": encap}


def scheme_part(at, members, *, vips, ports=(80,), serial=1, key=KEYS["generation"], **changes):
    """A scheme part with one pool; `changes` are of the pool."""
    pool = {"name": "web", "id": 7, "max_backends": 8, "algorithm": "ff1", "generation_bits": 2,
            "handshake": "derived", "hash_secret": KEYS["hash_secret"], "table_size": 251,
            "join_rate": 50000,
            "vips": [{"address": vip, "protocol": "tcp",
                      "ports": [{"first": port, "last": port} for port in ports]} for vip in vips],
            "generations": [{"codepoint": 1, "serial": serial, "state": "active", "key": key}],
            "last_serial": serial, "reserved_ids": [], "members": members, "cookie": None,
            **changes}
    return {"schema": 1, "at": position(at), "pools": [pool]}


def load_part(at, scheme, states, weights=None):
    """A load part for that pool; `states`: ID -> state."""
    members = [{"id": number, "weight": (weights or {}).get(number, 1), "state": state}
               for number, state in states.items()]
    return {"schema": 1, "at": position(at), "scheme": position(scheme),
            "pools": [{"id": 7, "members": members, "withdraw": False}]}


class FakeControl:
    """One daemon; `reply` is what it answers to reports."""

    def __init__(self, path):
        self.path = str(path)
        self.changed = threading.Condition()
        self.views = {}    # "scheme" or "load" -> (position as text, bytes)
        self.reports = []  # as they came
        self.reply = {"lease": True, "lease_ms": 3000, "behind": False}
        self._server = None

    def publish(self, kind, at, view):
        """A part is this from now on; `view` is a value, or the text itself."""
        body = view if isinstance(view, bytes) else json.dumps(view).encode()
        with self.changed:
            self.views[kind] = (at, body)
            self.changed.notify_all()
        return hashlib.sha256(body).hexdigest()

    def start(self):
        """Listens."""
        if os.path.exists(self.path):
            os.unlink(self.path)
        self._server = Server(self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05},
                         daemon=True).start()

    def stop(self):
        """Dies, and its connections with it."""
        server, self._server = self._server, None
        with self.changed:
            server.dead = True
            self.changed.notify_all()
        server.shutdown()
        server.close_all()
        server.server_close()
        os.unlink(self.path)

    def last(self):
        """The last report; {} before the first."""
        with self.changed:
            return self.reports[-1] if self.reports else {}

    def wait_for(self, holds, what):
        """Waits until a report holds; returns it."""
        end = time.monotonic() + DEADLINE_S
        with self.changed:
            seen = len(self.reports)
            if self.reports and holds(self.reports[-1]):
                return self.reports[-1]
            while True:
                for report in self.reports[seen:]:
                    if holds(report):
                        return report
                seen = len(self.reports)
                left = end - time.monotonic()
                if left <= 0:
                    raise RuntimeError(f"no report in {DEADLINE_S} s: {what}; "
                                       f"last: {self.reports[-1:]}")
                self.changed.wait(left)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The listening half."""
    daemon_threads = True

    def __init__(self, control):
        self.control = control
        self.dead = False
        self._connections = set()
        super().__init__(control.path, Handler)

    def get_request(self):
        connection, _ = super().get_request()
        self._connections.add(connection)
        return connection, ("unix", 0)

    def close_all(self):
        """Cuts every connection off."""
        for connection in self._connections:
            try:
                connection.shutdown(2)
            except OSError:
                pass  # it is closed already

    def handle_error(self, request, client_address):
        """A client that went away is no news."""


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Silent."""

    def _send(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        """A watch."""
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        kind = url.path.rsplit("/", 1)[-1]
        control, end = self.server.control, time.monotonic() + float(query.get("wait_s", 30))
        with control.changed:
            while not self.server.dead:
                at, body = control.views.get(kind, (None, b""))
                left = end - time.monotonic()
                if at is not None and at != query.get("after"):
                    break
                if left <= 0:
                    at = None
                    break
                control.changed.wait(left)
            else:
                self.close_connection = True
                return
        if at is None:
            self._send(204)
            return
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        self._send(200, body, Content_Type="application/json", Joinery_Position=at,
                   Content_Digest=f"sha-256=:{digest}:")

    def do_POST(self):
        """A report."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        control = self.server.control
        with control.changed:
            control.reports.append(json.loads(body))
            control.changed.notify_all()
            reply = {"schema": 1, "send_scheme": False, **control.reply}
        self._send(200, json.dumps(reply).encode(), Content_Type="application/json")
