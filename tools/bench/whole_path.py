"""joinery-lb as a whole beside dpdk-testpmd, on the same virtual port.

The port is DPDK's net_pcap, which replays a capture for ever (infinite_rx) and drops what is sent:
real headers, no wire. Each program forwards on one core; its rate is read from its own port
counters over a bounded window, and divided by the time that its forwarding thread was on the CPU
in that window, so that other work on the machine does not count as forwarding. The programs take
turns, round after round, and what is compared is compared within a round.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import socket
import statistics
import subprocess
import time

import farm
import programs

PACKETS = 8192  # in the capture
# The balancer must learn its backends' MAC addresses, and a replayed file can only tell them again
# and again: with two backends one packet in 4,097 is such an ARP reply.
BACKENDS = 2
MAIN_CORE, FORWARDING_CORE = 0, 1
HUGE_PAGES = pathlib.Path("/proc/sys/vm/nr_hugepages")
HUGE_PAGES_WANTED = 512  # of 2 MiB
MEMORY_MIB = 768
START_LIMIT_S = 60
TESTPMD_MODES = ("io", "macswap", "5tswap")


class Program:
    """A forwarding program that runs; transmitted() reads how many packets its port has sent."""

    process: subprocess.Popen

    def transmitted(self) -> int:
        raise NotImplementedError

    def cpu_ns(self) -> dict[str, int]:
        """How long each thread has been on the CPU."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return {task.name: int((task / "schedstat").read_text().split()[0])
                for task in tasks.iterdir()}

    def mpps(self, seconds: float) -> float:
        """Millions of packets sent in a second of the forwarding thread's time."""
        sent, before = self.transmitted(), self.cpu_ns()
        time.sleep(seconds)
        sent, after = self.transmitted() - sent, self.cpu_ns()
        busiest = max(after[task] - before.get(task, 0) for task in after)
        return sent / busiest * 1e3

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

    STARTED = re.compile(rb"forwards packets on 1 streams")
    # Of `show port stats`, to the line of #s that ends it.
    TRANSMITTED = re.compile(rb"TX-packets: +(\d+).*?\n  #+\n", re.DOTALL)

    def __init__(self, mode: str, pcap: pathlib.Path, huge: bool) -> None:
        # stdbuf: it prints its figures through a buffer that a pipe would leave full for minutes.
        command = ["stdbuf", "-oL", "dpdk-testpmd", "-l", f"{MAIN_CORE},{FORWARDING_CORE}",
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
        self._read_until(self.STARTED)

    def _read_until(self, pattern: re.Pattern) -> re.Match:
        text, end = b"", time.monotonic() + START_LIMIT_S
        while (found := pattern.search(text)) is None:
            chunk = self.process.stdout.read()
            text += chunk or b""
            if chunk == b"" or time.monotonic() > end:
                raise programs.Failure("dpdk-testpmd did not start:\n"
                                       + text.decode(errors="replace")[-2000:])
            if chunk is None:
                time.sleep(0.001)
        return found

    def transmitted(self) -> int:
        self.process.stdin.write(b"show port stats 0\n")
        self.process.stdin.flush()
        return int(self._read_until(self.TRANSMITTED)[1])

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(b"quit\n")
            self.process.stdin.flush()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=START_LIMIT_S)
        super().close()


class Balancer(Program):
    """joinery-lb, read through its statistics socket."""

    def __init__(self, binary: pathlib.Path, config: pathlib.Path,
                 socket_path: pathlib.Path) -> None:
        self.socket_path = socket_path
        self.log = config.with_suffix(".log")
        with self.log.open("wb") as out:
            self.process = subprocess.Popen([str(binary), "--config", str(config)],
                                            stdin=subprocess.DEVNULL, stdout=out,
                                            stderr=subprocess.STDOUT)
        end = time.monotonic() + START_LIMIT_S
        while not self._all_neighbours_known():
            if self.process.poll() is not None or time.monotonic() > end:
                raise programs.Failure("joinery-lb did not start:\n"
                                       + self.log.read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def _read(self) -> dict:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket_path))
            with client.makefile("rb") as stream:
                return json.loads(stream.read())

    def _all_neighbours_known(self) -> bool:
        try:
            neighbours = self._read()["neighbours"]
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return all("mac" in neighbour for neighbour in neighbours)

    def transmitted(self) -> int:
        return sum(port["tx_packets"] for port in self._read()["ports"].values())


