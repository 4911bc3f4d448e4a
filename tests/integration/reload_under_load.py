#!/usr/bin/env python3
"""Reload under load: joinery-lb gets new configurations by SIGHUP while MPTCP connections with two
subflows are in use. No connection breaks, none changes its backend, no join is lost; an invalid
configuration changes nothing, and the log says what is wrong with it."""

# First: it finds the testbed.
from scenario import PORT, WORKERS, counters_of, module_backends, run_scenario, total
from balancer import RELOAD_S, check_config, with_state
from host import wait_until
from traffic import Campaign, growth, vip_targets

CONNECTIONS = 60
HOLD_MS = 12_000
RELOADS = 12
OPEN_S = 60
LATE_CONNECTIONS = 20


def reload_and_wait(balancer, text, version):
    """A reload that must take effect; returns the new version."""
    balancer.reload(text)
    return wait_until(lambda: (now := balancer.steer()["version"]) != version and now,
                      RELOAD_S, "the new configuration is in force")


def drain_in_turn(balancer, pool):
    """Each backend is drained, then up again, until RELOADS are through."""
    version = balancer.steer()["version"]
    for turn in range(RELOADS // 2):
        name = pool.backends[turn % len(pool.backends)].name
        version = reload_and_wait(balancer, balancer.yaml(with_state(pool, name, "draining")),
                                  version)
        version = reload_and_wait(balancer, balancer.yaml(), version)
    return version


def try_bad_config(checks, balancer):
    """A bad configuration never replaces a good one."""
    good = balancer.steer()["version"]
    bad = balancer.yaml().replace("max_backends:", "max_backend:")
    said = len(balancer.said())
    balancer.reload(bad)
    wait_until(lambda: "max_backend" in balancer.said()[said:], RELOAD_S,
               "the log names the bad key")
    checks.equal("a bad configuration leaves the version", balancer.steer()["version"], good)
    status, text = check_config(balancer.config)
    checks.check("--check refuses it and says why", status != 0 and "did you mean" in text, text)
    balancer.write_config(balancer.yaml())
    status, text = check_config(balancer.config)
    checks.equal("--check takes the good one", status, 0)


def body(bed, checks):
    """The scenario."""
    backends, pool = module_backends(bed)
    balancer = bed.balancer(pool)
    balancer.start()
    before = counters_of(backends)
    campaign = Campaign(bed.topology.client, vip_targets(PORT), connections=CONNECTIONS,
                        workers=WORKERS, hold_ms=HOLD_MS, log=bed.log_path("client-held"))
    campaign.wait_open(OPEN_S)
    drops = balancer.steer()["drops"]
    drain_in_turn(balancer, pool)
    checks.check(f"{RELOADS} reloads took effect", True)
    try_bad_config(checks, balancer)

    # A backend that drains gets no new connection, and its old ones go on.
    drained = pool.backends[0].name
    reload_and_wait(balancer, balancer.yaml(with_state(pool, drained, "draining")),
                    balancer.steer()["version"])
    late = Campaign(bed.topology.client, vip_targets(PORT), connections=LATE_CONNECTIONS,
                    workers=WORKERS, log=bed.log_path("client-late")).finish()
    checks.equal("a draining backend gets no new connection", late.count(backend=drained), 0)
    checks.equal("the others take them, joins and all", late.count(join="joined", broken=""),
                 LATE_CONNECTIONS)

    outcome = campaign.finish()
    checks.equal("no connection broke", [c["broken"] for c in outcome.broken], [])
    checks.equal("all were joined", outcome.count(join="joined"), CONNECTIONS)
    checks.equal("both subflows of each live to the end, at both ends",
                 sum(sum(s["established"] for s in c["subflows"]) == 2
                     and c["server_subflows"] == 2 for c in outcome.connections), CONNECTIONS)
    checks.check("the draining backend still had connections", outcome.count(backend=drained) > 0)
    checks.check("all were in use meanwhile", all(c["echoes"] > 10 for c in outcome.connections),
                 [c["echoes"] for c in outcome.connections])
    grown = {name: growth(before[name], after) for name, after in counters_of(backends).items()}
    checks.equal("no backend saw a foreign token", total(grown, "MPTcpExtMPJoinNoTokenFound"), 0)
    checks.equal("no packet was dropped", balancer.steer()["drops"], drops)
    balancer.stop()


if __name__ == "__main__":
    run_scenario(body)
