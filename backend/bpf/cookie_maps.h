/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * What the tc programs of the timestamp cookie share with who loads them: the layout of the maps,
 * their limits, and the list of counters. Plain C for both sides (docs/cookie-format.md for the
 * cookie itself).
 *
 * Addresses and ports in keys are in network order, everything else in host order. A change of any
 * layout here needs a new JOINERY_BPF_LAYOUT: pinned maps outlive the program that made them.
 */
#ifndef JOINERY_BACKEND_BPF_COOKIE_MAPS_H_
#define JOINERY_BACKEND_BPF_COOKIE_MAPS_H_

#include <stdint.h>

#include "tokenmap/c/timestamp_cookie.h"

#define JOINERY_BPF_LAYOUT "v1" /* the folder of the pinned maps */

#define JOINERY_BPF_MAX_VIPS 1024 /* addresses of each family */
#define JOINERY_BPF_MAX_POOLS 64  /* slots */
#define JOINERY_BPF_MAX_RANGES 16 /* of one VIP address */
#define JOINERY_BPF_RESIDUES (1U << JOINERY_COOKIE_EPOCH_BITS)
#define JOINERY_BPF_NOT_WRITING JOINERY_BPF_RESIDUES

/* Ports first..last (host order) of a VIP belong to the pool in this slot. last 0: no range. */
struct joinery_bpf_range {
  uint16_t first;
  uint16_t last;
  uint32_t pool; /* below JOINERY_BPF_MAX_POOLS */
};

/* One VIP address. The first range without a last port ends the list. */
struct joinery_bpf_vip {
  struct joinery_bpf_range ranges[JOINERY_BPF_MAX_RANGES];
};

/* One pool that this host is a backend of. An epoch is written whole before `writing` names it, so
 * no packet ever meets half a key. While `writing` names none, or one that has no serial, the
 * pool's packets pass as they are, in both directions. */
struct joinery_bpf_pool {
  struct joinery_cookie_epoch live[JOINERY_BPF_RESIDUES]; /* by residue; serial 0: none */
  uint32_t id;                                            /* of this backend */
  uint32_t writing; /* residue of the epoch to encode with, or JOINERY_BPF_NOT_WRITING */
  uint64_t owner;   /* for the loader: the pool's number plus 1; 0: the slot is free */
};

/* X(enumerator, name, what): one for each way a packet of a VIP can go. */
#define JOINERY_BPF_COUNTERS(X)                                                         \
  X(WRITTEN, "egress_written", "segments whose TSval got the cookie")                   \
  X(WRITTEN_SYNACK, "egress_written_synack", "SYN/ACKs whose TSval got the cookie")     \
  X(EGRESS_PLAIN, "egress_no_timestamps", "segments without timestamps")                \
  X(EGRESS_BAD, "egress_bad_options", "segments whose TCP options are malformed")       \
  X(EGRESS_IDLE, "egress_no_epoch", "segments of a pool that has no epoch to write")    \
  X(EGRESS_FAILED, "egress_failed", "segments that the kernel did not let us change")   \
  X(CLEARED, "ingress_cleared", "segments for a socket: TSecr set to 0")                \
  X(RETURNED, "ingress_returned", "segments for a listener: TSecr with SYN bits")       \
  X(FOREIGN, "ingress_foreign", "segments for a listener, of no live epoch: untouched") \
  X(INGRESS_PLAIN, "ingress_no_timestamps", "segments without timestamps or echo")      \
  X(INGRESS_BAD, "ingress_bad_options", "segments whose TCP options are malformed")     \
  X(INGRESS_IDLE, "ingress_no_epoch", "segments of a pool that has no epoch to write")  \
  X(INGRESS_FAILED, "ingress_failed", "segments that the kernel did not let us change")

/* NOLINTBEGIN(readability-identifier-naming): a name of C, which a BPF program shares */
enum joinery_bpf_counter {
#define JOINERY_BPF_ENUMERATOR(enumerator, name, what) JOINERY_BPF_##enumerator,
  JOINERY_BPF_COUNTERS(JOINERY_BPF_ENUMERATOR)
#undef JOINERY_BPF_ENUMERATOR
      JOINERY_BPF_COUNTERS_END
};
/* NOLINTEND(readability-identifier-naming) */

#endif /* JOINERY_BACKEND_BPF_COOKIE_MAPS_H_ */
