"""How the demo looks: a diagram, progress lines that are refreshed in place on a terminal, tables.
Without a terminal: plain lines, no escape codes."""

import os
import re
import shutil
import sys
import textwrap
import threading
import time

WIDTH = 98
REFRESH_S = 0.2
PLAIN_EVERY_S = 5.0  # progress without a terminal

DIAGRAM = """\
       client                                          LAN, one bridge
  +------------------+            +--------+          +-----------------------------------+
  | eth1  198.18.1.2 |-- link 1 --|        |-- VIPs ->| joinery-lb <--- joinery-control   |
  |                  |            |        |          |  |    |    |           |           |
  |   Linux {client:<8} |            | router |          |  v    v    v           v           |
  |                  |            |        |          | web1 web2 web3 <- joinery-agents  |
  | eth2  198.18.2.2 |-- link 2 --|        |<-answers-| Debian's kernel, each with its ID |
  +------------------+            +--------+          | in its tokens                     |
                                                      +-----------------------------------+
  VIPs 198.18.100.1:80 and [2001:db8:100::1]:80; every link has IPv6 beside IPv4.
  A connection begins on link 1; its second subflow (MP_JOIN) comes over link 2, from another
  address and port. All that the two have in common is the server's 32-bit token in the MP_JOIN."""


class Screen:
    """Writes to standard output."""

    def __init__(self, out=sys.stdout):
        self._out = out
        self.tty = out.isatty() and os.environ.get("TERM", "") != "dumb"
        self._colour = self.tty and "NO_COLOR" not in os.environ

    def line(self, text=""):
        """A line that stays."""
        print(text, file=self._out, flush=True)

    def title(self, text):
        """A heading."""
        self.line()
        self.line(self.paint(text, "1"))

    def paint(self, text, code):
        """Text in an SGR colour, on a terminal."""
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def good(self, text):
        """Green."""
        return self.paint(text, "32")

    def bad(self, text):
        """Red."""
        return self.paint(text, "31")

    def faint(self, text):
        """Grey."""
        return self.paint(text, "2")

    def paragraph(self, text, paint=lambda line: line):
        """Wrapped and indented."""
        for line in textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  "):
            self.line(paint(line))

    def progress(self, label, describe=lambda: ""):
        """A line that is refreshed while the `with` lasts; describe() gives its end."""
        return _Progress(self, label, describe)

    def rewrite(self, text):
        """Replaces the terminal's last line."""
        # A line that wraps could not be replaced.
        width = shutil.get_terminal_size().columns - 1
        self._out.write(f"\r\x1b[2K{text[:width]}")
        self._out.flush()

    def table(self, head, rows):
        """Columns as wide as they must be: text to the left, numbers to the right."""
        widths = [max(len(plain(str(row[i]))) for row in (head, *rows)) for i in range(len(head))]
        for row in (head, *rows):
            cells = [_pad(str(cell), width, left=not plain(str(sample))[:1].isdigit())
                     for cell, width, sample in zip(row, widths, rows[0])]
            text = "  " + "   ".join(cells)
            self.line(self.faint(text) if row is head else text)


class _Progress:
    """Runs a thread that refreshes the line."""

    def __init__(self, screen, label, describe):
        self._screen, self._label, self._describe = screen, label, describe
        self._stop = threading.Event()
        self._begin = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._begin = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        self._stop.set()
        self._thread.join()
        if self._screen.tty:
            self._screen.rewrite("")
        self._screen.line(self._text() if kind is None else self._text() + "  (not finished)")

    def _text(self):
        seconds = time.monotonic() - self._begin
        return f"  {self._label:<28} {seconds:5.1f} s  {self._describe()}".rstrip()

    def _run(self):
        tty = self._screen.tty
        while not self._stop.wait(REFRESH_S if tty else PLAIN_EVERY_S):
            if tty:
                self._screen.rewrite(self._text())
            else:
                self._screen.line(self._text())


def plain(text):
    """Without escape codes."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def _pad(text, width, left):
    fill = " " * (width - len(plain(text)))
    return text + fill if left else fill + text
