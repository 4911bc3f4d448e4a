"""How soon a changed file is forwarded by: joinery-control and joinery-lb on this machine, from the
start of `joinctl config apply` until the balancer forwards to the last new address.

The balancer's port is net_null; whether it forwards is asked by its `explain`.
"""

import contextlib
import http.client
import pathlib
import socket
import statistics
import subprocess
import tempfile
import time

import farm
import programs

POOLS, BACKENDS, VIPS = 64, 16, 1_024  # backends of each pool; VIPs of all
DEADLINE_S = 60
LCORE = 1  # control and the balancer's own control thread are left the others


def _vips(turn: int) -> list[str]:
    return [f"198.19.{128 * (turn % 2) + i // 256}.{i % 256}" for i in range(1, VIPS + 1)]


def _control_file(directory: pathlib.Path, turn: int) -> str:
    vips, each = _vips(turn), VIPS // POOLS
    lines = [
        "control:",
        f"  admin_socket: {directory}/admin",
        f"  state_file: {directory}/state",
        f"  audit_log: {directory}/audit",
        "  log_level: error",
        f"  local: [{{socket: {directory}/lb1, balancer: lb1}}]",
        "balancers:",
        "  - {name: lb1, addresses: [198.18.64.1]}",
        "pools:",
    ]
    for pool in range(POOLS):
        # Of servers with tokens none is placed on before its agent has spoken; here are no agents.
        lines += [f"  - name: pool{pool}", "    handshake: none", "    vips:"]
        lines += [f"      - {{address: {vip}, ports: [80, 443]}}"
                  for vip in vips[pool * each:(pool + 1) * each]]
        lines += ["    backends:"]
        lines += [f"      - {{name: b{i}, address: {farm.address(pool * BACKENDS + i)}}}"
                  for i in range(BACKENDS)]
    return "\n".join(lines) + "\n"


def _balancer_file(directory: pathlib.Path) -> str:
    return f"""\
balancer:
  name: lb1
  idle: sleep
  lcores: [{LCORE}]
  eal_options: [--no-huge, --no-pci, --no-telemetry, -m, "96"]
  stats_socket: {directory}/lb.sock
  metrics: off
  ports: [{{name: p0, device: net_null0, addresses: [{farm.BACKEND_NET}]}}]
control:
  unix: {directory}/lb1
  state_dir: {directory}/views
"""


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("lb", timeout=DEADLINE_S)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(DEADLINE_S)
        self.sock.connect(self._path)


def _forwards(directory: pathlib.Path, vip: str) -> bool:
    connection = _UnixConnection(f"{directory}/lb.sock.http")
    try:
        connection.request("GET", f"/v1/explain?source=192.0.2.1:40000&destination={vip}:443")
        return b'"action":"forward"' in connection.getresponse().read()
    except OSError:
        return False  # it has not started yet
    finally:
        connection.close()


def _wait_for(directory: pathlib.Path, vip: str, running: list[subprocess.Popen]) -> None:
    end = time.monotonic() + DEADLINE_S
    while not _forwards(directory, vip):
        if time.monotonic() > end or any(process.poll() is not None for process in running):
            logs = "\n".join(log.read_text(errors="replace")[-2000:]
                             for log in directory.glob("*.log"))
            raise programs.Failure(f"the balancer does not forward to {vip}:\n{logs}")


@contextlib.contextmanager
def _running(directory: pathlib.Path, name: str, *command: str):
    with (directory / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log,
                                   stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(DEADLINE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def measure(paths: dict[str, pathlib.Path], rounds: int) -> dict:
    """Milliseconds of each round, in order."""
    taken = []
    with tempfile.TemporaryDirectory(prefix="joinery-bench.") as name:
        directory = pathlib.Path(name)
        control_file, balancer_file = directory / "control.yaml", directory / "lb.yaml"
        control_file.write_text(_control_file(directory, 0))
        balancer_file.write_text(_balancer_file(directory))
        with (_running(directory, "control", str(paths[programs.CONTROL]), "--config",
                       str(control_file)) as control,
              _running(directory, "lb", str(paths[programs.BALANCER]), "--config",
                       str(balancer_file)) as balancer):
            _wait_for(directory, _vips(0)[-1], [control, balancer])
            for turn in range(1, rounds + 1):
                control_file.write_text(_control_file(directory, turn))
                start = time.monotonic()
                programs.run([str(paths[programs.JOINCTL]), "--socket", f"{directory}/admin",
                              "config", "apply", "--force"], DEADLINE_S)
                _wait_for(directory, _vips(turn)[-1], [control, balancer])
                taken.append(1_000 * (time.monotonic() - start))
    return {"pools": POOLS, "vips": VIPS, "rounds": rounds, "ms": [round(ms, 1) for ms in taken],
            "median_ms": round(statistics.median(taken), 1), "max_ms": round(max(taken), 1)}
