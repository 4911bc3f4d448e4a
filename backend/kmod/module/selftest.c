// SPDX-License-Identifier: GPL-2.0-only
/* Runs the vectors that all implementations of the token layout share. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kernel.h>
#include <linux/string.h>

#include "joinery_token.h"

/*
 * token_vectors.h is made from tokenmap/testdata/token_vectors.txt by ../build: the tables below,
 * as lines DERIVED(...) and TOKEN(...).
 */
struct derived_vector {
	u64 key;
	u32 token;
};

struct token_vector {
	u8 algorithm, generation_bits, id_bits;
	u32 pool;
	u64 serial;
	u8 codepoint;
	u8 key[16];
	u32 id, nonce, token;
};

#define BYTES(...)          \
	{                   \
		__VA_ARGS__ \
	}
#define DERIVED(key, token) {key, token},
#define TOKEN(...)
static const struct derived_vector derived_vectors[] = {
#include "token_vectors.h"
};
#undef DERIVED
#undef TOKEN

#define DERIVED(...)
#define TOKEN(...) {__VA_ARGS__},
static const struct token_vector token_vectors[] = {
#include "token_vectors.h"
};

static bool token_holds(const struct token_vector *v)
{
	struct joinery_token_generation g;
	struct crypto_aes_ctx aes;
	u32 id, nonce;

	return !aes_expandkey(&aes, v->key, sizeof(v->key)) &&
	       !joinery_token_init(&g, &aes, v->algorithm, v->generation_bits, v->id_bits,
				   v->codepoint, v->pool, v->serial) &&
	       joinery_token_encode(&g, &aes, v->id, v->nonce) == v->token &&
	       joinery_token_decode(&g, &aes, v->token, &id, &nonce) && id == v->id &&
	       nonce == v->nonce;
}

int joinery_selftest(void)
{
	size_t i;

	BUILD_BUG_ON(ARRAY_SIZE(derived_vectors) == 0 || ARRAY_SIZE(token_vectors) == 0);
	for (i = 0; i < ARRAY_SIZE(derived_vectors); i++) {
		if (joinery_token_of_key(derived_vectors[i].key) == derived_vectors[i].token)
			continue;
		pr_err("refused: self test: derived vector %zu is wrong\n", i + 1);
		return -EINVAL;
	}
	for (i = 0; i < ARRAY_SIZE(token_vectors); i++) {
		if (token_holds(&token_vectors[i]))
			continue;
		pr_err("refused: self test: token vector %zu is wrong\n", i + 1);
		return -EINVAL;
	}
	pr_info("self test: %zu token and %zu derived vectors hold\n", ARRAY_SIZE(token_vectors),
		ARRAY_SIZE(derived_vectors));
	return 0;
}
