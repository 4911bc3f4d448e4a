"""Configuration files of balancers for the benchmark: farms of 10 to 10,000 backends."""

import dataclasses
import hashlib
import pathlib

POOL_SIZE = 500  # backends; more of them make more pools
BACKEND_NET = "198.18.64.1/18"  # the balancer's own address; backends are counted up from .2
FIRST_BACKEND = (198 << 24) + (18 << 16) + (64 << 8) + 2


@dataclasses.dataclass
class Port:
    """One DPDK port, as joinery-lb's configuration names it."""

    device: str = "net_null0"
    eal_options: tuple[str, ...] = ("--no-huge", "--no-pci")
    lcore: int = 1
    stats_socket: str = "/run/joinery/bench.sock"


def key_file(directory: pathlib.Path, name: str) -> str:
    """A key that is the same in every run: figures must be repeatable, nothing is protected."""
    path = directory / f"{name}.key"
    path.touch(mode=0o600)
    path.write_text(hashlib.sha256(name.encode()).hexdigest()[:32] + "\n")
    return path.name


def address(index: int) -> str:
    value = FIRST_BACKEND + index
    return ".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0))


def pool(directory: pathlib.Path, number: int, first: int, count: int, encap: str,
         cookies: bool) -> list[str]:
    """One pool of the file; `first` is the farm-wide index of its first backend."""
    lines = [
        f"  - name: pool{number}",
        f"    id: {number}",
        f"    max_backends: {128 if count <= 128 else 512}",
        "    handshake: derived",
        "    scheme:",
        "      algorithm: ff1",
        "      generations:",
        f"        - {{codepoint: 0, serial: 1, key_file: {key_file(directory, f'gen{number}')}}}",
        f"    hash_secret_file: {key_file(directory, f'hash{number}')}",
        # As high as it goes: the benchmark means to decode, not to be limited.
        "    join_rate: 100000000",
        "    vips:",
        f"      - {{address: 198.18.0.{number}, ports: [443]}}",
        f"      - {{address: '2001:db8::{number:x}', ports: [443]}}",
        "    backends:",
    ]
    if cookies:
        key = key_file(directory, f"epoch{number}")
        lines.insert(4, f"    cookie: {{rule: trusted, epochs: [{{serial: 4, key_file: {key}}}]}}")
    lines += [f"      - {{name: b{i}, id: {i}, address: {address(first + i)}, encap: {encap}}}"
              for i in range(count)]
    return lines


def write(directory: pathlib.Path, backends: int, port: Port, encap: str = "l2",
          cookies: bool = False) -> pathlib.Path:
    """Writes the file and its keys; returns its path."""
    directory.mkdir(parents=True, exist_ok=True)
    eal = ", ".join(f"'{option}'" for option in port.eal_options)
    lines = [
        "balancer:",
        "  name: bench",
        "  idle: poll",
        f"  lcores: [{port.lcore}]",
        f"  eal_options: [{eal}]",
        f"  stats_socket: {port.stats_socket}",
        "  ports:",
        f"    - {{name: p0, device: '{port.device}', addresses: [{BACKEND_NET}]}}",
        "pools:",
    ]
    for number, first in enumerate(range(0, backends, POOL_SIZE), start=1):
        lines += pool(directory, number, first, min(POOL_SIZE, backends - first), encap, cookies)
    path = directory / f"farm-{backends}-{encap}{'-cookies' if cookies else ''}.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path
