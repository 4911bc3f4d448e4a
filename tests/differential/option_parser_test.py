#!/usr/bin/python3
"""The option parsers against others: field by field against tshark, on well-formed options, and
what steering reads against a twin of Linux's parser (linux_reading.py), on anything. Packets come
from one printed seed and from captures of the kernel's own traffic (testdata/*.pcap)."""

import argparse
import os
import random
import shutil
import struct
import subprocess
import sys
import tempfile

import linux_reading
from linux_reading import ACK, PSH, RST, SYN

WELL_FORMED = 4000
ANYTHING = 20000
MAX_OPTIONS = 40
# Our column names and the fields of tshark that hold the same.
TSHARK = {
    "kind": "tcp.option_kind",
    "tsval": "tcp.options.timestamp.tsval",
    "tsecr": "tcp.options.timestamp.tsecr",
    "subtype": "tcp.options.mptcp.subtype",
    "version": "tcp.options.mptcp.version",
    "sendkey": "tcp.options.mptcp.sendkey",
    "recvkey": "tcp.options.mptcp.recvkey",
    "recvtok": "tcp.options.mptcp.recvtok",
    "sendrand": "tcp.options.mptcp.sendrand",
    "sendtrunchmac": "tcp.options.mptcp.sendtrunchmac",
    "sendhmac": "tcp.options.mptcp.sendhmac",
    "addrid": "tcp.options.mptcp.addrid",
    "ipv4": "tcp.options.mptcp.ipv4",
    "ipv6": "tcp.options.mptcp.ipv6",
    "port": "tcp.options.mptcp.port",
    "addaddrtrunchmac": "tcp.options.mptcp.addaddrtrunchmac",
    "rawdataack": "tcp.options.mptcp.rawdataack",
    "rawdataseqno": "tcp.options.mptcp.rawdataseqno",
    "subflowseqno": "tcp.options.mptcp.subflowseqno",
    "datalvllen": "tcp.options.mptcp.datalvllen",
    "checksum": "tcp.options.mptcp.checksum",
    "backup": "tcp.options.mptcp.backup.flag",
    "rst_reason": "tcp.options.mptcp.rst_reason",
}


class Generator:
    """Segments from one seed: (flags, options, payload)."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def bytes(self, count):
        return self.random.randbytes(count)

    def mptcp(self, subtype, low, rest):
        return bytes([30, 3 + len(rest), subtype << 4 | low]) + rest

    def capable(self, role):
        lengths = {"syn": [4], "synack": [12], "ack": [20], "data": [22, 24]}[role]
        return self.mptcp(0, 1, b"\x01" + self.bytes(self.random.choice(lengths) - 4))

    def foreign_capable(self):
        """Any version, flags and length of docs/protocol.md section 1, seldom one that fits."""
        length = self.random.choice((4, 8, 12, 12, 12, 14, 16, 20, 20, 22, 24))
        flags = self.random.choice((0x01, 0x03, 0x03, 0x09, 0x02, 0x0b, 0x11, 0x41, 0x81, 0xa3))
        return self.mptcp(0, self.random.choice((0, 0, 1, 1, 1, 2)),
                          bytes([flags]) + self.bytes(length - 4))

    def join(self, role):
        lengths = {"syn": 12, "synack": 16, "ack": 24, "data": 24}[role]
        return self.mptcp(1, self.random.choice((0, 1)), self.bytes(lengths - 3))

    def dss(self):
        flags = self.random.choice((1, 3, 4, 12, 5, 13, 7, 15))
        length = (8 if flags & 2 else 4) * (flags & 1)
        if flags & 4:
            length += 14 if flags & 8 else 10
            length += self.random.choice((0, 2))
        return self.mptcp(2, 0, bytes([flags]) + self.bytes(length))

    def add_addr(self):
        echo, port = self.random.choice((0, 1)), self.random.choice((0, 2))
        address = self.random.choice((4, 16))
        return self.mptcp(3, echo, self.bytes(1 + address + port + 8 * (1 - echo)))

    def other(self, role):
        choices = [
            lambda: self.mptcp(4, 0, self.bytes(self.random.randint(1, 8))),
            lambda: self.mptcp(5, self.random.choice((0, 1)), b""),
            lambda: self.mptcp(6, 0, b"\0" + self.bytes(8)),
            lambda: self.mptcp(7, 0, b"\0" + self.bytes(8)),
            lambda: self.mptcp(8, 0, self.bytes(1)),
            lambda: self.capable(role),
            lambda: self.join(role),
            self.dss,
            self.add_addr,
        ]
        return self.random.choice(choices)()

    def plain(self):
        return self.random.choice((
            b"\x01", b"\x01\x01", b"\x04\x02", b"\x02\x04" + self.bytes(2),
            b"\x03\x03\x07", b"\x08\x0a" + self.bytes(8), b"\xfd\x06" + self.bytes(4)))

    def role(self):
        role = self.random.choice(("syn", "synack", "ack", "data"))
        flags = {"syn": SYN, "synack": SYN | ACK, "ack": ACK, "data": PSH | ACK}[role]
        return role, flags, b"payload" if role == "data" else b""

    def well_formed(self):
        """One MPTCP option among plain ones: tshark reads some options by what came before."""
        role, flags, payload = self.role()
        option = self.other(role)
        if option[2] >> 4 == 8:
            flags, payload = RST | ACK, b""
        options = b"".join(self.plain() for _ in range(self.random.randint(0, 2)))
        options = (options + option) if len(options) + len(option) <= MAX_OPTIONS else option
        return flags, options, payload

    def anything(self):
        """Several options, repeated, cut, with other lengths, versions and flags; half of them of
        the two subtypes that steer."""
        role, flags, payload = self.role()
        flags |= self.random.choice((0, 0, 0, RST))
        options = b""
        while len(options) < MAX_OPTIONS and self.random.random() < 0.8:
            make = self.random.choice((
                self.plain, self.foreign_capable, lambda: self.capable(role),
                lambda: self.join(role), lambda: self.other(role), lambda: self.other(role)))
            option = bytearray(make())
            if self.random.random() < 0.1:
                at = self.random.randrange(min(4, len(option)))
                option[at] = self.random.choice(
                    (0, 1, 2, 3, 8, 9, 11, 30, option[at] ^ 1, option[at] ^ 0x10))
            options += option
        return flags, options[:MAX_OPTIONS], payload


def frame(number, flags, options, payload):
    """Each packet is a stream of its own: tshark's dissector gives up on one whose handshakes do
    not fit together."""
    options += b"\0" * (-len(options) % 4)
    tcp = struct.pack(">HHIIBBHHH", 1024 + number, 80, 1, 2, (20 + len(options)) // 4 << 4, flags,
                      65535, 0, 0) + options + payload
    ip = struct.pack(">BBHHHBBHII", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, 0xc6120001, 0xc6120002)
    return bytes.fromhex("020000000002 020000000001 0800") + ip + tcp


def write_pcap(path, frames):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for i, data in enumerate(frames):
            out.write(struct.pack("<IIII", i, 0, len(data), len(data)) + data)


def ours(binary, pcap):
    lines = subprocess.run([binary, pcap], check=True, capture_output=True, text=True).stdout
    return [dict(word.split("=", 1) for word in line.split()) if "=" in line else None
            for line in lines.splitlines()]


def normal(name, value):
    """tshark's text of a value as ours: numbers in decimal, bytes without colons."""
    if name in ("ipv4", "ipv6"):
        return value
    if name == "sendhmac":
        return value.replace(":", "")
    return str({"True": 1, "False": 0}.get(value, None) if value in ("True", "False")
               else int(value, 0))


