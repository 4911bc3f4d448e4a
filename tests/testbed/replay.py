"""Plays captured frames onto a wire of the testbed, to another station than they were sent to.

Runs itself in the namespace of the host that plays: a socket belongs to the namespace in which it
was opened.
"""

import socket
import struct
import sys
import time
from pathlib import Path

from capture import parse_frame, read_pcap

ETH_P_ALL = 3
# A pause after so many frames: the receiver's ring is finite, and the verdicts are the point.
BURST = 16
PAUSE_S = 0.01


def frames_to(path, mac):
    """The TCP frames of a capture that were sent to this station."""
    return [frame for frame in read_pcap(path)
            if (segment := parse_frame(frame)) and segment.destination_mac == mac]


def play(host, interface, mac, frames, path):
    """Sends the frames to this station from an interface of the host; `path` is for a file of
    frames, which is removed."""
    file = Path(path)
    file.write_bytes(b"".join(struct.pack("!I", len(frame)) + frame for frame in frames))
    try:
        host.run(sys.executable, __file__, interface, mac, path)
    finally:
        file.unlink()


def _main(interface, mac, path):
    data, at = Path(path).read_bytes(), 0
    station = bytes.fromhex(mac.replace(":", ""))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL)) as wire:
        wire.bind((interface, 0))
        sent = 0
        while at < len(data):
            length = struct.unpack_from("!I", data, at)[0]
            frame = data[at + 4:at + 4 + length]
            wire.send(station + frame[6:])
            at += 4 + length
            sent += 1
            if sent % BURST == 0:
                time.sleep(PAUSE_S)


if __name__ == "__main__":
    _main(*sys.argv[1:])
