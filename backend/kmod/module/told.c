// SPDX-License-Identifier: GPL-2.0-only
/*
 * What each codepoint stood for last. A codepoint gets another key only with a greater serial
 * (docs/protocol.md section 3, I2): with a lower one, connections whose tokens were made under the
 * newer key would be led to other servers. Kept until the module is unloaded; keys are kept as
 * their hash.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/string.h>
#include <crypto/sha2.h>

#include "joinery_token.h"

#define CODEPOINTS 8 /* 2^3 */

static struct {
	bool told;
	u64 serial;
	u8 key_hash[SHA256_DIGEST_SIZE];
} told[CODEPOINTS];
static u32 told_pool; /* a scheme of another pool begins anew */

/* Refuses what I2 forbids; else notes it. The caller holds pool.c's lock of the scheme. */
int joinery_told_admit(const struct joinery_token_scheme *from)
{
	u8 hash[SHA256_DIGEST_SIZE];
	typeof(*told) *last = &told[from->codepoint];

	if (from->pool != told_pool) {
		memset(told, 0, sizeof(told));
		told_pool = from->pool;
	}
	sha256(from->key, sizeof(from->key), hash);
	if (last->told && from->serial < last->serial) {
		pr_warn_ratelimited("write refused: serial is lower than the codepoint's last\n");
		return -EINVAL;
	}
	if (last->told && from->serial == last->serial &&
	    memcmp(hash, last->key_hash, sizeof(hash))) {
		pr_warn_ratelimited("write refused: another key under the codepoint's serial\n");
		return -EINVAL;
	}
	last->told = true;
	last->serial = from->serial;
	memcpy(last->key_hash, hash, sizeof(hash));
	return 0;
}
