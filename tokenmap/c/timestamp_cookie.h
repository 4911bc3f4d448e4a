/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The timestamp cookie: a backend's ID in the TSval of all that it sends, plain C (gnu11) for the
 * balancer, for BPF programs and for any other stack. docs/cookie-format.md is the contract;
 * tokenmap/testdata/cookie_vectors.txt holds the vectors that everybody must meet.
 *
 * Reading list: RFC 7323 sections 3 to 5 (timestamps, PAWS); Aumasson and Bernstein, "SipHash: a
 * fast short-input PRF" (2012); docs/protocol.md section 5;
 * docs/decisions/0006-cookie-round-function.md.
 *
 * No calls, no loops, no memory but the arguments, no allocation. The includer provides uint8_t,
 * uint32_t and uint64_t (<stdint.h>, <linux/types.h> or vmlinux.h). Timestamps are in host order;
 * on the wire they are big endian. Addresses and ports are passed as a little-endian machine loads
 * their bytes from the packet.
 */
#ifndef JOINERY_TOKENMAP_C_TIMESTAMP_COOKIE_H_
#define JOINERY_TOKENMAP_C_TIMESTAMP_COOKIE_H_

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "timestamp_cookie.h hashes words as they lie in the packet: little-endian machines only"
#endif

#define JOINERY_COOKIE_INLINE static inline __attribute__((__always_inline__))

#define JOINERY_COOKIE_TICK_SHIFT 9    /* T = TSval >> 9: 512 ms of a clock of 1 kHz */
#define JOINERY_COOKIE_EPOCH_BITS 2    /* e */
#define JOINERY_COOKIE_CHECK_BITS 3    /* zero before the permutation */
#define JOINERY_COOKIE_MIN_CODE_BITS 7 /* k - e with k = 9 */
#define JOINERY_COOKIE_MAX_ID_BITS 11  /* s; k is then 16 */
#define JOINERY_COOKIE_FIRST_SERIAL 4  /* of epochs; what is below, and a zeroed entry, is none */

/* Linux keeps window scale (4), SACK (1) and ECN (1) in a SYN/ACK's low bits when it answers with
 * a SYN cookie (TSBITS in net/ipv4/syncookies.c). */
#define JOINERY_COOKIE_SYN_BITS 6
#define JOINERY_COOKIE_SYN_MASK ((1U << JOINERY_COOKIE_SYN_BITS) - 1)

/* One epoch of one pool: everything that encoding and decoding need, but for the flow and the ID.
 * As secret as the key. */
struct joinery_cookie_epoch {
  uint64_t key[2];   /* K_E: SipHash's k0 and k1, its bytes as little-endian words */
  uint64_t rounds;   /* r_i is byte i, its top bit set */
  uint32_t serial;   /* E, modulo 2^32 */
  uint8_t code_bits; /* k - e */
  uint8_t unused[3];
};

/* SipHash-1-3: v0 to v3 of the paper. */
struct joinery_cookie_sip {
  uint64_t v0, v1, v2, v3;
};

#define JOINERY_COOKIE_ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))

JOINERY_COOKIE_INLINE void joinery_cookie_sip_round(struct joinery_cookie_sip* s) {
  s->v0 += s->v1;
  s->v2 += s->v3;
  s->v1 = JOINERY_COOKIE_ROTL(s->v1, 13) ^ s->v0;
  s->v3 = JOINERY_COOKIE_ROTL(s->v3, 16) ^ s->v2;
  s->v0 = JOINERY_COOKIE_ROTL(s->v0, 32);
  s->v2 += s->v1;
  s->v0 += s->v3;
  s->v1 = JOINERY_COOKIE_ROTL(s->v1, 17) ^ s->v2;
  s->v3 = JOINERY_COOKIE_ROTL(s->v3, 21) ^ s->v0;
  s->v2 = JOINERY_COOKIE_ROTL(s->v2, 32);
}

JOINERY_COOKIE_INLINE void joinery_cookie_sip_start(struct joinery_cookie_sip* s,
                                                    const struct joinery_cookie_epoch* e) {
  s->v0 = e->key[0] ^ 0x736f6d6570736575ULL;
  s->v1 = e->key[1] ^ 0x646f72616e646f6dULL;
  s->v2 = e->key[0] ^ 0x6c7967656e657261ULL;
  s->v3 = e->key[1] ^ 0x7465646279746573ULL;
}

JOINERY_COOKIE_INLINE void joinery_cookie_sip_absorb(struct joinery_cookie_sip* s, uint64_t word) {
  s->v3 ^= word;
  joinery_cookie_sip_round(s);
  s->v0 ^= word;
}

