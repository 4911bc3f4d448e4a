"""What the integration scenarios share: the frame of a script, and the usual world of a client, a
balancer and three guests whose tokens carry their backend IDs."""

import random
import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
for folder in ("testbed", "guest"):
    sys.path.append(str(TESTS / folder))

# pylint: disable=wrong-import-position,import-error
import token_module  # noqa: E402
from backend import FAILURES, side_by_side  # noqa: E402
from checks import Checks  # noqa: E402
from testbed import Testbed  # noqa: E402

PORT = 80
BACKENDS = 3
MAX_BACKENDS = 8
LB_PORT = "port2"  # the balancer's cable, at the bridge
WORKERS = 8


class ScenarioChecks(Checks):
    """Checks that know whether one has failed."""

    def __init__(self):
        super().__init__()
        self.all_hold = True

    def check(self, name, holds, detail=""):
        """Records one check."""
        self.all_hold = self.all_hold and bool(holds)
        super().check(name, holds, detail)

    def between(self, name, got, low, high):
        """Records whether a number is in a range."""
        self.check(name, low <= got <= high, f"expected {low}..{high}, got {got}")


def run_scenario(body):
    """Runs body(bed, checks) in a testbed, shows the evidence when something failed, and ends the
    program with the count."""
    checks = ScenarioChecks()
    try:
        with Testbed() as bed:
            try:
                body(bed, checks)
            except (*FAILURES, KeyError, ValueError) as error:
                checks.check("the scenario itself", False, f"{type(error).__name__}: {error}")
            if not checks.all_hold:
                print(bed.evidence(), flush=True)
                bed.keep_logs()
    except FAILURES as error:
        checks.check("what the testbed needs", False, error)
    checks.finish()


def random_ids(count=BACKENDS):
    """Backend IDs as an operator should draw them."""
    return random.SystemRandom().sample(range(2 * MAX_BACKENDS), count)


def module_backends(bed, *, count=BACKENDS, files=None, serve=True, **options):
    """Guests with the module, which serve, and their pool."""
    backends = bed.guest_backends(random_ids(count),
                                  files={**token_module.guest_files(), **(files or {})}, **options)
    pool = bed.pool(backends, max_backends=MAX_BACKENDS, ports=(PORT,))

    def prepare(backend):
        token_module.install(backend, pool)
        if serve:
            backend.serve([PORT])
        token_module.wait_for_keys(backend)

    side_by_side(backends, prepare)
    return backends, pool


def counters_of(backends):
    """{name: counters of its kernel}."""
    return {backend.plan.name: backend.counters() for backend in backends}


def total(grown, counter):
    """The sum of a counter over the backends."""
    return sum(counters[counter] for counters in grown.values())
