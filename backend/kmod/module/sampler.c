// SPDX-License-Identifier: GPL-2.0-only
/*
 * Puts a key of the pool into the answer to a SYN with MP_CAPABLE.
 *
 * One probe, where the kernel hashes a key: mptcp_crypto_key_sha(key, &token, &idsn). Three ways
 * lead there with the token of a request:
 *
 *   subflow_check_req -> mptcp_token_new_request   a SYN: the key was just drawn, is replaced
 *   subflow_check_req                              a SYN answered by a SYN cookie: replaced
 *   mptcp_subflow_init_cookie_req
 *                     -> mptcp_token_new_request   the ACK that brings a SYN cookie and with it
 *                                                  the key back: must not be touched
 *
 * In each the structures are checked before anything is written: wrong offsets change nothing.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kallsyms.h>
#include <linux/kprobes.h>
#include <linux/moduleparam.h>
#include <linux/ptrace.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/inet_sock.h>
#include <net/request_sock.h>

#include "joinery_token.h"

#ifndef CONFIG_X86_64
#error "the sampler changes a function's first argument: written for x86-64's registers only"
#endif

/* Far above what the structure could become; keeps a wrong offset in reach of the object's page. */
#define OFFSET_LIMIT 1024

static unsigned int key_offset;
module_param(key_offset, uint, 0444);
MODULE_PARM_DESC(key_offset, "of mptcp_subflow_request_sock.local_key, in bytes");
static unsigned int token_offset;
module_param(token_offset, uint, 0444);
MODULE_PARM_DESC(token_offset, "of mptcp_subflow_request_sock.token, in bytes");
static unsigned int idsn_offset;
module_param(idsn_offset, uint, 0444);
MODULE_PARM_DESC(idsn_offset, "of mptcp_subflow_request_sock.idsn, in bytes");
static unsigned int join_bit;
module_param(join_bit, uint, 0444);
MODULE_PARM_DESC(join_bit, "of mptcp_subflow_request_sock.allow_join_id0, in bits");

/* A function's code, to tell callers apart. */
struct code {
	const char *name;
	unsigned long start;
	unsigned long size;
};

static struct code check_req = {.name = "subflow_check_req"};
static struct code new_request = {.name = "mptcp_token_new_request"};

static bool within(const struct code *code, unsigned long address)
{
	return address - code->start < code->size;
}

enum origin {
	ORIGIN_SYN,
	ORIGIN_SYN_COOKIE,
	ORIGIN_COOKIE_ACK,
	ORIGIN_UNKNOWN,
};

/*
 * tcp_conn_request() attaches the listener unless it wants a cookie, and notes which. A request
 * made for a cookie's ACK has no listener, and its `syncookie` is not set to anything: only the
 * caller tells these two apart. A return probe or the graph tracer on this function hides it.
 */
static enum origin origin_of(const struct request_sock *req, unsigned long caller)
{
	if (req->rsk_listener)
		return ORIGIN_SYN;
	if (within(&new_request, caller))
		return ORIGIN_COOKIE_ACK;
	if (within(&check_req, caller) && req->syncookie)
		return ORIGIN_SYN_COOKIE;
	return ORIGIN_UNKNOWN;
}

/* The C flag: the client is not to join this address again, as the token would not lead here. */
static void deny_join(struct request_sock *req)
{
	u8 *flags = (u8 *)req + join_bit / 8;

	*flags &= ~(1U << join_bit % 8);
}

static void replace_key(struct request_sock *req, enum origin origin, struct pt_regs *regs)
{
	bool reserved;
	u64 key = joinery_pool_take(&reserved);

	if (reserved)
		deny_join(req);
	else if (origin == ORIGIN_SYN)
		COUNT(used_syn);
	else
		COUNT(used_syn_cookie);
	if (!key)
		return;
	*(u64 *)((u8 *)req + key_offset) = key;
	regs->di = key;
}