@contextlib.contextmanager
def huge_pages():
    """Reserves huge pages and gives them back; yields whether the kernel had them."""
    before = HUGE_PAGES.read_text()
    try:
        HUGE_PAGES.write_text(f"{HUGE_PAGES_WANTED}\n")
        yield int(HUGE_PAGES.read_text()) >= HUGE_PAGES_WANTED
    finally:
        HUGE_PAGES.write_text(before)


@dataclasses.dataclass
class Setting:
    """What the programs of one comparison share."""

    kind: str
    huge: bool
    pcap: pathlib.Path
    config: pathlib.Path
    socket_path: pathlib.Path

    @property
    def pages(self) -> str:
        return "huge" if self.huge else "small"


def prepare(paths: dict[str, pathlib.Path], kind: str, huge: bool) -> Setting:
    directory = programs.CACHE / f"whole-path-{kind}-{'huge' if huge else 'small'}"
    pcap, socket_path = directory / "packets.pcap", directory / "lb.sock"
    config = farm.write(directory, BACKENDS, farm.Port(
        device=device(pcap), eal_options=tuple(eal_options(huge, "lb")), lcore=FORWARDING_CORE,
        stats_socket=str(socket_path)))
    programs.run([str(paths[programs.MIDDLE]), "--config", str(config), "--kind", kind,
                  "--packets", str(PACKETS), "--pcap", str(pcap)], limit_s=60)
    return Setting(kind, huge, pcap, config, socket_path)


def start(program: str, setting: Setting, paths: dict[str, pathlib.Path]) -> Program:
    if program == "joinery-lb":
        return Balancer(paths[programs.BALANCER], setting.config, setting.socket_path)
    return Testpmd(program, setting.pcap, setting.huge)


def compare(setting: Setting, paths: dict[str, pathlib.Path], rounds: int,
            seconds: float) -> list[dict]:
    """Every program in turn, `rounds` times; each row is one program's rates."""
    names = ["joinery-lb", *TESTPMD_MODES]
    rates: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            program = start(name, setting, paths)
            try:
                program.mpps(seconds / 4)  # until caches and the clock have settled
                rates[name].append(program.mpps(seconds))
            finally:
                program.close()
    rows = []
    for name in names:
        low, median, high = quartiles(rates[name])
        share = statistics.median(ours / theirs for ours, theirs
                                  in zip(rates["joinery-lb"], rates[name]))
        rows.append({"program": name, "kind": setting.kind, "pages": setting.pages,
                     "mpps": {"low": low, "median": median, "high": high},
                     "joinery_share": share, "rounds": rounds})
        print(f"{setting.kind:<6} {setting.pages:<6} {name:<12} {median:>6.2f} "
              f"{low:>6.2f}-{high:<6.2f} {1000 / median:>6.1f} {share:>8.0%}", flush=True)
    return rows


def quartiles(values: list[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return values[0], values[0], values[0]
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high


def measure(paths: dict[str, pathlib.Path], short: bool) -> list[dict]:
    kinds = ("data",) if short else ("data", "mix", "join")
    rounds, seconds = (2, 0.8) if short else (3, 1.5)
    print(f"\nthe whole path: Mpps sent by one core (median of {rounds} rounds, quartiles)\n"
          f"{'kind':<6} {'pages':<6} {'program':<12} {'Mpps':>6} {'quartiles':<13} {'ns':>6} "
          f"{'lb/this':>8}", flush=True)
    rows = []
    for kind in kinds:
        rows += compare(prepare(paths, kind, huge=False), paths, rounds, seconds)
    with huge_pages() as available:
        if not available:
            print("the kernel has too few free huge pages: measured without them only")
            return rows
        for kind in kinds:
            rows += compare(prepare(paths, kind, huge=True), paths, rounds, seconds)
    return rows
