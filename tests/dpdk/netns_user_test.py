#!/usr/bin/env python3
"""joinery-lb that gives root's rights away (`user:`), between network namespaces (segment.py): what
/proc says of its threads, forwarding and reloads afterwards; what it keeps for a bond; and what it
says when it cannot."""

import os
import pathlib
import pwd
import shutil
import stat
import sys

from segment import (check_reachability, check_reload, config, expect, hosts, inside, main, run,
                     running)

USER = "nobody"
CAP_NET_ADMIN = 1 << 12
SETTING = f"  user: {USER}"


def threads(process):
    """What /proc/PID/task/*/status says of each thread, by key."""
    for task in pathlib.Path(f"/proc/{process.pid}/task").iterdir():
        lines = (task / "status").read_text(encoding="ascii").splitlines()
        yield {key: value.split() for key, value in (line.split(":", 1) for line in lines)}


def show(process):
    """The lines that matter, for the log."""
    for line in pathlib.Path(f"/proc/{process.pid}/status").read_text("ascii").splitlines():
        if line.startswith(("Uid", "Gid", "Groups", "Threads", "Cap")):
            print("   ", line.replace("\t", " "))


def check_rights(process, allowed=0):
    """Every thread is the user's, and none could get back."""
    user = pwd.getpwnam(USER)
    show(process)
    found = list(threads(process))
    expect(len(found) > 1, f"there are {len(found)} threads")
    expect(all(thread["Uid"] == [str(user.pw_uid)] * 4 for thread in found),
           f"every thread's user IDs are {USER}'s")
    expect(all(thread["Gid"] == [str(user.pw_gid)] * 4 and "0" not in thread["Groups"]
               for thread in found), "and its group IDs")
    for key in ("CapPrm", "CapEff", "CapInh", "CapAmb"):
        expect(all(int(thread[key][0], 16) & ~allowed == 0 for thread in found),
               f"{key} is empty but for {allowed:#x}")
    if allowed:
        holders = [thread["Name"][0] for thread in found if int(thread["CapEff"][0], 16)]
        expect(holders, f"which {holders} have")


def check_forwarding(directory, arguments, owner):
    """It forwards, reloads, and ends as cleanly as root's."""
    text = config(directory, arguments, balancer=SETTING)
    with running(directory, arguments, text=text, owner=owner) as balancer:
        check_rights(balancer.process)
        check_reachability(balancer)
        check_reload(balancer, arguments, balancer_lines=SETTING)
        status = os.stat(f"{directory}/lb.sock")
        expect((status.st_uid, stat.S_IMODE(status.st_mode)) == (owner, 0o600),
               f"the statistics' socket is {USER}'s alone")
        check_rights(balancer.process)
        balancer.stop()


def check_bond(directory, arguments, owner):
    """A bond changes its members' addresses at a failover: it keeps the right to."""
    arguments.device = "net_bonding0,mode=1,slave=net_af_packet0"
    arguments.eal_option = ["--vdev=net_af_packet0,iface=eth0"]
    text = config(directory, arguments, balancer=SETTING)
    with running(directory, arguments, text=text, owner=owner) as balancer:
        check_rights(balancer.process, allowed=CAP_NET_ADMIN)
        check_reachability(balancer)
        balancer.stop()


def check_refusals(directory, arguments):
    """It does not start with rights that it should not have, or without those for a reload."""
    path = pathlib.Path(directory, "lb.yaml")
    binary = shutil.copy(arguments.binary, directory)  # where others than root may run it

    def said(command, setting):
        path.write_text(config(directory, arguments, balancer=setting), encoding="ascii")
        return run(*inside("lb", "sh", "-c", f"{command} {binary} --config {path} 2>&1; "
                           "echo status $?"))

    os.chown(f"{directory}/hash.key", 0, 0)
    text = said("", SETTING)
    expect("status 1" in text and f"user {USER} cannot read" in text and "hash.key" in text,
           "a key file that a reload could not read again stops the start")
    text = said("", "  user: nonesuch")
    expect("status 1" in text and "there is no user nonesuch" in text,
           "so does a user that is not there")
    os.chown(f"{directory}/hash.key", 1, 1)  # daemon's
    text = said("setpriv --reuid=1 --regid=1 --clear-groups", SETTING)
    expect("status 1" in text and f"only root can become {USER}" in text, "and who is not root")


def test(arguments):
    """All of it, in order."""
    owner = pwd.getpwnam(USER).pw_uid
    with hosts() as directory:
        arguments.lcores = [0, 1]
        check_forwarding(directory, arguments, owner)
        arguments.lcores = [0]
        check_refusals(directory, arguments)
        check_bond(directory, arguments, owner)


if __name__ == "__main__":
    sys.exit(main(__doc__, test))
