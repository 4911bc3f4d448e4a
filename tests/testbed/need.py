"""Finds what the testbed needs; what is missing is an error that says how to get it."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Our own programs: name -> Bazel's label. Found in the directories below, in this order.
OUR_PROGRAMS = {
    "cookie-attach": "//tests/bpf:cookie-attach",
    "joinctl": "//control/ctl:joinctl",
    "joinery-agent": "//backend/agent:joinery-agent",
    "joinery-control": "//control:joinery-control",
    "joinery-kmod": "//backend/kmod/loader:joinery-kmod",
    "joinery-lb": "//lb:joinery-lb",
    "joinery-netpath": "//tools/netpath:joinery-netpath",
    "joinery-pcap": "//tools/pcap:joinery-pcap",
    "joinery-probe": "//tools/probe:joinery-probe",
    "mptcp-client": "//tests/traffic:mptcp-client",
    "mptcp-server": "//tests/traffic:mptcp-server",
}

# Others' programs: name -> Debian package.
DEBIAN_PACKAGES = {
    "curl": "curl",
    "dumpcap": "tshark",
    "ethtool": "ethtool",
    "ip": "iproute2",
    "iperf3": "iperf3",
    "mptcpize": "mptcpize",
    "nginx": "nginx-light",
    "nsenter": "util-linux",
    "openssl": "openssl",
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "sysctl": "procps",
    "tshark": "tshark",
}


class NeedError(Exception):
    """Something is missing; the text says how to get it."""


def bin_directory():
    """Where Bazel puts programs; JOINERY_BIN names another place."""
    return Path(os.environ.get("JOINERY_BIN", ROOT / ".bazel" / "bin"))


def our_program(name):
    """The path of one of OUR_PROGRAMS."""
    label = OUR_PROGRAMS[name]
    path = bin_directory() / label.removeprefix("//").replace(":", "/")
    if not path.exists():
        raise NeedError(f"{path} is not built; run: bazel build {label} "
                        "(or './run build'; JOINERY_BIN names another directory of binaries)")
    return str(path.resolve())


def kernel_module():
    """The path of joinery_token.ko; JOINERY_KMOD names another directory."""
    path = Path(os.environ.get("JOINERY_KMOD", ROOT / ".cache" / "kmod")) / "joinery_token.ko"
    if not path.exists():
        raise NeedError(f"{path} is not built; run: backend/kmod/build {path.parent} "
                        "(or './run build'; JOINERY_KMOD names another directory)")
    return str(path)


def debian_program(name):
    """The path of a program of Debian's."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if path is None:
        raise NeedError(f"{name} is not here; apt-get install {DEBIAN_PACKAGES[name]}")
    return path


def need_root():
    """Namespaces need root."""
    if os.geteuid() != 0:
        raise NeedError("network namespaces need root; run it with sudo")
