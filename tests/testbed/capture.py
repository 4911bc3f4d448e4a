"""What went over a wire of the testbed: a capture by dumpcap, and the TCP segments in it.

Reading list: draft-ietf-opsawg-pcap (the file), RFC 9293 section 3.1 (TCP), RFC 8684 section 3
(MPTCP options). This reader shares no code with wire/: it is evidence for tests.
"""

import ipaddress
import struct
from dataclasses import dataclass, field
from pathlib import Path

from host import TestbedError, wait_until
from need import debian_program

START_S = 10
# SYNs without ACK; an IPv6 header without extensions has TCP at byte 40.
SYN_FILTER = "(tcp[13] & 0x12 = 0x02) or (ip6[6] = 6 and ip6[53] & 0x12 = 0x02)"
TCP_FILTER = "tcp or (ip6 and ip6[6] = 6)"
PCAP_MAGICS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">"}
ETHERTYPES = {0x0800: 4, 0x86dd: 6}
TCP = 6
MPTCP = 30
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


@dataclass(frozen=True)
class Segment:
    """A TCP segment as it was on the wire."""
    source_mac: str
    destination_mac: str
    source: tuple  # (address, port)
    destination: tuple
    flags: int
    ttl: int
    options: tuple = field(repr=False)  # MPTCP options, whole
    payload: int = 0  # bytes

    @property
    def is_syn(self):
        """A SYN without ACK."""
        return self.flags & (SYN | ACK) == SYN

    @property
    def join_token(self):
        """The receiver's token of a SYN's MP_JOIN, or None."""
        for option in self.options:
            if self.is_syn and option[2] >> 4 == 1 and len(option) == 12:
                return int.from_bytes(option[4:8], "big")
        return None


class Capture:
    """dumpcap on one interface of a host. stop() ends it; segments() reads the file."""

    def __init__(self, host, interface, directory, name, packet_filter=TCP_FILTER, *,
                 frame_bytes=0):
        """frame_bytes: how much of each frame is kept; 0 for all of it."""
        self.path = f"{directory}/{name}.pcap"
        self._process = host.spawn(
            [debian_program("dumpcap"), "-q", "-P", "-i", interface, "-f", packet_filter,
             "-s", str(frame_bytes), "-w", self.path], f"{directory}/{name}-dumpcap.log")
        # It names the file when the capture runs.
        self._process.wait_for_output("File:", START_S)

    def stop(self):
        """Ends it; the file is then whole."""
        self._process.stop()

    def segments(self):
        """All TCP segments."""
        return [segment for segment in map(parse_frame, read_pcap(self.path)) if segment]

    def wait_for(self, count, deadline_s, wanted=lambda segment: True):
        """Waits until so many wanted segments stand in the file, then stops; returns them."""
        def enough():
            found = [segment for segment in self.segments() if wanted(segment)]
            return found if len(found) >= count else None
        try:
            return wait_until(enough, deadline_s, f"{count} packets in {self.path}", 0.2)
        finally:
            self.stop()

    def settle(self, count, deadline_s):
        """All segments, as soon as there are `count`, and at the deadline those that there are."""
        try:
            return self.wait_for(count, deadline_s)
        except TestbedError:
            return self.segments()


def read_pcap(path):
    """The frames of a pcap file; a last one that is not whole yet is left out."""
    data = Path(path).read_bytes()
    if not data:
        return
    if data[:4] not in PCAP_MAGICS:
        raise TestbedError(f"{path} is no pcap file")
    order = PCAP_MAGICS[data[:4]]
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(f"{order}I", data, at + 8)[0]
        if at + 16 + length > len(data):
            return
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def write_pcap(path, frames):
    """A pcap file of these frames, a microsecond apart."""
    out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)]  # Ethernet
    for number, frame in enumerate(frames):
        out.append(struct.pack("<IIII", *divmod(number, 1_000_000), len(frame), len(frame)))
        out.append(frame)
    Path(path).write_bytes(b"".join(out))


def parse_frame(frame):
    """The TCP segment in an Ethernet frame, or None."""
    version = ETHERTYPES.get(int.from_bytes(frame[12:14], "big"))
    packet = frame[14:]
    if version == 4 and packet[9] == TCP:
        header, total = (packet[0] & 15) * 4, int.from_bytes(packet[2:4], "big")
        source, destination, ttl = packet[12:16], packet[16:20], packet[8]
    elif version == 6 and packet[6] == TCP:
        header, total = 40, 40 + int.from_bytes(packet[4:6], "big")
        source, destination, ttl = packet[8:24], packet[24:40], packet[7]
    else:
        return None
    tcp = packet[header:total]
    offset = (tcp[12] >> 4) * 4
    ports = struct.unpack_from("!HH", tcp)
    return Segment(_mac(frame[6:12]), _mac(frame[0:6]),
                   (str(ipaddress.ip_address(source)), ports[0]),
                   (str(ipaddress.ip_address(destination)), ports[1]),
                   tcp[13], ttl, tuple(_mptcp_options(tcp[20:offset])), len(tcp) - offset)


def endpoint(address, port):
    """As the programs write it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def _mac(data):
    return ":".join(f"{byte:02x}" for byte in data)


def _mptcp_options(options):
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        length = options[at + 1] if at + 1 < len(options) else 0
        if length < 2 or at + length > len(options):
            return
        if options[at] == MPTCP and length >= 3:
            yield bytes(options[at:at + length])
        at += length
