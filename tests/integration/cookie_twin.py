"""The timestamp cookie once more, in Python: docs/cookie-format.md line by line. It shares nothing
with the other implementations, so that what it reads on a wire is evidence."""

import ipaddress
import struct
from pathlib import Path

VECTORS = Path(__file__).resolve().parents[2] / "tokenmap" / "testdata" / "cookie_vectors.txt"
WORD = 2**64
EPOCH_BITS, CHECK_BITS = 2, 3
SHIFTS = (0, 16, 32, 48, 8, 40)


def _rotate(x, n):
    return (x << n | x >> (64 - n)) % WORD


def siphash13(key, data):
    """SipHash-1-3 (Aumasson and Bernstein, 2012)."""
    k0, k1 = struct.unpack("<QQ", key)
    v0, v1 = k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d
    v2, v3 = k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573

    def rounds(count):
        nonlocal v0, v1, v2, v3
        for _ in range(count):
            v0, v2 = (v0 + v1) % WORD, (v2 + v3) % WORD
            v1, v3 = _rotate(v1, 13) ^ v0, _rotate(v3, 16) ^ v2
            v0, v2 = (_rotate(v0, 32) + v3) % WORD, (v2 + v1) % WORD
            v1, v3 = _rotate(v1, 17) ^ v2, _rotate(v3, 21) ^ v0
            v2 = _rotate(v2, 32)

    padded = data + bytes(-(len(data) + 1) % 8) + bytes([len(data) % 256])
    for (word,) in struct.iter_unpack("<Q", padded):
        v3 ^= word
        rounds(1)
        v0 ^= word
    v2 ^= 0xff
    rounds(3)
    return v0 ^ v1 ^ v2 ^ v3


class Epoch:
    """One epoch of a pool; s: its ID bits."""

    def __init__(self, s, serial, key):
        self.serial, self._key = serial, key
        self.c = max(9, s + EPOCH_BITS + CHECK_BITS) - EPOCH_BITS
        self._r = siphash13(key, b"round")

    def _factor(self, flow_hash, i, half):
        r = (self._r >> 8 * i) % 256 | 128
        return ((half ^ r) * ((flow_hash >> SHIFTS[i]) % 2**16) % 2**16) >> 9

    def _unpermute(self, flow_hash, code):
        low = self.c // 2
        left, right = code >> low, code % 2**low
        for i in reversed(range(6)):
            if i % 2:
                right ^= self._factor(flow_hash, i, left) % 2**low
            else:
                left ^= self._factor(flow_hash, i, right) % 2**(self.c - low)
        return left << low | right

    def decode(self, flow, value):
        """The backend's ID in a timestamp of this flow, or None. flow: (client, client's port, VIP,
        VIP's port), addresses as text."""
        if (value >> self.c) % 4 != self.serial % 4:
            return None
        client, client_port, vip, vip_port = flow
        data = (ipaddress.ip_address(client).packed + ipaddress.ip_address(vip).packed
                + struct.pack("!HH", client_port, vip_port))
        plain = self._unpermute(siphash13(self._key, data), value % 2**self.c)
        return plain >> CHECK_BITS if plain % 2**CHECK_BITS == 0 else None


def vector_mismatches():
    """The shared vectors that this twin does not read as it should; none, if all is well."""
    wrong = []
    for line in VECTORS.read_text(encoding="ascii").splitlines():
        if line.startswith("#"):
            continue
        s, serial, key, client, client_port, vip, vip_port, backend, _, *values = line.split()
        epoch = Epoch(int(s), int(serial), bytes.fromhex(key))
        flow = (client, int(client_port), vip, int(vip_port))
        read = [epoch.decode(flow, int(value, 16)) for value in values[:2]]
        if read != [int(backend)] * 2:
            wrong.append(line)
    return wrong
