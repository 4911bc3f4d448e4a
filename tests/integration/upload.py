#!/usr/bin/env python3
"""upload.py ADDRESS PORT: sends lines to mptcp-server over plain TCP, as many at once as fill whole
segments, and reads them back. Prints how many bytes of data a segment carries."""

import socket
import sys

LINES = 200
LINE = b"ECHO " + b"x" * 240 + b"\n"
DEADLINE_S = 15


def read_exactly(stream, count):
    """The next `count` bytes."""
    data = stream.read(count)
    if len(data) != count:
        sys.exit(f"upload: the connection ended {count - len(data)} bytes early")
    return data


def main():
    """Ends with status 0 when every byte came back."""
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), DEADLINE_S) as connection, \
            connection.makefile("rb") as stream:
        if not stream.readline().startswith(b"HELLO "):
            sys.exit("upload: no greeting")
        connection.sendall(LINES * LINE)
        if read_exactly(stream, LINES * len(LINE)) != LINES * LINE:
            sys.exit("upload: the echo is another text")
        print(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG))


if __name__ == "__main__":
    main()
