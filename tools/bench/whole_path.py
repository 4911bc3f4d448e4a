"""joinery-lb as a whole beside dpdk-testpmd, on the same virtual port.

The port is DPDK's net_pcap, which replays a capture for ever (infinite_rx) and drops what is sent:
real headers, no wire. Each program forwards on one core; its rate is read from its own port
counters over a bounded window. The programs take turns, round after round, and what is compared is
compared within a round.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import socket
import statistics
import subprocess
import time

import farm
import programs

PACKETS = 4096
MAIN_CORE, FORWARDING_CORE = 0, 1
HUGE_PAGES = pathlib.Path("/proc/sys/vm/nr_hugepages")
HUGE_PAGES_WANTED = 512  # of 2 MiB
MEMORY_MIB = 768
START_LIMIT_S = 60
WARM_UP_S = 0.5
TESTPMD_MODES = ("io", "macswap", "5tswap")


@dataclasses.dataclass
class Window:
    """What a counter showed at two times."""

    packets: int
    seconds: float

    @property
    def mpps(self) -> float:
        return self.packets / self.seconds / 1e6


class Program:
    """A forwarding program that runs; transmitted() reads how many packets its port has sent."""

    process: subprocess.Popen

    def transmitted(self) -> int:
        raise NotImplementedError

    def window(self, seconds: float) -> Window:
        before, start = self.transmitted(), time.monotonic()
        time.sleep(seconds)
        after, end = self.transmitted(), time.monotonic()
        return Window(after - before, end - start)

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=START_LIMIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def eal_options(huge: bool, name: str) -> list[str]:
    memory = ["--in-memory"] if huge else ["--no-huge", "-m", str(MEMORY_MIB)]
    return ["--no-pci", "--no-telemetry", f"--file-prefix=joinery-bench-{name}", *memory]


def device(pcap: pathlib.Path) -> str:
    return f"net_pcap0,rx_pcap={pcap},infinite_rx=1"


class Testpmd(Program):
    """dpdk-testpmd in one of its forwarding modes, driven by its prompt."""

    PROMPT = b"testpmd> "

    def __init__(self, mode: str, pcap: pathlib.Path, huge: bool) -> None:
        command = ["dpdk-testpmd", "-l", f"{MAIN_CORE},{FORWARDING_CORE}",
                   *eal_options(huge, mode), f"--vdev={device(pcap)}", "--",
                   "--interactive", f"--forward-mode={mode}", "--port-topology=loop",
                   "--nb-cores=1", "--burst=32", f"--total-num-mbufs={4 * PACKETS}",
                   "--auto-start"]
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        except FileNotFoundError as error:
            raise programs.Failure("dpdk-testpmd is not installed; ./run setup installs it "
                                   "(Debian's dpdk-dev)") from error
        os.set_blocking(self.process.stdout.fileno(), False)
        self._read_to_prompt()

    def _read_to_prompt(self) -> str:
        text, end = b"", time.monotonic() + START_LIMIT_S
        while not text.endswith(self.PROMPT):
            chunk = self.process.stdout.read()
            text += chunk or b""
            if chunk == b"" or time.monotonic() > end:
                raise programs.Failure("dpdk-testpmd did not start:\n"
                                       + text.decode(errors="replace")[-2000:])
            if chunk is None:
                time.sleep(0.001)
        return text.decode(errors="replace")

    def transmitted(self) -> int:
        self.process.stdin.write(b"show port stats 0\n")
        self.process.stdin.flush()
        words = self._read_to_prompt().split()
        return int(words[words.index("TX-packets:") + 1])

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"quit\n")
            self.process.stdin.flush()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=START_LIMIT_S)
        super().close()
