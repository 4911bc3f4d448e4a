#!/usr/bin/env python3
"""closing_server.py NAME PORT: greets who connects with NAME and sends every line back, over MPTCP
or plain TCP. SIGUSR1 closes the listener, SIGUSR2 opens it again; connections live on through
both."""

import selectors
import signal
import socket
import sys

IPPROTO_MPTCP = 262
LINE_BYTES = 256


def open_listener(port):
    """On every address of both families."""
    listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, IPPROTO_MPTCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("::", port))
    listener.listen()
    return listener


class Server:
    """One thread; signals come in through a socket, so that none interrupts anything."""

    def __init__(self, name, port):
        self._name, self._port = name, port
        self._listener = None
        self._selector = selectors.DefaultSelector()
        signals, wake = socket.socketpair()
        wake.setblocking(False)
        self._signals, self._wake = signals, wake  # both stay open
        for number in (signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno())
        self._selector.register(signals, selectors.EVENT_READ, self._signalled)
        self._open()

    def run(self):
        """Until it is killed."""
        while True:
            for key, _ in self._selector.select():
                key.data(key.fileobj)

    def _open(self):
        if self._listener is None:
            self._listener = open_listener(self._port)
            self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        print("listens", flush=True)

    def _close(self):
        if self._listener is not None:
            self._selector.unregister(self._listener)
            self._listener.close()
            self._listener = None
        print("closed", flush=True)

    def _signalled(self, signals):
        for number in signals.recv(LINE_BYTES):
            {signal.SIGUSR1: self._close, signal.SIGUSR2: self._open}[number]()

    def _accept(self, listener):
        connection = listener.accept()[0]
        self._selector.register(connection, selectors.EVENT_READ, self._echo)
        connection.sendall(f"HELLO {self._name}\n".encode())

    def _echo(self, connection):
        try:
            data = connection.recv(LINE_BYTES)
            if data:
                connection.sendall(data)
                return
        except OSError:
            pass  # the client is gone
        self._selector.unregister(connection)
        connection.close()


if __name__ == "__main__":
    Server(sys.argv[1], int(sys.argv[2])).run()
