#!/usr/bin/env python3
"""joinery-lb on a port with `vlan: 7`, between network namespaces (segment.py). A small switch,
this script in another role, stands between the balancer and the segment: its cable to the balancer
is a trunk, whose frames carry a tag; towards the segment they have none. So the hosts are kernels
as ever, which need no 802.1Q, and every frame that leaves the balancer is looked at."""

import json
import selectors
import socket
import struct
import sys

from segment import (check_reachability, config, expect, hosts, inside, main, run, running, spawn,
                     wait_until)

VLAN, OTHER_VLAN = 7, 8
TRUNK, ACCESS = "lb", "access"
ETH_P_ALL, TPID = 3, 0x8100
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
AUXDATA = struct.Struct("IIIHHHH")  # tpacket_auxdata of linux/if_packet.h
TAG_IS_VALID = 1 << 4
MACS = 12  # bytes in front of the tag
FOREIGN_FRAMES = 5


class Cable:
    """A packet socket on one interface. The kernel keeps a received frame's tag beside it."""

    def __init__(self, device):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.bind((device, ETH_P_ALL))
        self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
        self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)

    def receive(self):
        """A frame without its tag, and the tag's VLAN ID or None."""
        frame, ancillary, _, _ = self.socket.recvmsg(65536, socket.CMSG_SPACE(AUXDATA.size))
        status, _, _, _, _, tci, _ = AUXDATA.unpack(ancillary[0][2][:AUXDATA.size])
        return frame, tci & 0x0fff if status & TAG_IS_VALID else None

    def send(self, frame, vlan=None):
        """The frame, with a tag or without."""
        tag = b"" if vlan is None else struct.pack("!HH", TPID, vlan)
        self.socket.send(frame[:MACS] + tag + frame[MACS:])


def switch():
    """Role: the switch. At the end of its input it prints which tags came over the trunk, once it
    has sent the balancer frames that are not the port's: of another VLAN, and without a tag."""
    trunk, access = Cable(TRUNK), Cable(ACCESS)
    selector = selectors.DefaultSelector()
    for readable in (trunk, access, sys.stdin):
        selector.register(getattr(readable, "socket", readable), selectors.EVENT_READ, readable)
    print("switches", flush=True)
    seen, last = {}, b""
    while True:
        for key, _ in selector.select():
            if key.data is sys.stdin:
                for _ in range(FOREIGN_FRAMES):
                    trunk.send(last, OTHER_VLAN)
                    trunk.send(last)
                print(json.dumps(seen), flush=True)
                return
            frame, vlan = key.data.receive()
            if key.data is trunk:
                seen[str(vlan)] = seen.get(str(vlan), 0) + 1
                access.send(frame)
            else:
                last = frame
                trunk.send(frame, VLAN)


def make_trunk():
    """The cable to the balancer ends at the switch instead of the bridge; another leads there."""
    run("ip", "-n", "jd-lan", "-batch", "-",
        text=f"link add {ACCESS} type veth peer name uplink\n"
             f"link set uplink master bridge0 up\nlink set {ACCESS} up\n")
    for device in (ACCESS, "uplink"):
        run(*inside("lan", "ethtool", "-K", device, "tx", "off", "rx", "off", "tso", "off", "gso",
                    "off", "gro", "off"))


def test(arguments):
    """All of it, in order."""
    with hosts(lb_bridged=False) as directory:
        make_trunk()
        text = config(directory, arguments, port=f"      vlan: {VLAN}\n")
        switching = spawn("lan", "switch")
        try:
            with running(directory, arguments, text=text) as balancer:
                check_reachability(balancer)
                before = balancer.stats()["edge_drops"]["foreign_vlan"]
                seen = json.loads(switching.communicate("", timeout=20)[0])
                expect(list(seen) == [str(VLAN)], f"all it sent carried VLAN {VLAN}: {seen}")
                expect(before == 0, "no frame of its own VLAN was dropped for the tag")
                wait_until(lambda: balancer.stats()["edge_drops"]["foreign_vlan"]
                           == 2 * FOREIGN_FRAMES, "foreign_vlan counts the frames of others")
                expect(True, f"{FOREIGN_FRAMES} frames of VLAN {OTHER_VLAN} and {FOREIGN_FRAMES} "
                       "without a tag were dropped and counted")
                balancer.stop()
        finally:
            switching.kill()
            switching.wait()


if __name__ == "__main__":
    sys.exit(main(__doc__, test, {"switch": switch}))
