// SPDX-License-Identifier: GPL-2.0-only
/*
 * A key's token, and whether it names this backend: RFC 8684 section 3.2, docs/protocol.md
 * section 2. Holds no state.
 */
#include <linux/random.h>
#include <linux/string.h>
#include <asm/unaligned.h>
#include <crypto/sha2.h>

#include "joinery_token.h"

/* Each try succeeds once in 2^r <= 8, so this fails once in 10^14 times. */
#define RESERVED_TRIES_MAX 256

/* The first 32 bits of SHA-256(key), the key as 8 bytes in network order. */
u32 joinery_token_of_key(u64 key)
{
	u8 digest[SHA256_DIGEST_SIZE];
	__be64 bytes = cpu_to_be64(key);

	sha256((const u8 *)&bytes, sizeof(bytes), digest);
	return get_unaligned_be32(digest);
}

/* `from` has been checked by the device. The caller wipes *s when it is done with it. */
int joinery_scheme_init(struct scheme *s, const struct joinery_token_scheme *from)
{
	int err = aes_expandkey(&s->aes, from->key, sizeof(from->key));

	if (err)
		return err;
	if (joinery_token_init(&s->generation, &s->aes, from->algorithm, from->generation_bits,
			       from->id_bits, from->codepoint, from->pool, from->serial))
		return -EINVAL;
	s->pool = from->pool;
	s->serial = from->serial;
	s->backend = from->backend;
	return 0;
}

bool joinery_key_names(const struct scheme *s, u64 key)
{
	u32 id, nonce;

	return joinery_token_decode(&s->generation, &s->aes, joinery_token_of_key(key), &id,
				    &nonce) &&
	       id == s->backend;
}

/* A random key whose token has the codepoint that names no backend; 0 when none was found. */
u64 joinery_reserved_key(u8 generation_bits)
{
	const u32 reserved = joinery_token_reserved(generation_bits);
	unsigned int tries;
	u64 key;

	for (tries = 0; tries < RESERVED_TRIES_MAX; tries++) {
		get_random_bytes(&key, sizeof(key));
		if (key && joinery_token_of_key(key) >> (32 - generation_bits) == reserved)
			return key;
	}
	COUNT(reserved_exhausted);
	return 0;
}