static int sample(struct kprobe *probe, struct pt_regs *regs)
{
	const u64 key = regs_get_kernel_argument(regs, 0);
	const unsigned long token = regs_get_kernel_argument(regs, 1);
	const unsigned long idsn = regs_get_kernel_argument(regs, 2);
	struct request_sock *req;
	enum origin origin;

	/* A peer's key, or the key of a connection that this host opens: another structure. */
	if (!token || idsn - token != (unsigned long)idsn_offset - token_offset)
		return 0;
	req = (struct request_sock *)(token - token_offset);
	if (*(u64 *)((u8 *)req + key_offset) != key ||
	    inet_rsk(req)->ireq_state != TCP_NEW_SYN_RECV || !tcp_rsk(req)->is_mptcp) {
		COUNT(layout_mismatch);
		return 0;
	}
	origin = origin_of(req, regs_get_kernel_stack_nth(regs, 0));
	if (origin == ORIGIN_COOKIE_ACK)
		COUNT(cookie_ack_skipped);
	else if (origin == ORIGIN_UNKNOWN)
		COUNT(unknown_caller);
	else
		replace_key(req, origin, regs);
	return 0;
}
NOKPROBE_SYMBOL(sample);

static struct kprobe hash_probe = {
	.symbol_name = "mptcp_crypto_key_sha",
	.pre_handler = sample,
};

/* A probe that is removed at once gives the address, the symbol's text the extent. */
static int find_code(struct code *code)
{
	struct kprobe finder = {.symbol_name = code->name};
	char text[KSYM_SYMBOL_LEN];
	unsigned long offset;
	const char *numbers;
	int err = register_kprobe(&finder);

	if (err)
		goto missing;
	unregister_kprobe(&finder);
	sprint_symbol(text, (unsigned long)finder.addr);
	numbers = strchr(text, '+');
	if (!numbers || sscanf(numbers, "+0x%lx/0x%lx", &offset, &code->size) != 2 || !code->size) {
		err = -ENOENT;
		goto missing;
	}
	code->start = (unsigned long)finder.addr - offset;
	return 0;
missing:
	pr_err("refused: no probe at %s (error %d); not the kernel this module is for\n",
	       code->name, err);
	return err;
}

static bool is_offset(const char *name, unsigned int offset, unsigned int align)
{
	if (offset >= sizeof(struct tcp_request_sock) && offset < OFFSET_LIMIT &&
	    offset % align == 0)
		return true;
	pr_err("refused: %s=%u; joinery-kmod reads it from the kernel's BTF: a multiple of %u, %zu..%u\n",
	       name, offset, align, sizeof(struct tcp_request_sock), OFFSET_LIMIT - 1);
	return false;
}

int joinery_sampler_start(void)
{
	int err;

	if (!is_offset("key_offset", key_offset, sizeof(u64)) ||
	    !is_offset("idsn_offset", idsn_offset, sizeof(u64)) ||
	    !is_offset("token_offset", token_offset, sizeof(u32)) ||
	    !is_offset("join_bit/8", join_bit / 8, 1))
		return -EINVAL;
	if (key_offset == idsn_offset || key_offset == token_offset ||
	    idsn_offset == token_offset) {
		pr_err("refused: two offsets are equal\n");
		return -EINVAL;
	}
	err = find_code(&check_req) ?: find_code(&new_request);
	if (err)
		return err;
	err = register_kprobe(&hash_probe);
	if (err)
		pr_err("refused: no probe at %s (error %d)\n", hash_probe.symbol_name, err);
	return err;
}

/* Requests that kept the kernel's key since another probe's handler was running on that CPU. */
void joinery_sampler_show(struct seq_file *out)
{
	seq_printf(out, "probe_missed %lu\n", hash_probe.nmissed);
}

/* Returns when no SYN is in sample() any more. */
void joinery_sampler_stop(void)
{
	unregister_kprobe(&hash_probe);
}
