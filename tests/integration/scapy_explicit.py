"""Sends handshakes with explicit tokens; runs in the client's namespace, with Debian's Python,
since scapy is Debian's.

Reading list: docs/protocol.md section 1; RFC 8684 section 3 for the fields around the tokens.
Reads JSON lines {"vip", "source", "port", "kind": "capable_ack" | "join_syn", "token"} from
standard input; sends each and ends.
"""

import json
import sys

from scapy.all import IP, TCP, IPv6, send  # pylint: disable=no-name-in-module,import-error

KIND = 30
MP_CAPABLE, MP_JOIN = 0, 1
VERSION_1 = 1
FLAGS_H_AND_G = 0x03  # HMAC-SHA256, explicit tokens (profile paasch2016)
CLIENT_TOKEN = 0x0badcafe
CLIENT_RANDOM = 0x01020304


def mp_capable_ack(token):
    """The third ACK's MP_CAPABLE of 12 bytes: flags, token A, token B."""
    return bytes([MP_CAPABLE << 4 | VERSION_1, FLAGS_H_AND_G]) + CLIENT_TOKEN.to_bytes(
        4, "big") + token.to_bytes(4, "big")


def mp_join_syn(token):
    """The SYN's MP_JOIN of 12 bytes: address ID 1, receiver's token, sender's random."""
    return bytes([MP_JOIN << 4, 1]) + token.to_bytes(4, "big") + CLIENT_RANDOM.to_bytes(4, "big")


def packet(order):
    """One segment."""
    network = (IPv6 if ":" in order["vip"] else IP)(src=order["source"], dst=order["vip"])
    if order["kind"] == "capable_ack":
        tcp = TCP(sport=order["port"], dport=80, flags="A", seq=1001, ack=2001,
                  options=[(KIND, mp_capable_ack(order["token"]))])
    else:
        tcp = TCP(sport=order["port"], dport=80, flags="S", seq=1000,
                  options=[(KIND, mp_join_syn(order["token"]))])
    return network / tcp


def main():
    """Sends what was asked for."""
    orders = [json.loads(line) for line in sys.stdin]
    send([packet(order) for order in orders], verbose=False)
    print(f"{len(orders)} sent")


if __name__ == "__main__":
    main()