def tshark(pcap):
    command = ["tshark", "-n", "-r", pcap, "-T", "fields", "-E", "occurrence=a", "-E",
               "aggregator=,", "-o", "tcp.analyze_sequence_numbers:FALSE", "-o",
               "mptcp.relative_sequence_numbers:FALSE"]
    for field in TSHARK.values():
        command += ["-e", field]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    packets = []
    for line in lines.splitlines():
        packet = {}
        for name, values in zip(TSHARK, line.split("\t")):
            if values:
                packet[name] = ",".join(normal(name, value) for value in values.split(","))
        # It lists the no-operations and the end of the list, which our walk passes over.
        kinds = [kind for kind in packet.get("kind", "").split(",") if kind not in ("", "0", "1")]
        packet["kind"] = ",".join(kinds)
        packets.append({name: value for name, value in packet.items() if value})
    return packets


def compare(title, frames, expected, got, columns):
    """Returns how many packets differ, and prints the first ones."""
    if len(expected) != len(got) or not got:
        print(f"{title}: {len(expected)} packets expected, {len(got)} read")
        return 1
    wrong = 0
    for i, (want, have) in enumerate(zip(expected, got)):
        have = {name: value for name, value in (have or {}).items() if columns(name)}
        if have == want:
            continue
        wrong += 1
        if wrong <= 5:
            differ = sorted(n for n in want.keys() | have.keys() if want.get(n) != have.get(n))
            print(f"{title}: packet {i}: {frames[i].hex()}")
            for name in differ:
                print(f"  {name}: expected {want.get(name)}, got {have.get(name)}")
    print(f"{title}: {len(got)} packets, {wrong} differ")
    return wrong


def is_scan(name):
    return name.startswith("scan.")


def check_tshark(binary, pcap, frames, title):
    return compare(title, frames, tshark(pcap), ours(binary, pcap), lambda n: not is_scan(n))


def read_pcap(path):
    with open(path, "rb") as file:
        data = file.read()
    frames, at = [], 24
    while at + 16 <= len(data):
        length = struct.unpack("<I", data[at + 8:at + 12])[0]
        frames.append(data[at + 16:at + 16 + length])
        at += 16 + length
    return frames


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("option_columns")
    parser.add_argument("captures", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if shutil.which("tshark") is None:
        sys.exit("tshark is missing: apt-get install tshark (or ./run setup)")
    print(f"seed {args.seed}")
    generator = Generator(args.seed)
    wrong = 0
    with tempfile.TemporaryDirectory() as directory:
        pcap = os.path.join(directory, "packets.pcap")
        frames = [frame(i, *generator.well_formed()) for i in range(WELL_FORMED)]
        write_pcap(pcap, frames)
        wrong += check_tshark(args.option_columns, pcap, frames, "tshark, generated")
        for capture in args.captures:
            wrong += check_tshark(args.option_columns, capture, read_pcap(capture),
                                  "tshark, " + os.path.basename(capture))

        segments = [generator.anything() for _ in range(ANYTHING)]
        frames = [frame(i, *segment) for i, segment in enumerate(segments)]
        write_pcap(pcap, frames)
        expected = [linux_reading.read(options + b"\0" * (-len(options) % 4), flags, bool(payload))
                    for flags, options, payload in segments]
        wrong += compare("linux, generated", frames, expected, ours(args.option_columns, pcap),
                         is_scan)
    if wrong:
        sys.exit(f"{wrong} packets differ; repeat with --seed {args.seed}")


if __name__ == "__main__":
    main()
