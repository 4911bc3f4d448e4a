#!/usr/bin/env python3
"""A run of the testbed: everything that it makes has its prefix and goes with it.

    with Testbed() as bed:
        backends = bed.namespace_backends([3, 9, 14])
        balancer = bed.balancer(backends)
        ...

Ends by Ctrl-C, SIGTERM and exceptions alike; what SIGKILL leaves behind, `testbed.py clean`
removes. Nothing is sent from the root namespace.
"""

import argparse
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import backend as backend_module
from backend import GuestBackend, NamespaceBackend, plan_backends
from balancer import Balancer, Follower, PoolConfig
from host import TestbedError, clean, run
from need import NeedError, debian_program, need_root
from topology import Topology, lan_addresses

PREFIX = "joinery-tb"
# Made by all runs under this directory, one directory each, named as the run's prefix.
BASE = Path(tempfile.gettempdir()) / PREFIX


class Testbed:
    """The client, the router and the LAN; backends and balancers as asked for."""
    __test__ = False  # not a test case, whatever its name

    def __init__(self):
        need_root()
        for program in ("ip", "nsenter", "sysctl", "ethtool", "openssl"):
            debian_program(program)
        self.prefix = f"{PREFIX}{os.getpid()}"
        self.directory = BASE / self.prefix
        self.backends, self.balancers = [], []
        self._keep_logs = False
        self._old_handlers = {}
        self.topology = None

    def __enter__(self):
        self._old_handlers = {number: signal.signal(number, _raise_exit)
                              for number in (signal.SIGTERM, signal.SIGHUP)}
        try:
            self.directory.mkdir(parents=True, mode=0o700)
            tempfile.tempdir = str(self.directory)  # guests keep their files here too
            self.topology = Topology(self.prefix)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind, *_):
        # What somebody wants to read after a failure stays; namespaces and programs never do.
        self._keep_logs = self._keep_logs or (kind is not None and issubclass(kind, Exception))
        self.close()

    def guest_backends(self, ids, **options):
        """Guests with these backend IDs, booted side by side."""
        made = []
        for plan in plan_backends(ids):
            guest = GuestBackend(self.topology, plan, self.directory, **options)
            self.backends.append(guest)
            made.append(guest)
        backend_module.boot(made)
        return made

    def namespace_backends(self, ids):
        """Namespaces with these backend IDs."""
        made = [NamespaceBackend(self.topology, plan, self.directory)
                for plan in plan_backends(ids)]
        self.backends += made
        return made

    def pool(self, backends, **options):
        """A pool of them, with new keys."""
        return PoolConfig.create(self.directory, [b.plan for b in backends], **options)

    def balancer(self, pool, *, number=2, steering="joinery"):
        """A balancer, not started yet. The router sends the VIPs to it."""
        return self._plug(Balancer(self.topology, self.directory, pool, number=number,
                                   steering=steering))

    def follower(self, control, *, number=2):
        """The same, told its pools by control."""
        return self._plug(Follower(self.topology, self.directory, control, number=number))

    def _plug(self, balancer):
        self.balancers.append(balancer)
        self.topology.route_vips(*(b.addresses for b in self.balancers))
        return balancer

    def route_past_the_balancer(self, backend):
        """The router sends the VIPs to one backend: for tests of the testbed itself."""
        self.topology.route_vips(lan_addresses(backend.plan.number))

    def log_path(self, name):
        """Where a log of this name goes."""
        return str(self.directory / f"{name}.log")

    def evidence(self):
        """Counters of all, and where the logs are: for the report of a failure."""
        said = []
        for name, counters in (*((b.plan.name, b.counters) for b in self.backends),
                               ("client", self.topology.client.counters)):
            said.append(f"{name}: {_or_why_not(lambda read=counters: mptcp_only(read()))}")
        for balancer in self.balancers:
            said.append(f"{balancer.name}: {_or_why_not(balancer.counters)}")
        logs = backend_module.log_files(self.directory)
        return "\n".join([*said, "logs (kept after a failure):", *(f"  {path}" for path in logs)])

    def keep_logs(self):
        """The logs stay when the rest goes."""
        self._keep_logs = True

    def close(self):
        """Removes all; can be called again. Signals wait until it is done."""
        handlers = {number: signal.signal(number, signal.SIG_IGN)
                    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        for backend in self.backends:
            backend.close()
        self.backends, self.balancers = [], []
        if self.topology is not None:
            self.topology.close()
            self.topology = None
        clean(self.prefix)
        tempfile.tempdir = None
        if not self._keep_logs:
            shutil.rmtree(self.directory, ignore_errors=True)
            if BASE.is_dir() and not any(BASE.iterdir()):
                BASE.rmdir()
        for number, handler in {**handlers, **self._old_handlers}.items():
            signal.signal(number, handler)


def mptcp_only(counters):
    """The counters of MPTCP that are not zero."""
    return {name: value for name, value in counters.items()
            if name.startswith("MPTcpExt") and value}


def clean_leftovers():
    """Removes what runs that were killed left behind; returns the names of their namespaces."""
    listing = run(["ip", "netns", "list"]).stdout
    prefixes = set(re.findall(rf"^({PREFIX}\d+)-", listing, re.MULTILINE))
    prefixes |= {path.name for path in BASE.glob(f"{PREFIX}*")}
    removed = []
    for prefix in sorted(prefixes):
        if Path(f"/proc/{prefix.removeprefix(PREFIX)}").exists():
            continue  # it still runs
        removed += clean(prefix)
        shutil.rmtree(BASE / prefix, ignore_errors=True)
    return removed


def _or_why_not(read):
    try:
        return read()
    except Exception as error:  # pylint: disable=broad-except
        return f"not readable: {error}"


def _raise_exit(number, _frame):
    sys.exit(128 + number)


def main():
    """The command line: clean."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("command", choices=["clean"],
                        help="remove what runs that were killed left behind")
    parser.parse_args()
    try:
        need_root()
        removed = clean_leftovers()
    except (NeedError, TestbedError) as error:
        sys.exit(f"testbed: {error}")
    print(f"testbed: removed {len(removed)} namespaces")


if __name__ == "__main__":
    main()
