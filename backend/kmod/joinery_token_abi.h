/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What is written to /dev/joinery_token: one struct in one write(2), applied as a whole or refused
 * with EINVAL as a whole (the kernel log says why). Shared by the Linux module and its loader.
 *
 * A write takes effect before it returns: keys made for the scheme before it are destroyed, and no
 * request that is still being answered will send one. Reading the device gives text, one
 * "name value" in each line, never a key.
 *
 * Integers are in the machine's own order. The includer provides the uintN_t types.
 * Source of the fields and their ranges: docs/protocol.md section 2.
 */
#ifndef JOINERY_BACKEND_KMOD_JOINERY_TOKEN_ABI_H_
#define JOINERY_BACKEND_KMOD_JOINERY_TOKEN_ABI_H_

#define JOINERY_TOKEN_DEVICE "joinery_token" /* in /dev, mode 0600 */
#define JOINERY_TOKEN_MAGIC 0x4a544b4eU      /* "JTKN" */
#define JOINERY_TOKEN_SCHEMA 1

/* The commands. */
#define JOINERY_TOKEN_CLEAR 0 /* no scheme from now on; all fields after `command` are zero */
#define JOINERY_TOKEN_SET 1   /* this scheme from now on */

/* r + s at most this for derived tokens: a key takes 2^(r + s) tries. */
#define JOINERY_TOKEN_MAX_BITS 12

/* NOLINTNEXTLINE(readability-identifier-naming): a struct of the kernel's */
struct joinery_token_scheme {
  uint32_t magic;          /* JOINERY_TOKEN_MAGIC */
  uint16_t schema;         /* JOINERY_TOKEN_SCHEMA */
  uint16_t command;        /* JOINERY_TOKEN_CLEAR or _SET */
  uint32_t pool;           /* the pool's ID, in the FF1 tweak */
  uint16_t backend;        /* the own ID: below 2^id_bits */
  uint8_t algorithm;       /* JOINERY_TOKEN_PLAIN (0) or JOINERY_TOKEN_FF1 (1) */
  uint8_t generation_bits; /* r: 2 or 3 */
  uint64_t serial;         /* the generation's serial, in the FF1 tweak */
  uint8_t id_bits;         /* s: 1..12 - r */
  uint8_t codepoint;       /* of the active generation: below 2^r - 1 */
  uint8_t reserved[6];     /* zero */
  uint8_t key[16];         /* AES-128; zero for plain, which uses none */
};

#ifdef __cplusplus
#define JOINERY_TOKEN_ASSERT(condition, why) static_assert(condition, why)
#else
#define JOINERY_TOKEN_ASSERT(condition, why) _Static_assert(condition, why)
#endif
JOINERY_TOKEN_ASSERT(sizeof(struct joinery_token_scheme) == 48, "the struct has no padding");
JOINERY_TOKEN_ASSERT(__builtin_offsetof(struct joinery_token_scheme, serial) == 16,
                     "8-byte fields stand at multiples of 8 on 32-bit machines too");
JOINERY_TOKEN_ASSERT(__builtin_offsetof(struct joinery_token_scheme, key) == 32,
                     "the key is the last field");
#undef JOINERY_TOKEN_ASSERT

#endif /* JOINERY_BACKEND_KMOD_JOINERY_TOKEN_ABI_H_ */