JOINERY_COOKIE_INLINE uint64_t joinery_cookie_sip_end(struct joinery_cookie_sip* s,
                                                      uint64_t last_word) {
  joinery_cookie_sip_absorb(s, last_word);
  s->v2 ^= 0xff;
  joinery_cookie_sip_round(s);
  joinery_cookie_sip_round(s);
  joinery_cookie_sip_round(s);
  return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

/* id_bits: s, 1..JOINERY_COOKIE_MAX_ID_BITS. k - e, which with e is k = max(9, s + 5). */
JOINERY_COOKIE_INLINE uint8_t joinery_cookie_code_bits(uint8_t id_bits) {
  const uint8_t bits = (uint8_t)(id_bits + JOINERY_COOKIE_CHECK_BITS);

  return bits < JOINERY_COOKIE_MIN_CODE_BITS ? JOINERY_COOKIE_MIN_CODE_BITS : bits;
}

/* key0, key1: the 16 bytes of K_E as two little-endian words. serial: E, at least
 * JOINERY_COOKIE_FIRST_SERIAL. Returns 0, or -1 when a number is out of range (e is untouched). */
JOINERY_COOKIE_INLINE int joinery_cookie_init(struct joinery_cookie_epoch* e, uint64_t key0,
                                              uint64_t key1, uint32_t serial, uint8_t id_bits) {
  const uint64_t round = 0x050000646e756f72ULL; /* the five bytes "round", and their number */
  struct joinery_cookie_sip s;

  if (serial < JOINERY_COOKIE_FIRST_SERIAL) return -1;
  if (id_bits < 1 || id_bits > JOINERY_COOKIE_MAX_ID_BITS) return -1;
  e->key[0] = key0;
  e->key[1] = key1;
  e->serial = serial;
  e->code_bits = joinery_cookie_code_bits(id_bits);
  e->unused[0] = e->unused[1] = e->unused[2] = 0;
  joinery_cookie_sip_start(&s, e);
  e->rounds = joinery_cookie_sip_end(&s, round) | 0x8080808080808080ULL;
  return 0;
}

/* H of an IPv4 flow, the same in both directions. ports: the client's (2 bytes), then the VIP's. */
JOINERY_COOKIE_INLINE uint64_t joinery_cookie_hash4(const struct joinery_cookie_epoch* e,
                                                    uint32_t client, uint32_t vip, uint32_t ports) {
  struct joinery_cookie_sip s;

  joinery_cookie_sip_start(&s, e);
  joinery_cookie_sip_absorb(&s, client | (uint64_t)vip << 32);
  return joinery_cookie_sip_end(&s, ports | 12ULL << 56);
}

/* The same of an IPv6 flow; an address is its first and its last 8 bytes. */
JOINERY_COOKIE_INLINE uint64_t joinery_cookie_hash6(const struct joinery_cookie_epoch* e,
                                                    uint64_t client0, uint64_t client1,
                                                    uint64_t vip0, uint64_t vip1, uint32_t ports) {
  struct joinery_cookie_sip s;

  joinery_cookie_sip_start(&s, e);
  joinery_cookie_sip_absorb(&s, client0);
  joinery_cookie_sip_absorb(&s, client1);
  joinery_cookie_sip_absorb(&s, vip0);
  joinery_cookie_sip_absorb(&s, vip1);
  return joinery_cookie_sip_end(&s, ports | 36ULL << 56);
}

/* Bits 9 to 15 of (half XOR r_i) * h_i, with h_i the 16 bits of H from `shift` on. Since r_i has
 * bit 7 set and a half at most 7 bits, the factor has at most 7 trailing zeros, so each of the
 * seven result bits is as even as H is. What lies above them the caller cuts off. */
JOINERY_COOKIE_INLINE uint32_t joinery_cookie_round(const struct joinery_cookie_epoch* e,
                                                    uint64_t hash, unsigned int i,
                                                    unsigned int shift, uint32_t half) {
  const uint32_t r = (uint32_t)(e->rounds >> (8 * i)) & 0xff;

  return ((half ^ r) * (uint32_t)(hash >> shift)) >> 9;
}

/* Six rounds over k - e bits; the left half is the larger one when they are odd in number. */
JOINERY_COOKIE_INLINE uint32_t joinery_cookie_permute(const struct joinery_cookie_epoch* e,
                                                      uint64_t hash, uint32_t value) {
  const unsigned int low = e->code_bits / 2U;
  const uint32_t right = (1U << low) - 1, left = (1U << (e->code_bits - low)) - 1;
  uint32_t l = value >> low, r = value & right;

  l ^= joinery_cookie_round(e, hash, 0, 0, r) & left;
  r ^= joinery_cookie_round(e, hash, 1, 16, l) & right;
  l ^= joinery_cookie_round(e, hash, 2, 32, r) & left;
  r ^= joinery_cookie_round(e, hash, 3, 48, l) & right;
  l ^= joinery_cookie_round(e, hash, 4, 8, r) & left;
  r ^= joinery_cookie_round(e, hash, 5, 40, l) & right;
  return l << low | r;
}

JOINERY_COOKIE_INLINE uint32_t joinery_cookie_unpermute(const struct joinery_cookie_epoch* e,
                                                        uint64_t hash, uint32_t code) {
  const unsigned int low = e->code_bits / 2U;
  const uint32_t right = (1U << low) - 1, left = (1U << (e->code_bits - low)) - 1;
  uint32_t l = code >> low, r = code & right;

  r ^= joinery_cookie_round(e, hash, 5, 40, l) & right;
  l ^= joinery_cookie_round(e, hash, 4, 8, r) & left;
  r ^= joinery_cookie_round(e, hash, 3, 48, l) & right;
  l ^= joinery_cookie_round(e, hash, 2, 32, r) & left;
  r ^= joinery_cookie_round(e, hash, 1, 16, l) & right;
  l ^= joinery_cookie_round(e, hash, 0, 0, r) & left;
  return l << low | r;
}

JOINERY_COOKIE_INLINE uint32_t joinery_cookie_join(const struct joinery_cookie_epoch* e,
                                                   uint64_t hash, uint32_t id, uint32_t ticks) {
  const uint32_t code = joinery_cookie_permute(e, hash, id << JOINERY_COOKIE_CHECK_BITS);

  return ((ticks << JOINERY_COOKIE_EPOCH_BITS) + e->serial) << e->code_bits | code;
}

/* TSval' of any segment but a SYN/ACK. id: below 2^s. tsval: as the stack wrote it, 1 kHz. */
JOINERY_COOKIE_INLINE uint32_t joinery_cookie_encode(const struct joinery_cookie_epoch* e,
                                                     uint64_t hash, uint32_t id, uint32_t tsval) {
  return joinery_cookie_join(e, hash, id, tsval >> JOINERY_COOKIE_TICK_SHIFT);
}

/* TSval' of a SYN/ACK: it keeps TSval's low 6 bits and stays below all later values of the flow. */
JOINERY_COOKIE_INLINE uint32_t joinery_cookie_encode_synack(const struct joinery_cookie_epoch* e,
                                                            uint64_t hash, uint32_t id,
                                                            uint32_t tsval) {
  const uint32_t ticks = tsval >> JOINERY_COOKIE_TICK_SHIFT;
  const uint32_t kept = (ticks & ~JOINERY_COOKIE_SYN_MASK) | (tsval & JOINERY_COOKIE_SYN_MASK);

  return joinery_cookie_join(e, hash, id, kept - (JOINERY_COOKIE_SYN_MASK + 1));
}

/* The epoch field of a TSecr: 0..3. */
JOINERY_COOKIE_INLINE uint32_t joinery_cookie_residue(uint8_t code_bits, uint32_t tsecr) {
  return tsecr >> code_bits & ((1U << JOINERY_COOKIE_EPOCH_BITS) - 1);
}

/* Returns 1 and the ID when the check bits are zero, else 0 (id is untouched). The caller has
 * chosen the epoch by the residue. Whether a backend has this ID, the caller knows. */
JOINERY_COOKIE_INLINE int joinery_cookie_decode(const struct joinery_cookie_epoch* e, uint64_t hash,
                                                uint32_t tsecr, uint32_t* id) {
  const uint32_t code = tsecr & ((1U << e->code_bits) - 1);
  const uint32_t value = joinery_cookie_unpermute(e, hash, code);

  if ((value & ((1U << JOINERY_COOKIE_CHECK_BITS) - 1)) != 0) return 0;
  *id = value >> JOINERY_COOKIE_CHECK_BITS;
  return 1;
}

/* What a backend's stack gets for TSecr when it has only a listener for the segment: the low 6 bits
 * of the SYN/ACK's TSval, with 64 so that it is not 0, which means "no echo". */
JOINERY_COOKIE_INLINE uint32_t joinery_cookie_syn_echo(const struct joinery_cookie_epoch* e,
                                                       uint32_t tsecr) {
  const uint32_t ticks = ((tsecr >> e->code_bits) - e->serial) >> JOINERY_COOKIE_EPOCH_BITS;

  return (JOINERY_COOKIE_SYN_MASK + 1) | (ticks & JOINERY_COOKIE_SYN_MASK);
}

#endif /* JOINERY_TOKENMAP_C_TIMESTAMP_COOKIE_H_ */
