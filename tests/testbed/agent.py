"""joinery-agent in a guest: it loads the kernel module and follows control over TLS."""

import token_module
from host import wait_until
from need import kernel_module, our_program

PROGRAM = "/usr/sbin/joinery-agent"
CONFIG = "/etc/agent.yaml"
PID_FILE = "/run/agent.pid"
LOG = "/run/agent.log"
STATE = "/var/lib/agent"
SOCKET = "/run/agent.sock"
PKI = {"/etc/ca.crt": 0o644, "/etc/agent.crt": 0o644, "/etc/agent.key": 0o600}
FIRST_KEYS_S = 60
STOP_S = 20


def guest_files():
    """What a guest needs for it: the `files` of GuestBackend."""
    return {token_module.MODULE: kernel_module(), PROGRAM: our_program("joinery-agent"),
            token_module.LOADER: our_program("joinery-kmod")}


class Agent:
    """The agent of one backend."""

    def __init__(self, backend, control, pool):
        self.name = backend.plan.name
        self._backend, self._guest = backend, backend.guest
        self._guest.check(f"mkdir -p {STATE}")
        for (path, mode), content in zip(PKI.items(), control.credentials(self.name)):
            self._guest.put(content, path, mode)
        ca, certificate, key = PKI
        self._guest.put(f"""\
agent: {{pool: {pool}, backend: {self.name}, state_dir: {STATE}, status_socket: {SOCKET},
        report_s: 1, module: {token_module.MODULE}}}
control: {{address: "{control.address}",
          tls: {{ca: {ca}, certificate: {certificate}, key: {key}}}}}
checks: {{fix: [mptcp, join_initial_address, mptcp_limits, vips, arp, rp_filter]}}
""".encode(), CONFIG)

    def start(self):
        """Starts it; control says when it encodes."""
        self._guest.check(f"joinery-agent --config {CONFIG} >> {LOG} 2>&1 < /dev/null & "
                          f"echo $! > {PID_FILE}")

    def kill(self, signal="KILL"):
        """Sends a signal and waits until it is gone; the module stays."""
        self._guest.check(f"kill -{signal} $(cat {PID_FILE})")
        wait_until(lambda: self._guest.run(f"kill -0 $(cat {PID_FILE})")[0] != 0, STOP_S,
                   f"{self.name}: joinery-agent ends")

    def forget(self):
        """Removes what it and the module remember: the next start is its first."""
        self._guest.check(f"joinery-kmod unload && rm -rf {STATE} && mkdir {STATE}")

    def module(self):
        """The module's state and counters: {"name": "value"}."""
        return token_module.status(self._backend)

    def wait_for_keys(self, least=256):
        """A burst of connections uses keys faster than an emulated processor draws new ones."""
        wait_until(lambda: int(self.module()["keys"]) >= least, FIRST_KEYS_S,
                   f"{self.name}: {least} keys", 0.2)

    def said(self):
        """Its log."""
        return self._guest.check(f"cat {LOG}")
