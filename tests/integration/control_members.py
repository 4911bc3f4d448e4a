"""Scenarios of the control plane that change which backends there are, and those of a pool with few
codepoints. control_plane.py runs them."""

# First: it finds the testbed.
from scenario import PORT
from churn import Churn, Held, check_kept, check_landed
from control import Settings

HELD = 24
NEW_CONNECTIONS = 24
REFUSED = 1  # exit status of joinctl


def change_under_load(checks, world, label, change, gone, come):
    """Connections are in use while change() takes some backends away and brings others."""
    control = world.control
    held = Held(world.bed, label, HELD)
    try:
        with Churn(world.bed, label) as churn:
            change()
            world.wait_ready(come)
            for name in come:
                world.wait_balancers(name, "up")
            for name in gone:
                world.wait_balancers(name, "draining")
        with Churn(world.bed, f"{label}-after") as after:
            after.wait_more(NEW_CONNECTIONS)
        check_landed(checks, label, control, churn.lines + after.lines)
        checks.equal(f"{label}: who leaves gets no new connection",
                     sum(line["backend"] in gone for line in after.lines), 0)
        checks.check(f"{label}: who came gets some",
                     all(any(line["backend"] == name for line in after.lines) for name in come))
        check_kept(checks, label, held.finish())
    finally:
        held.stop()
    for name in gone:
        control.wait_state(name, None)
    checks.check(f"{label}: it is gone when its last connection has ended",
                 not any("quarantine" in line for line in control.said().splitlines()
                         if any(f"web/{name} " in line for name in gone)))


def try_commands(checks, world):
    """One backend is removed and another added, by command."""
    control = world.control
    web3, web4 = (world.backends[name].plan for name in ("web3", "web4"))

    def change():
        control.ctl("backends", "remove", "web/web3")
        control.ctl("backends", "add", "web/web4", "--address", web4.address)

    change_under_load(checks, world, "commands", change, ["web3"], ["web4"])
    control.backends = (*(plan for plan in control.backends if plan != web3), web4)


def try_file(checks, world, number):
    """Two at once, by the file: one leaves, and one comes back under its name."""
    control = world.control
    web1, web3 = (world.backends[name].plan for name in ("web1", "web3"))
    change_under_load(checks, world, "file", lambda: control.apply(
        (*(plan for plan in control.backends if plan != web1), web3)), ["web1"], ["web3"])
    checks.equal("file: who comes back has the ID that it had", control.backend("web3")["id"],
                 number)


def try_few_codepoints(checks, world):
    """At r = 2 a second rotation has to wait, and says for what and how long."""
    control = world.control
    held = Held(world.bed, "few", HELD)
    try:
        with Churn(world.bed, "few") as churn:
            control.ctl("rotate", "web", "--wait")
            control.wait_encoding(world.names())
            churn.wait_more(8)
        check_landed(checks, "r=2", control, churn.lines)
        status, said = control.ctl("rotate", "web", "--wait", check=False)
        checks.equal("r=2: the second rotation is refused", status, REFUSED)
        checks.check("r=2: with the reason",
                     "needs 2 free codepoints, 1 is free" in said and "tokens" in said, said)
        checks.check("r=2: and how long", "it retires in 24 h at the latest" in said, said)
        checks.note(said.strip())
        check_kept(checks, "r=2", held.finish())
    finally:
        held.stop()
    control.wait(lambda pool: len(pool["generations"]) == 1, "the old generation retires")
    control.ctl("rotate", "web", "--wait")
    checks.check("r=2: when it has retired, the rotation is done", True)


def run(checks, world):
    """All of them."""
    number = world.control.backend("web3")["id"]
    try_commands(checks, world)
    try_file(checks, world, number)
    for balancer in world.balancers:
        world.keep_counters(balancer)
    world.stop()
    world.forget()
    world.control.settings = Settings(ports=(PORT,), generation_bits=2)
    world.start()
    try_few_codepoints(checks, world)
