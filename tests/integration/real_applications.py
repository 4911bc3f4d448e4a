#!/usr/bin/env python3
"""Real applications: nginx in the guests and curl at the client, both made to use MPTCP by
mptcpize. Files fetched through joinery-lb over two subflows each arrive whole, and a good part of
their bytes comes over the second link."""

import hashlib
import json
import random

# First: it finds the testbed.
from scenario import PORT, counters_of, module_backends, run_scenario, total
import token_module
from need import debian_program
from host import run, wait_until
from topology import VIPS
from traffic import growth

FILE_BYTES = 6 << 20
FETCHES = 6  # half of them over IPv6
FETCH_S = 60
START_S = 15
# Of all bytes; MPTCP's scheduler fills both links, which are equally fast.
SECOND_LINK_SHARE = (0.10, 0.90)
WRAPPER = "/usr/lib/x86_64-linux-gnu/mptcpize/libmptcpwrap.so.0.0.1"  # what mptcpize preloads
NGINX_CONFIG = f"""\
worker_processes 1;
daemon off;
pid /run/nginx.pid;
error_log /var/log/nginx-error.log;
events {{ worker_connections 256; }}
http {{
  access_log off;
  server {{
    listen [::]:{PORT} ipv6only=off;
    root /srv;
    location / {{ add_header X-Backend $hostname; }}
  }}
}}
"""


def serve_file(backend, content):
    """nginx under mptcpize, with one file."""
    guest = backend.guest
    guest.check("mkdir -p /srv /var/lib/nginx /etc/nginx /var/log/nginx")
    guest.put(NGINX_CONFIG.encode(), "/etc/nginx/joinery.conf")
    guest.put(content, "/srv/file")
    guest.check("mptcpize run nginx -c /etc/nginx/joinery.conf > /run/nginx.log 2>&1 < /dev/null &")
    wait_until(lambda: f":{PORT} " in guest.check("ss -Mlnt"), START_S,
               f"{backend.plan.name}: nginx listens with MPTCP")


def fetch(bed, family):
    """curl under mptcpize; returns (SHA-256, backend's name)."""
    host = f"[{VIPS[1]}]" if family == 6 else VIPS[0]
    path, head = bed.directory / "fetched", bed.directory / "head"
    bed.topology.client.run(
        "mptcpize", "run", debian_program("curl"), "--silent", "--show-error", "--fail",
        "--max-time", str(FETCH_S), "--output", str(path), "--dump-header", str(head),
        f"http://{host}:{PORT}/file", deadline_s=FETCH_S + 10)
    names = [line.split(":")[1].strip() for line in head.read_text(encoding="ascii").splitlines()
             if line.lower().startswith("x-backend:")]
    return hashlib.sha256(path.read_bytes()).hexdigest(), names[0]


def received_on(host, interface):
    """Bytes, by the interface's own counter."""
    shown = run(["ip", "-n", host.netns, "-j", "-s", "link", "show", "dev", interface]).stdout
    return json.loads(shown)[0]["stats64"]["rx"]["bytes"]


def body(bed, checks):
    """The scenario."""
    debian_program("mptcpize")
    backends, pool = module_backends(
        bed, serve=False, programs=(debian_program("nginx"), debian_program("mptcpize")),
        files={WRAPPER: WRAPPER})
    content = random.Random(5).randbytes(FILE_BYTES)
    digest = hashlib.sha256(content).hexdigest()
    for backend in backends:
        serve_file(backend, content)
    balancer = bed.balancer(pool)
    balancer.start()
    client = bed.topology.client
    before, client_before = counters_of(backends), client.counters()
    links = {name: received_on(client, name) for name in ("eth1", "eth2")}
    fetched = [fetch(bed, 6 if i % 2 else 4) for i in range(FETCHES)]
    came = {name: received_on(client, name) - bytes_before for name, bytes_before in links.items()}
    grown = {name: growth(before[name], after) for name, after in counters_of(backends).items()}
    client_grown = growth(client_before, client.counters())

    checks.equal("every file arrives whole (SHA-256)", [sum_ for sum_, _ in fetched],
                 [digest] * FETCHES)
    checks.equal("each over a connection with a second subflow (MPJoinSynAckRx)",
                 client_grown["MPTcpExtMPJoinSynAckRx"], FETCHES)
    checks.equal("none fell back to TCP", client_grown["MPTcpExtMPCapableFallbackSYNACK"], 0)
    checks.equal("no backend saw a foreign token", total(grown, "MPTcpExtMPJoinNoTokenFound"), 0)
    for backend in backends:
        name = backend.plan.name
        checks.equal(f"{name}: joins are of its own connections",
                     grown[name]["MPTcpExtMPJoinAckRx"], sum(who == name for _, who in fetched))
    share = came["eth2"] / sum(came.values())
    checks.between("part of the bytes came over the second link", round(share, 2),
                   *SECOND_LINK_SHARE)
    checks.equal("the module had a key for every connection",
                 [token_module.status(b)["reserved_no_keys"] for b in backends],
                 ["0"] * len(backends))
    balancer.stop()


if __name__ == "__main__":
    run_scenario(body)
