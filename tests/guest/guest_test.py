#!/usr/bin/env python3
"""Boots two guests on a bridge in a network namespace and tries all that guest.py promises."""

import os
import subprocess
import sys

from checks import Checks
from guest import Guest, GuestError, NeedError, boot_all

NETNS = f"guest-test-{os.getpid()}"


def shell(command):
    """Runs commands of the host, stops at the first that fails."""
    subprocess.run(["sh", "-ec", command], check=True)


def make_bridge():
    """A namespace with a bridge and one tap device for each guest."""
    shell(f"""
        ip netns add {NETNS}
        inside="nsenter --net=/run/netns/{NETNS}"
        $inside ip link add bridge type bridge
        $inside ip link set bridge up
        for tap in tap0 tap1; do
          $inside ip tuntap add $tap mode tap
          $inside ip link set $tap master bridge up
        done""")


def try_channel(checks, guest):
    """Commands, deadlines and files over the control channel."""
    checks.equal("exit status and output of a command", guest.run("echo out; echo err >&2; exit 3"),
                 (3, "out\nerr\n"))
    checks.equal("a command over its deadline is killed", guest.run("sleep 30", 1)[0], 137)
    checks.equal("the channel goes on after it", guest.run("true"), (0, ""))
    content = os.urandom(300_001)
    guest.put(content, "/tmp/file", 0o755)
    checks.check("a file comes back as it was put", guest.get("/tmp/file") == content)
    checks.equal("its mode", guest.check("stat -c %a /tmp/file"), "755\n")
    try:
        guest.get("/no/such/file")
        checks.check("a file that is not there raises", False)
    except GuestError as error:
        checks.check("a file that is not there raises", "No such file" in str(error), error)


def try_system(checks, guest):
    """The kernel and the programs in the guest."""
    checks.check("Debian's stock kernel", "-amd64" in guest.check("uname -r"))
    checks.equal("a sysctl given at the start", guest.check("sysctl -n net.mptcp.pm_type"), "1\n")
    checks.check("iproute2 before busybox's applets", "subflow" in guest.check("ip mptcp limits"))
    checks.equal("ss shows MPTCP sockets", guest.run("ss -MHa")[0], 0)
    checks.check("nstat has MPTCP's counters",
                 "MPTcpExtMPJoinNoTokenFound" in guest.check("nstat -az"))
    checks.equal("setup ran", guest.check("cat /tmp/setup"), "done\n")
    checks.equal("a file from the host", guest.check("cat /etc/os-release"),
                 open("/etc/os-release", encoding="utf-8").read())


def main():
    """Boots, tries, removes."""
    checks = Checks()
    guests = []
    try:
        make_bridge()
        for number in range(2):
            guests.append(Guest(
                f"guest{number}", tap=f"tap{number}", netns=NETNS, mac=f"02:00:00:00:00:1{number}",
                sysctls={"net.mptcp.pm_type": 1}, files={"/etc/os-release": "/etc/os-release"},
                setup=f"ip address add 198.18.0.{number + 1}/24 dev eth0; ip link set eth0 up; "
                      "echo done > /tmp/setup"))
        boot_all(guests)
        checks.check("two guests boot side by side", True)
        try_channel(checks, guests[0])
        try_system(checks, guests[1])
        checks.check("the MAC address given", "02:00:00:00:00:11" in
                     guests[1].check("ip link show dev eth0"))
        checks.equal("they reach each other", guests[0].run("ping -c 1 -w 10 198.18.0.2")[0], 0)
    except (NeedError, GuestError, subprocess.CalledProcessError) as error:
        checks.check("the test itself", False, error)
    finally:
        for guest in guests:
            guest.stop()
        subprocess.run(["ip", "netns", "del", NETNS], check=False)
    checks.finish()


if __name__ == "__main__":
    sys.exit(main())
