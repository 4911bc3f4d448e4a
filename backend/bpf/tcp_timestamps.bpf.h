/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * Finds the timestamps option of a TCP header (RFC 7323 section 3.2) in a tc program, the way Linux
 * reads options: end-of-list and the first malformed option end the walk, an option of kind 8 with
 * another length is none. Of two the first counts.
 *
 * The walk is a bpf_loop: unrolled, it has more paths than the verifier follows. What it works on
 * lies in a per-CPU map and not on the stack, because kernels before 6.7 verify a callback as if it
 * ran once, and would take what it leaves on the stack for constants.
 */
#ifndef JOINERY_BACKEND_BPF_TCP_TIMESTAMPS_BPF_H_
#define JOINERY_BACKEND_BPF_TCP_TIMESTAMPS_BPF_H_

#define JOINERY_TCP_HEADER 20
#define JOINERY_TCP_MAX_OPTIONS 40
#define JOINERY_TCP_EOL 0
#define JOINERY_TCP_NOP 1
#define JOINERY_TCP_TIMESTAMPS 8
#define JOINERY_TCP_TIMESTAMPS_LENGTH 10
#define JOINERY_TCP_NOP_NOP_TIMESTAMPS 0x0101080a /* as nearly all of them begin */

enum { JOINERY_TCP_NO_TIMESTAMPS = 0, JOINERY_TCP_BAD_OPTIONS = -1, JOINERY_TCP_UNREADABLE = -2 };

struct joinery_walk {
  uint32_t at;       /* next option */
  uint32_t length;   /* of all options */
  int32_t found;     /* offset of the option's kind, or one of the three above; from the list on */
  uint8_t bytes[64]; /* a power of two, not less than JOINERY_TCP_MAX_OPTIONS */
};

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, 1);
  __type(key, uint32_t);
  __type(value, struct joinery_walk);
} joinery_walks SEC(".maps");

/* One option; returns 1 at the end of the walk. */
static long joinery_walk_step(uint32_t step, void* context) {
  struct joinery_walk* w = *(struct joinery_walk**)context;
  const uint32_t at = w->at;

  if (at >= w->length || at >= JOINERY_TCP_MAX_OPTIONS) return 1;
  const uint8_t kind = w->bytes[at];
  if (kind == JOINERY_TCP_EOL) return 1;
  if (kind == JOINERY_TCP_NOP) {
    w->at = at + 1;
    return 0;
  }
  w->found = JOINERY_TCP_BAD_OPTIONS;
  if (at + 1 >= w->length || at + 1 >= JOINERY_TCP_MAX_OPTIONS) return 1;
  const uint32_t length = w->bytes[at + 1];
  if (length < 2 || at + length > w->length) return 1;
  w->found = JOINERY_TCP_NO_TIMESTAMPS;
  if (kind == JOINERY_TCP_TIMESTAMPS && length == JOINERY_TCP_TIMESTAMPS_LENGTH) {
    w->found = (int32_t)at + 2;
    return 1;
  }
  w->at = at + length;
  return 0;
}

/* Offset from the first option to TSval, which is above 0, or one of the enumerators. options:
 * where they begin in the packet; length: 1..JOINERY_TCP_MAX_OPTIONS. Packet pointers are void
 * after it. */
static __always_inline int joinery_find_timestamps(struct __sk_buff* skb, uint32_t options,
                                                   uint32_t length) {
  const uint32_t zero = 0;
  struct joinery_walk* w = bpf_map_lookup_elem(&joinery_walks, &zero);

  if (!w) return JOINERY_TCP_UNREADABLE;
  /* Changes nothing, and shows verifiers before 6.8 that the length is 1 to 64. The barrier keeps
   * the compiler, which knows that, from leaving it out. */
  asm volatile("" : "+r"(length));
  length = ((length - 1) & (sizeof(w->bytes) - 1)) + 1;
  if (bpf_skb_load_bytes(skb, options, w->bytes, length) != 0) return JOINERY_TCP_UNREADABLE;
  w->at = 0;
  w->length = length;
  w->found = JOINERY_TCP_NO_TIMESTAMPS;
  bpf_loop(JOINERY_TCP_MAX_OPTIONS, joinery_walk_step, &w, 0);
  return w->found;
}

#endif /* JOINERY_BACKEND_BPF_TCP_TIMESTAMPS_BPF_H_ */
