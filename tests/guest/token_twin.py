"""The slow, obvious twin of the token scheme, to judge what a kernel sent: nothing is shared.

Reading list: FIPS 197 (AES), NIST SP 800-38G algorithm 8 (FF1 decryption), docs/protocol.md
section 2.
"""

import dataclasses

ROUNDS = 10
TWEAK_BYTES = 12


def _times_two(byte):
    return (byte << 1) ^ (0x11b if byte & 0x80 else 0)


def _times(a, b):
    product = 0
    while b:
        product ^= a if b & 1 else 0
        a, b = _times_two(a), b >> 1
    return product


def _make_sbox():
    sbox = []
    for byte in range(256):
        inverse = next((other for other in range(256) if _times(byte, other) == 1), 0)
        spread = 0x63
        for turn in range(5):
            spread ^= (inverse << turn | inverse >> (8 - turn)) & 0xff
        sbox.append(spread)
    return sbox


SBOX = _make_sbox()
TWICE = [_times_two(byte) for byte in range(256)]


class Aes128:
    """AES-128, encryption only."""

    def __init__(self, key):
        words = [list(key[at:at + 4]) for at in range(0, 16, 4)]
        constant = 1
        for number in range(4, 44):
            word = list(words[-1])
            if number % 4 == 0:
                word = [SBOX[byte] for byte in word[1:] + word[:1]]
                word[0] ^= constant
                constant = _times_two(constant)
            words.append([a ^ b for a, b in zip(word, words[number - 4])])
        self._keys = [sum(words[at:at + 4], []) for at in range(0, 44, 4)]

    def encrypt(self, block):
        """16 bytes to 16 bytes."""
        state = [a ^ b for a, b in zip(block, self._keys[0])]
        for key in self._keys[1:-1]:
            mixed = []
            for column in self._columns(state):
                whole = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [byte ^ whole ^ TWICE[byte ^ column[(row + 1) % 4]]
                          for row, byte in enumerate(column)]
            state = [a ^ b for a, b in zip(mixed, key)]
        last = sum(self._columns(state), [])
        return bytes(a ^ b for a, b in zip(last, self._keys[-1]))

    @staticmethod
    def _columns(state):
        """SubBytes and ShiftRows."""
        return [[SBOX[state[(4 * column + 5 * row) % 16]] for row in range(4)]
                for column in range(4)]


@dataclasses.dataclass(frozen=True)
class Scheme:
    """One generation, fields named as in docs/protocol.md."""

    algorithm: str = "ff1"  # or "plain"
    r: int = 2
    s: int = 8
    pool: int = 1
    serial: int = 1
    codepoint: int = 0
    key: bytes = bytes(16)

    def decode(self, token):
        """(ID, nonce) of a token, or None when it has another codepoint."""
        n = 32 - self.r
        if token >> n != self.codepoint:
            return None
        body = token & ((1 << n) - 1)
        if self.algorithm == "ff1":
            body = self._decrypt(body, n)
        nonce_bits = n - self.s
        return body >> nonce_bits, body & ((1 << nonce_bits) - 1)

    def _decrypt(self, body, n):
        aes = Aes128(self.key)
        u = n // 2
        v = n - u
        tweak = self.pool.to_bytes(4, "big") + self.serial.to_bytes(8, "big")
        p = bytes([1, 2, 1, 0, 0, 2, ROUNDS, u]) + n.to_bytes(4, "big") + \
            TWEAK_BYTES.to_bytes(4, "big")
        after_p = aes.encrypt(p)
        a, b = body >> v, body & ((1 << v) - 1)
        for number in reversed(range(ROUNDS)):
            q = tweak + bytes([0, number]) + a.to_bytes(2, "big")
            y = int.from_bytes(aes.encrypt(bytes(x ^ z for x, z in zip(after_p, q)))[:8], "big")
            m = u if number % 2 == 0 else v
            a, b = (b - y) % (1 << m), a
        return a << v | b


def check_vectors(path):
    """How many of the shared vectors the twin meets, and how many there are."""
    met = total = 0
    with open(path, encoding="ascii") as lines:
        for line in lines:
            fields = line.split()
            if not fields or fields[0] not in ("plain", "ff1"):
                continue
            algorithm, r, s, pool, serial, codepoint, key, identity, nonce, token = fields
            scheme = Scheme(algorithm, int(r), int(s), int(pool), int(serial), int(codepoint),
                            bytes.fromhex(key))
            total += 1
            met += scheme.decode(int(token, 16)) == (int(identity), int(nonce))
    return met, total
