"""Which backend a token names: the slow, independent twin of tokenmap/, for evidence in tests.

Reading list: docs/protocol.md section 2; NIST SP 800-38G, algorithms 7 and 8 (FF1). Radix is 2,
numerals are the bits of the token's body, most significant first. AES comes from the openssl
command, one call for a round of all tokens.
"""

import subprocess
from dataclasses import dataclass

ROUNDS = 10
BLOCK = 16


@dataclass(frozen=True)
class Scheme:
    """The layout of a pool's tokens and the key of one generation."""
    algorithm: str  # "plain" or "ff1"
    pool_id: int
    serial: int
    generation_bits: int
    id_bits: int
    key: bytes

    @staticmethod
    def id_bits_for(max_backends):
        """s = 1 + ceil(log2(max_backends))."""
        return 1 + (max_backends - 1).bit_length()

    def codepoint(self, token):
        """The leading bits: which generation."""
        return token >> (32 - self.generation_bits)

    def backend_ids(self, tokens):
        """The backend ID in each token; the codepoint is the caller's to check."""
        body_bits = 32 - self.generation_bits
        bodies = [token & ((1 << body_bits) - 1) for token in tokens]
        if self.algorithm == "ff1":
            bodies = ff1_decrypt(self.key, self._tweak(), body_bits, bodies)
        return [body >> (body_bits - self.id_bits) for body in bodies]

    def token(self, codepoint, backend_id, nonce):
        """The token that carries this."""
        body_bits = 32 - self.generation_bits
        body = backend_id << (body_bits - self.id_bits) | nonce
        if self.algorithm == "ff1":
            body = ff1_encrypt(self.key, self._tweak(), body_bits, [body])[0]
        return codepoint << body_bits | body

    def _tweak(self):
        return self.pool_id.to_bytes(4, "big") + self.serial.to_bytes(8, "big")


def ff1_encrypt(key, tweak, bits, values):
    """FF1 of each value, a number of `bits` bits."""
    return _feistel(key, tweak, bits, values, range(ROUNDS), 1)


def ff1_decrypt(key, tweak, bits, values):
    """The inverse of ff1_encrypt."""
    return _feistel(key, tweak, bits, values, reversed(range(ROUNDS)), -1)


def _feistel(key, tweak, bits, values, rounds, sign):
    """Algorithm 7 (sign 1) or 8 (sign -1), all values side by side."""
    u = bits // 2
    v = bits - u
    b = (v + 7) // 8
    d = 4 * ((b + 3) // 4) + 4
    if d > BLOCK:
        raise ValueError("a number this long needs more than one block")
    p = (bytes([1, 2, 1]) + (2).to_bytes(3, "big") + bytes([ROUNDS, u % 256])
         + bits.to_bytes(4, "big") + len(tweak).to_bytes(4, "big"))
    pad = bytes((-len(tweak) - b - 1) % BLOCK)
    pairs = [(value >> v, value & ((1 << v) - 1)) for value in values]
    for i in rounds:
        mask = (1 << (u if i % 2 == 0 else v)) - 1
        # Encryption feeds B and changes A; decryption the other way round.
        fed = [pair[1] if sign > 0 else pair[0] for pair in pairs]
        blocks = [p + tweak + pad + bytes([i]) + number.to_bytes(b, "big") for number in fed]
        ys = [int.from_bytes(r[:d], "big") for r in _cbc_mac(key, blocks)]
        if sign > 0:
            pairs = [(right, (left + y) & mask) for (left, right), y in zip(pairs, ys)]
        else:
            pairs = [((right - y) & mask, left) for (left, right), y in zip(pairs, ys)]
    return [left << v | right for left, right in pairs]


def _cbc_mac(key, messages):
    """PRF, algorithm 6: the last block of AES-CBC with a zero IV, of each message."""
    state = [bytes(BLOCK)] * len(messages)
    for at in range(0, len(messages[0]) if messages else 0, BLOCK):
        mixed = b"".join(bytes(x ^ y for x, y in zip(s, m[at:at + BLOCK]))
                         for s, m in zip(state, messages))
        out = subprocess.run(["openssl", "enc", "-aes-128-ecb", "-nopad", "-K", key.hex()],
                             input=mixed, capture_output=True, check=True).stdout
        state = [out[i:i + BLOCK] for i in range(0, len(out), BLOCK)]
    return state
