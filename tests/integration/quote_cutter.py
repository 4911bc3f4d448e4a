#!/usr/bin/env python3
"""quote_cutter.py DEVICE: a router of RFC 792. Packets that are routed into this TUN device come
out of it again; ICMP errors quote no more than 8 bytes behind the IP header by then (28 bytes of
IPv4, 48 of IPv6)."""

import fcntl
import os
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
ICMP, ICMPV6 = 1, 58
ICMP_HEADER = 8
QUOTED_L4 = 8


def checksum(data):
    """RFC 1071."""
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xffff:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def with_checksum(message, pseudo=b""):
    """The ICMP message with a right checksum."""
    message = message[:2] + b"\0\0" + message[4:]
    return message[:2] + struct.pack("!H", checksum(pseudo + message)) + message[4:]


def cut4(packet):
    """An IPv4 packet whose ICMP error, if it is one, quotes little."""
    header = (packet[0] & 15) * 4
    if packet[9] != ICMP or packet[header] not in (3, 11, 12):
        return packet
    message = packet[header:]
    quoted_header = (message[ICMP_HEADER] & 15) * 4
    message = with_checksum(message[:ICMP_HEADER + quoted_header + QUOTED_L4])
    ip = packet[:2] + struct.pack("!H", header + len(message)) + packet[4:10] + b"\0\0" + \
        packet[12:header]
    return ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:] + message


def cut6(packet):
    """The same of an IPv6 packet."""
    if packet[6] != ICMPV6 or packet[40] not in (1, 2, 3, 4):
        return packet
    message = packet[40:40 + ICMP_HEADER + 40 + QUOTED_L4]
    pseudo = packet[8:40] + struct.pack("!II", len(message), ICMPV6)
    return packet[:4] + struct.pack("!H", len(message)) + packet[6:40] + \
        with_checksum(message, pseudo)


def main():
    """Until it is ended."""
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), IFF_TUN | IFF_NO_PI))
    print("cuts quotes", flush=True)
    while True:
        packet = os.read(tun, 65536)
        os.write(tun, cut4(packet) if packet[0] >> 4 == 4 else cut6(packet))


if __name__ == "__main__":
    main()
