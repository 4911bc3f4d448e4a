/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The tc programs for a benchmark: the kernel repeats a test run over what the run before has left,
 * so each begins by putting the timestamps back. `restored` does only that: what has to be taken
 * off.
 */
#include "backend/bpf/cookie.bpf.c"

#define RESTORED_TSVAL 0x12345678
#define RESTORED_TSECR 0x9abcce70 /* names the epoch of farm.h: serial 9, 11 bits of code */

INLINE void restore(struct __sk_buff* skb) {
  const uint32_t ip =
      skb->protocol == bpf_htons(ETH_P_IPV6) ? sizeof(struct ipv6hdr) : sizeof(struct iphdr);
  uint32_t* values = (uint32_t*)bytes_at(skb, ETH_HLEN + ip + JOINERY_TCP_HEADER + 4, 8);

  if (!values) return;
  values[0] = bpf_htonl(RESTORED_TSVAL);
  values[1] = bpf_htonl(RESTORED_TSECR);
}

SEC("tc")
int restored(struct __sk_buff* skb) {
  restore(skb);
  return TC_ACT_UNSPEC;
}

SEC("tc")
int repeatable_out(struct __sk_buff* skb) {
  restore(skb);
  return run(skb, (struct side){.link = ETH_HLEN, .egress = true});
}

SEC("tc")
int repeatable_in(struct __sk_buff* skb) {
  restore(skb);
  return run(skb, (struct side){.link = ETH_HLEN, .egress = false});
}
