"""The kernel module joinery_token in guests: loaded, told its scheme, asked for its counters."""

from host import wait_until
from need import kernel_module, our_program

MODULE = "/lib/joinery_token.ko"
LOADER = "/usr/sbin/joinery-kmod"
KEY_FILE = "/run/generation.key"
FIRST_KEYS_S = 30


def guest_files():
    """What a guest needs for it: the `files` of GuestBackend."""
    return {MODULE: kernel_module(), LOADER: our_program("joinery-kmod")}


def install(backend, pool):
    """From now on the backend's tokens carry its ID in this pool."""
    guest = backend.guest
    guest.check(f"joinery-kmod load --module {MODULE}")
    set_scheme(backend, pool)


def set_scheme(backend, pool):
    """The pool's active generation."""
    scheme = pool.scheme
    backend.guest.put(f"{scheme.key.hex()}\n".encode(), KEY_FILE, 0o600)
    backend.guest.check(
        f"joinery-kmod scheme --pool {scheme.pool_id} --id {backend.plan.backend_id} "
        f"--r {scheme.generation_bits} --s {scheme.id_bits} --serial {scheme.serial} "
        f"--codepoint {pool.codepoint} --algorithm {scheme.algorithm} --key-file {KEY_FILE}")
    backend.guest.check(f"rm {KEY_FILE}")


def status(backend):
    """The module's state and counters: {"name": "value"}."""
    text = backend.guest.check("joinery-kmod status")
    return dict(line.split(" ", 1) for line in text.splitlines() if " " in line)


def wait_for_keys(backend, least=256):
    """Waits until its pool has so many keys: a burst of connections uses them faster than an
    emulated processor draws new ones."""
    wait_until(lambda: int(status(backend)["keys"]) >= least, FIRST_KEYS_S,
               f"{backend.plan.name}: {least} keys", 0.2)
