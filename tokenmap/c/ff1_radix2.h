/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Joinery's token layout and its FF1 permutation in plain C (gnu11), for stacks that are not C++:
 * the Linux module includes it as it is. tokenmap/ff1_radix2.h is the same in C++;
 * tokenmap/testdata/token_vectors.txt holds the vectors that both must meet.
 *
 * Reading list: NIST SP 800-38G, algorithms 7 and 8 (FF1); docs/protocol.md section 2.
 *
 * No calls but the block cipher, no allocation, no floating point. The includer provides uint8_t,
 * uint32_t and uint64_t (<stdint.h> or <linux/types.h>) and, before the include, the cipher:
 *
 *   #define JOINERY_AES128_KEY struct crypto_aes_ctx           an expanded AES-128 key
 *   #define JOINERY_AES128_ENCRYPT(key, out, in) aes_encrypt(key, out, in)
 *
 * which encrypts the 16 bytes at `in` to the 16 bytes at `out` (they never overlap).
 * All integers are in host order; on the wire a token is big endian.
 */
#ifndef JOINERY_TOKENMAP_C_FF1_RADIX2_H_
#define JOINERY_TOKENMAP_C_FF1_RADIX2_H_

#if !defined(JOINERY_AES128_KEY) || !defined(JOINERY_AES128_ENCRYPT)
#error "define JOINERY_AES128_KEY and JOINERY_AES128_ENCRYPT before including ff1_radix2.h"
#endif

/* FF1's constants for radix 2, a 12-byte tweak and halves of 9 to 16 bits (so b = 2, d = 8, and Q
 * is one block). Tokens use 29 and 30 bits. */
#define JOINERY_FF1_ROUNDS 10
#define JOINERY_FF1_MIN_BITS 17
#define JOINERY_FF1_MAX_BITS 32
#define JOINERY_FF1_TWEAK_BYTES 12

/* One permutation of the n-bit numbers. base is the part of every round's cipher input that does
 * not change: AES(P) XOR (tweak || 0^32). As secret as the key. */
struct joinery_ff1 {
  uint8_t base[16];
  uint8_t bits; /* n */
};

/* Tweak: pool (4 bytes) || serial (8 bytes), big endian. bits: JOINERY_FF1_MIN_BITS..MAX_BITS. */
static inline void joinery_ff1_init(struct joinery_ff1* f, const JOINERY_AES128_KEY* key,
                                    uint8_t bits, uint32_t pool, uint64_t serial) {
  /* P: version 1, method 2, addition 1, radix (3 bytes), rounds, u, n (4 bytes), t (4 bytes). */
  const uint8_t p[16] = {1, 2, 1,    0, 0, 2, JOINERY_FF1_ROUNDS,     (uint8_t)(bits / 2), 0,
                         0, 0, bits, 0, 0, 0, JOINERY_FF1_TWEAK_BYTES};
  unsigned int i;

  JOINERY_AES128_ENCRYPT(key, f->base, p);
  for (i = 0; i < 4; i++) f->base[i] ^= (uint8_t)(pool >> (24 - 8 * i));
  for (i = 0; i < 8; i++) f->base[4 + i] ^= (uint8_t)(serial >> (56 - 8 * i));
  f->bits = bits;
}

/* The low 16 bits of y in round i (step 6.i to 6.v): Q ends with 0, i and the half, and the last
 * two of the d = 8 bytes of S are bytes 6 and 7. */
static inline uint32_t joinery_ff1_round(const struct joinery_ff1* f, const JOINERY_AES128_KEY* key,
                                         unsigned int i, uint32_t half) {
  uint8_t q[16], s[16];
  unsigned int k;

  for (k = 0; k < 16; k++) q[k] = f->base[k];
  q[13] ^= (uint8_t)i;
  q[14] ^= (uint8_t)(half >> 8);
  q[15] ^= (uint8_t)half;
  JOINERY_AES128_ENCRYPT(key, s, q);
  return (uint32_t)s[6] << 8 | s[7];
}

/* The mask of the half that round i replaces: u = n/2 bits when i is even, else v = n - u. */
static inline uint32_t joinery_ff1_mask(const struct joinery_ff1* f, unsigned int i) {
  const unsigned int u = f->bits / 2U;

  return (1U << (i % 2 ? f->bits - u : u)) - 1;
}

