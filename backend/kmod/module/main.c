// SPDX-License-Identifier: GPL-2.0-only
/* Load and unload. joinery_token.h says what the module does. */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/random.h>

#include "joinery_token.h"

static bool selftest;
module_param(selftest, bool, 0444);
MODULE_PARM_DESC(selftest, "run the shared vectors first; refuse to load when one fails");

u64 joinery_incarnation;

static int __init joinery_token_load(void)
{
	int err = selftest ? joinery_selftest() : 0;

	if (err)
		return err;
	while (!joinery_incarnation)
		joinery_incarnation = get_random_u64();
	err = joinery_pool_start();
	if (err)
		return err;
	err = joinery_sampler_start();
	if (err)
		goto stop_pool;
	err = joinery_device_start();
	if (err)
		goto stop_sampler;
	return 0;

stop_sampler:
	joinery_sampler_stop();
stop_pool:
	joinery_pool_stop();
	return err;
}

/* No new scheme, then no new key given out, then no keys. */
static void __exit joinery_token_unload(void)
{
	joinery_device_stop();
	joinery_sampler_stop();
	joinery_pool_stop();
}

module_init(joinery_token_load);
module_exit(joinery_token_unload);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("MPTCP server keys whose tokens carry the backend's ID");
