// SPDX-License-Identifier: GPL-2.0-only
/* /dev/joinery_token: the scheme in, state and counters out. joinery_token_abi.h says how. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "joinery_token.h"

atomic64_t joinery_counters[COUNTERS];

static const char *const counter_names[COUNTERS] = {
#define X(name) #name,
	JOINERY_COUNTERS(X)
#undef X
};

/* The first rule that a write breaks, or NULL. */
static const char *broken_rule(const struct joinery_token_scheme *s)
{
	const size_t after_command = sizeof(*s) - offsetof(typeof(*s), pool);

	if (s->magic != JOINERY_TOKEN_MAGIC)
		return "magic is wrong";
	if (s->schema != JOINERY_TOKEN_SCHEMA)
		return "schema is not 1";
	if (s->command == JOINERY_TOKEN_CLEAR && memchr_inv(&s->pool, 0, after_command))
		return "clear with a field that is not zero";
	if (s->command == JOINERY_TOKEN_CLEAR)
		return NULL;
	if (s->command != JOINERY_TOKEN_SET)
		return "command is neither clear (0) nor set (1)";
	if (s->algorithm != JOINERY_TOKEN_PLAIN && s->algorithm != JOINERY_TOKEN_FF1)
		return "algorithm is neither plain (0) nor ff1 (1)";
	if (s->generation_bits < 2 || s->generation_bits > 3)
		return "generation_bits is not 2 or 3";
	if (s->id_bits < 1 || s->id_bits > JOINERY_TOKEN_MAX_BITS - s->generation_bits)
		return "id_bits is not 1..12 - generation_bits";
	if (s->codepoint >= joinery_token_reserved(s->generation_bits))
		return "codepoint is reserved or too large";
	if (s->backend >> s->id_bits)
		return "backend does not fit into id_bits";
	if (memchr_inv(s->reserved, 0, sizeof(s->reserved)))
		return "a reserved byte is not zero";
	if (s->algorithm == JOINERY_TOKEN_PLAIN && memchr_inv(s->key, 0, sizeof(s->key)))
		return "plain uses no key";
	return NULL;
}

static ssize_t device_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	struct joinery_token_scheme scheme;
	const char *broken = NULL;
	int err = -EINVAL;

	if (size != sizeof(scheme))
		broken = "size is not the struct's";
	else if (copy_from_user(&scheme, from, sizeof(scheme)))
		return -EFAULT;
	else
		broken = broken_rule(&scheme);
	if (broken) {
		pr_warn_ratelimited("write refused: %s\n", broken);
	} else if (scheme.command == JOINERY_TOKEN_SET) {
		err = joinery_pool_set_scheme(&scheme);
	} else {
		joinery_pool_clear_scheme();
		err = 0;
	}
	memzero_explicit(&scheme, sizeof(scheme));
	if (!err)
		return size;
	COUNT(writes_refused);
	return err;
}

static int device_show(struct seq_file *out, void *unused)
{
	int i;

	seq_printf(out, "schema %u\n", JOINERY_TOKEN_SCHEMA);
	seq_printf(out, "incarnation %llu\n", joinery_incarnation);
	joinery_pool_show(out);
	joinery_sampler_show(out);
	for (i = 0; i < COUNTERS; i++)
		seq_printf(out, "%s %lld\n", counter_names[i], atomic64_read(&joinery_counters[i]));
	return 0;
}

static int device_open(struct inode *inode, struct file *file)
{
	if (!capable(CAP_NET_ADMIN))
		return -EPERM;
	file->private_data = NULL; /* misc_open() leaves the device there; seq_file wants none */
	return single_open(file, device_show, NULL);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = device_open,
	.read = seq_read,
	.write = device_write,
	.llseek = seq_lseek,
	.release = single_release,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = JOINERY_TOKEN_DEVICE,
	.mode = 0600,
	.fops = &operations,
};

int joinery_device_start(void)
{
	return misc_register(&device);
}

void joinery_device_stop(void)
{
	misc_deregister(&device);
}
