/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * joinery_token: server keys whose tokens carry the backend's ID.
 *
 * key.c      a key's token, and whether it names this backend
 * pool.c     keys made ahead of time, by a thread
 * told.c     what each codepoint stood for: no other key under it without a greater serial
 * sampler.c  puts a key of the pool into the answer to a SYN
 * device.c   /dev/joinery_token: the scheme in, state and counters out
 * selftest.c the shared vectors
 * main.c     load and unload
 *
 * Reading list: docs/protocol.md section 2 (derived mode); Linux 6.1 net/mptcp/subflow.c
 * (subflow_check_req, mptcp_subflow_init_cookie_req) and net/mptcp/token.c.
 */
#ifndef JOINERY_TOKEN_H
#define JOINERY_TOKEN_H

#include <linux/atomic.h>
#include <linux/types.h>
#include <crypto/aes.h>

#define JOINERY_AES128_KEY		     struct crypto_aes_ctx
#define JOINERY_AES128_ENCRYPT(key, out, in) aes_encrypt(key, out, in)
#include "tokenmap/c/ff1_radix2.h"
#include "backend/kmod/joinery_token_abi.h"

struct seq_file;

/* Without a scheme r is unknown: three ones are the reserved codepoint for r = 2 and for r = 3. */
#define DEFAULT_GENERATION_BITS 3

/* name, and when it counts */
#define JOINERY_COUNTERS(X)                                                                       \
	X(keys_filled)	      /* keys put into the pool */                                        \
	X(keys_flushed)	      /* keys destroyed by a new scheme, unused */                        \
	X(tries)	      /* random numbers drawn for the pool */                             \
	X(used_syn)	      /* SYN answered with a key of the pool */                           \
	X(used_syn_cookie)    /* the same, the answer being a SYN cookie */                       \
	X(reserved_no_scheme) /* SYN answered with a key of the reserved codepoint: no scheme */  \
	X(reserved_no_keys)   /* the same: the pool was empty */                                  \
	X(reserved_exhausted) /* no such key in RESERVED_TRIES_MAX tries: the kernel's own key */ \
	X(cookie_ack_skipped) /* ACK with a SYN cookie: its key was chosen before, left alone */  \
	X(layout_mismatch)    /* the structure did not look as the offsets say: left alone */     \
	X(unknown_caller)     /* hashed from an unknown place: left alone */                      \
	X(schemes_set)	      /* writes that set a scheme */                                      \
	X(schemes_cleared)    /* writes that cleared it */                                        \
	X(writes_refused)     /* writes refused */

#define X(name) COUNT_##name,
enum counter { JOINERY_COUNTERS(X) COUNTERS };
#undef X

extern atomic64_t joinery_counters[COUNTERS];

#define COUNT(name)	   atomic64_inc(&joinery_counters[COUNT_##name])
#define COUNT_ADD(name, n) atomic64_add(n, &joinery_counters[COUNT_##name])

/* A scheme as it is used: the generation with its expanded key, and whom its keys shall name. */
struct scheme {
	struct joinery_token_generation generation;
	struct crypto_aes_ctx aes;
	u32 pool;
	u64 serial;
	u16 backend;
};

/* key.c */
u32 joinery_token_of_key(u64 key);
int joinery_scheme_init(struct scheme *s, const struct joinery_token_scheme *from);
bool joinery_key_names(const struct scheme *s, u64 key);
u64 joinery_reserved_key(u8 generation_bits);

/* told.c */
int joinery_told_admit(const struct joinery_token_scheme *from);

/* pool.c */
int joinery_pool_start(void);
void joinery_pool_stop(void);
int joinery_pool_set_scheme(const struct joinery_token_scheme *from);
void joinery_pool_clear_scheme(void);
u64 joinery_pool_take(bool *reserved);
void joinery_pool_show(struct seq_file *out);

/* sampler.c */
int joinery_sampler_start(void);
void joinery_sampler_stop(void);
void joinery_sampler_show(struct seq_file *out);

/* device.c */
int joinery_device_start(void);
void joinery_device_stop(void);

/* selftest.c */
int joinery_selftest(void);

/* main.c */
extern u64 joinery_incarnation; /* random at each load, never 0 */

#endif
