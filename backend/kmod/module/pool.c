// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys whose tokens name this backend, made ahead of time: a key takes 2^(r + s) tries, which the
 * answer to a SYN cannot wait for. Every key is given out at most once.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "joinery_token.h"

#define POOL_KEYS	4096
#define POOL_LOW	(POOL_KEYS - POOL_KEYS / 8) /* below this the thread wakes */
#define BATCH_KEYS	64			    /* candidates between two chances to stop */
#define LIVE_LIMIT_PART 8			    /* protocol.md: 2^(32-r-s)/8 live tokens */

/* What the thread fills and the sampler takes from. The sampler runs in softirqs. */
static struct {
	raw_spinlock_t lock;
	unsigned int count;
	u8 generation_bits;
	bool has_scheme;
	u64 keys[POOL_KEYS];
} pool = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(pool.lock),
	.generation_bits = DEFAULT_GENERATION_BITS,
};

/* The active scheme, for the thread and the device. Taken before pool.lock. */
static DEFINE_MUTEX(scheme_lock);
static struct scheme active;

static DECLARE_WAIT_QUEUE_HEAD(low_on_keys);
static struct task_struct *filler;
static u64 candidates[BATCH_KEYS]; /* the thread's own */

static bool wants_keys(unsigned int level)
{
	return READ_ONCE(pool.has_scheme) && READ_ONCE(pool.count) < level;
}

static void put(u64 key)
{
	unsigned long flags;
	bool added;

	raw_spin_lock_irqsave(&pool.lock, flags);
	added = pool.count < POOL_KEYS;
	if (added)
		pool.keys[pool.count++] = key;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
	if (added)
		COUNT(keys_filled);
}

static void fill_batch(void)
{
	unsigned int i;

	mutex_lock(&scheme_lock);
	if (wants_keys(POOL_KEYS)) {
		get_random_bytes(candidates, sizeof(candidates));
		for (i = 0; i < BATCH_KEYS; i++)
			if (candidates[i] && joinery_key_names(&active, candidates[i]))
				put(candidates[i]);
		memzero_explicit(candidates, sizeof(candidates));
		COUNT_ADD(tries, BATCH_KEYS);
	}
	mutex_unlock(&scheme_lock);
}

static int fill(void *unused)
{
	while (!kthread_should_stop()) {
		wait_event_idle(low_on_keys, kthread_should_stop() || wants_keys(POOL_LOW));
		while (!kthread_should_stop() && wants_keys(POOL_KEYS)) {
			fill_batch();
			cond_resched();
		}
	}
	return 0;
}

/* Destroys the keys and says what the next ones are for. The caller holds scheme_lock. */
static void flush(bool has_scheme, u8 generation_bits)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&pool.lock, flags);
	COUNT_ADD(keys_flushed, pool.count);
	pool.count = 0;
	memzero_explicit(pool.keys, sizeof(pool.keys));
	pool.has_scheme = has_scheme;
	pool.generation_bits = generation_bits;
	raw_spin_unlock_irqrestore(&pool.lock, flags);
}

int joinery_pool_set_scheme(const struct joinery_token_scheme *from)
{
	struct scheme next;
	int err = joinery_scheme_init(&next, from);

	if (!err) {
		mutex_lock(&scheme_lock);
		err = joinery_told_admit(from);
		if (!err) {
			active = next;
			flush(true, next.generation.generation_bits);
		}
		mutex_unlock(&scheme_lock);
	}
	if (!err) {
		wake_up(&low_on_keys);
		/* SYNs that took an old key have been answered when their softirqs are over. */
		synchronize_rcu();
		COUNT(schemes_set);
	}
	memzero_explicit(&next, sizeof(next));
	return err;
}

void joinery_pool_clear_scheme(void)
{
	mutex_lock(&scheme_lock);
	flush(false, DEFAULT_GENERATION_BITS);
	memzero_explicit(&active, sizeof(active));
	mutex_unlock(&scheme_lock);
	synchronize_rcu();
	COUNT(schemes_cleared);
}

/* The key to answer a SYN with; *reserved says that its token names no backend. 0: none. */
u64 joinery_pool_take(bool *reserved)
{
	unsigned int left = 0;
	unsigned long flags;
	u8 generation_bits;
	bool has_scheme;
	u64 key = 0;

	raw_spin_lock_irqsave(&pool.lock, flags);
	has_scheme = pool.has_scheme;
	generation_bits = pool.generation_bits;
	if (pool.count) {
		left = --pool.count;
		key = pool.keys[left];
		pool.keys[left] = 0;
	}
	raw_spin_unlock_irqrestore(&pool.lock, flags);

	if (has_scheme && left < POOL_LOW && wq_has_sleeper(&low_on_keys))
		wake_up(&low_on_keys);
	*reserved = !key;
	if (key)
		return key;
	if (has_scheme)
		COUNT(reserved_no_keys);
	else
		COUNT(reserved_no_scheme);
	return joinery_reserved_key(generation_bits);
}

void joinery_pool_show(struct seq_file *out)
{
	const struct joinery_token_generation *g = &active.generation;

	mutex_lock(&scheme_lock);
	seq_printf(out, "scheme %s\n", pool.has_scheme ? "set" : "none");
	if (pool.has_scheme) {
		seq_printf(out, "algorithm %s\n",
			   g->algorithm == JOINERY_TOKEN_FF1 ? "ff1" : "plain");
		seq_printf(out, "generation_bits %u\nid_bits %u\n", g->generation_bits, g->id_bits);
		seq_printf(out, "pool %u\nbackend %u\n", active.pool, active.backend);
		seq_printf(out, "codepoint %u\nserial %llu\n", g->codepoint, active.serial);
		seq_printf(out, "live_tokens_limit %u\n",
			   (1U << joinery_token_nonce_bits(g)) / LIVE_LIMIT_PART);
	}
	mutex_unlock(&scheme_lock);
	seq_printf(out, "keys %u\nkeys_max %u\n", READ_ONCE(pool.count), POOL_KEYS);
}

int joinery_pool_start(void)
{
	filler = kthread_run(fill, NULL, "joinery_token");
	return PTR_ERR_OR_ZERO(filler);
}

void joinery_pool_stop(void)
{
	kthread_stop(filler);
	mutex_lock(&scheme_lock);
	flush(false, DEFAULT_GENERATION_BITS);
	memzero_explicit(&active, sizeof(active));
	mutex_unlock(&scheme_lock);
}
