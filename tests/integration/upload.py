#!/usr/bin/env python3
"""Sends lines to mptcp-server over plain TCP, as many at once as fill whole segments, and reads
them back. Prints how many bytes of data a segment carries."""

import argparse
import socket
import struct
import sys

LINES = 200
LINE = b"ECHO " + b"x" * 240 + b"\n"


def read_exactly(stream, count):
    """The next `count` bytes."""
    data = stream.read(count)
    if len(data) != count:
        sys.exit(f"upload: the connection ended {count - len(data)} bytes early")
    return data


def main():
    """Ends with status 0 when every byte came back."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("--deadline", type=float, default=15, metavar="SECONDS",
                        help="for the connection, and for each read (default: %(default)s)")
    parser.add_argument("--hold", action="store_true",
                        help="say the server's greeting and send when a line comes in")
    args = parser.parse_args()
    with socket.create_connection((args.address, args.port), args.deadline) as connection, \
            connection.makefile("rb") as stream:
        # Ends with a reset, or the server of a stalled transfer would go on trying behind our back.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        greeting = stream.readline()
        if not greeting.startswith(b"HELLO "):
            sys.exit("upload: no greeting")
        if args.hold:
            print(greeting.decode().strip(), flush=True)
            sys.stdin.readline()
        connection.sendall(LINES * LINE)
        if read_exactly(stream, LINES * len(LINE)) != LINES * LINE:
            sys.exit("upload: the echo is another text")
        print(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))


if __name__ == "__main__":
    main()
