"""Live traffic for the control plane: connections that stay, and new ones all the time."""

import threading

# First: it finds the testbed.
from scenario import PORT, WORKERS
from host import wait_until
from traffic import Campaign, established, vip_targets

BATCH = 8  # connections of a small campaign
HOLD_MS = 200_000  # at most
OPEN_S = 60
JOIN_MS = 4000
MOST_BATCHES_S = 60


class Churn:
    """While the `with` lasts, small campaigns follow one another. Then `lines` has what became of
    each connection."""

    def __init__(self, bed, name):
        self._bed, self._name = bed, name
        self._ends = threading.Event()
        self._failure = None
        self.lines = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._ends.set()
        self._thread.join()
        if self._failure is not None and kind is None:
            raise self._failure

    def wait_more(self, count):
        """Until so many connections more have begun and ended."""
        wanted = len(self.lines) + count
        wait_until(lambda: len(self.lines) >= wanted or not self._thread.is_alive(),
                   MOST_BATCHES_S, f"{count} more connections")

    def _run(self):
        while not self._ends.is_set():
            try:
                self.lines += Campaign(
                    self._bed.topology.client, vip_targets(PORT), connections=BATCH, workers=BATCH,
                    join_ms=JOIN_MS, fetch_bytes=5_000,
                    log=self._bed.log_path(f"churn-{self._name}")).finish().connections
            except Exception as error:  # pylint: disable=broad-except
                self._failure = error  # raised where the `with` ends
                return


class Held:
    """Connections that are open and in use until finish()."""

    def __init__(self, bed, name, connections):
        self.connections = connections
        self._campaign = Campaign(
            bed.topology.client, vip_targets(PORT), connections=connections, workers=WORKERS,
            hold_ms=HOLD_MS, held=True, log=bed.log_path(f"held-{name}"))
        self._campaign.wait_open(OPEN_S)

    def finish(self):
        """Ends them; returns their Outcome."""
        self._campaign.release()
        return self._campaign.finish()

    def stop(self):
        """Ends the client, whatever it does."""
        self._campaign.stop()


def check_landed(checks, label, control, lines, *, least=BATCH):
    """No new connection broke, and each join that was tried completed. A backend whose keys are
    used up answers with a token of the reserved codepoint and asks its client not to join; nothing
    is misled then, but it has no second path, and it is shown."""
    checks.equal(f"{label}: no new connection broke",
                 [line["broken"] for line in lines if line["broken"]], [])
    alone = [line for line in lines if line["join"] != "joined" and not line["broken"]]
    misled = [(line["backend"], line["join"], said) for line in alone
              if (said := control.decode(line["server_token"]))["status"] != "reserved"]
    checks.equal(f"{label}: every join landed on its backend", misled, [])
    checks.check(f"{label}: there were new connections", len(lines) >= least, len(lines))
    checks.note(f"{label}: {len(lines)} new connections, {len(lines) - len(alone)} joined, "
                f"{len(alone)} told not to join (no keys at that moment)")


def check_kept(checks, label, outcome):
    """No held connection broke and no subflow of them was lost."""
    checks.equal(f"{label}: no connection broke", [c["broken"] for c in outcome.broken], [])
    checks.equal(f"{label}: no subflow was lost", outcome.lost, [])
    checks.equal(f"{label}: every connection had two",
                 sum(len(established(line)) == 2 for line in outcome.opened), outcome.total)