/* body: n bits, the most significant one is FF1's first numeral. */
static inline uint32_t joinery_ff1_encrypt(const struct joinery_ff1* f,
                                           const JOINERY_AES128_KEY* key, uint32_t body) {
  const unsigned int v = f->bits - f->bits / 2U;
  uint32_t a = body >> v, b = body & ((1U << v) - 1), c;
  unsigned int i;

  for (i = 0; i < JOINERY_FF1_ROUNDS; i++) {
    c = (a + joinery_ff1_round(f, key, i, b)) & joinery_ff1_mask(f, i);
    a = b;
    b = c;
  }
  return a << v | b;
}

static inline uint32_t joinery_ff1_decrypt(const struct joinery_ff1* f,
                                           const JOINERY_AES128_KEY* key, uint32_t body) {
  const unsigned int v = f->bits - f->bits / 2U;
  uint32_t a = body >> v, b = body & ((1U << v) - 1), c;
  unsigned int i;

  for (i = JOINERY_FF1_ROUNDS; i-- > 0;) {
    c = (b - joinery_ff1_round(f, key, i, a)) & joinery_ff1_mask(f, i);
    b = a;
    a = c;
  }
  return a << v | b;
}

/* What E_K is in `codepoint | E_K(id | nonce)`. */
#define JOINERY_TOKEN_PLAIN 0 /* the identity */
#define JOINERY_TOKEN_FF1 1

/* One generation of a scheme: r + s bits of a token say who made it. */
struct joinery_token_generation {
  struct joinery_ff1 ff1; /* unused by plain */
  uint8_t algorithm;
  uint8_t generation_bits; /* r: 2 or 3 */
  uint8_t id_bits;         /* s: 1..14 - r */
  uint8_t codepoint;       /* below 2^r - 1: all ones is reserved */
};

/* All ones: the codepoint of a token that names no backend. */
static inline uint8_t joinery_token_reserved(uint8_t generation_bits) {
  return (uint8_t)((1U << generation_bits) - 1);
}

/* Returns 0, or -1 when a number is out of range (g is then untouched). */
static inline int joinery_token_init(struct joinery_token_generation* g,
                                     const JOINERY_AES128_KEY* key, uint8_t algorithm,
                                     uint8_t generation_bits, uint8_t id_bits, uint8_t codepoint,
                                     uint32_t pool, uint64_t serial) {
  if (algorithm > JOINERY_TOKEN_FF1 || generation_bits < 2 || generation_bits > 3) return -1;
  if (id_bits < 1 || generation_bits + id_bits > 14) return -1;
  if (codepoint >= joinery_token_reserved(generation_bits)) return -1;
  g->algorithm = algorithm;
  g->generation_bits = generation_bits;
  g->id_bits = id_bits;
  g->codepoint = codepoint;
  if (algorithm == JOINERY_TOKEN_FF1)
    joinery_ff1_init(&g->ff1, key, (uint8_t)(32 - generation_bits), pool, serial);
  return 0;
}

static inline unsigned int joinery_token_nonce_bits(const struct joinery_token_generation* g) {
  return 32U - g->generation_bits - g->id_bits;
}

/* id below 2^s, nonce below 2^(32 - r - s). Distinct pairs give distinct tokens. */
static inline uint32_t joinery_token_encode(const struct joinery_token_generation* g,
                                            const JOINERY_AES128_KEY* key, uint32_t id,
                                            uint32_t nonce) {
  uint32_t body = id << joinery_token_nonce_bits(g) | nonce;

  if (g->algorithm == JOINERY_TOKEN_FF1) body = joinery_ff1_encrypt(&g->ff1, key, body);
  return (uint32_t)g->codepoint << (32 - g->generation_bits) | body;
}

/* Returns 1 and the token's parts when it has this generation's codepoint, else 0, cheaply. */
static inline int joinery_token_decode(const struct joinery_token_generation* g,
                                       const JOINERY_AES128_KEY* key, uint32_t token, uint32_t* id,
                                       uint32_t* nonce) {
  const unsigned int n = 32U - g->generation_bits;
  uint32_t body = token & ((1U << n) - 1);

  if (token >> n != g->codepoint) return 0;
  if (g->algorithm == JOINERY_TOKEN_FF1) body = joinery_ff1_decrypt(&g->ff1, key, body);
  *id = body >> joinery_token_nonce_bits(g);
  *nonce = body & ((1U << joinery_token_nonce_bits(g)) - 1);
  return 1;
}

#endif /* JOINERY_TOKENMAP_C_FF1_RADIX2_H_ */
