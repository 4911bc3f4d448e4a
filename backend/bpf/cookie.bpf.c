/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * The tc programs (clsact, direct action) of the timestamp cookie: egress writes it into TSval,
 * ingress takes it out of TSecr. docs/cookie-format.md is the contract, README.md the way of a
 * packet. They keep no state of a flow. What is no segment of a VIP passes untouched, and so does
 * what cannot be read. They drop nothing; the kernel does when it has no memory to make a packet
 * writable for them.
 *
 * Reading list: RFC 7323 (timestamps), RFC 1624 (incremental checksums), docs/protocol.md
 * section 5.
 */
/* clang-format off */
#include <linux/bpf.h> /* first: libbpf's headers take its types for granted */
/* clang-format on */

#include <stdbool.h>
#include <stdint.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>

#include "backend/bpf/cookie_maps.h"
#include "backend/bpf/tcp_timestamps.bpf.h"

char joinery_license[] SEC("license") = "GPL"; /* of the two above */

#define INLINE static __always_inline

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, JOINERY_BPF_MAX_VIPS);
  __type(key, uint32_t);
  __type(value, struct joinery_bpf_vip);
} joinery_vips4 SEC(".maps");

struct address6 {
  uint64_t half[2];
};

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, JOINERY_BPF_MAX_VIPS);
  __type(key, struct address6);
  __type(value, struct joinery_bpf_vip);
} joinery_vips6 SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_ARRAY);
  __uint(max_entries, JOINERY_BPF_MAX_POOLS);
  __type(key, uint32_t);
  __type(value, struct joinery_bpf_pool);
} joinery_pools SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, JOINERY_BPF_COUNTERS_END);
  __type(key, uint32_t);
  __type(value, uint64_t);
} joinery_counts SEC(".maps");

INLINE void count(uint32_t counter) {
  uint64_t* value = bpf_map_lookup_elem(&joinery_counts, &counter);

  if (value) ++*value; /* of this CPU alone */
}

/* What the four programs differ in; all of it is known when they are compiled. */
struct side {
  uint32_t link; /* bytes before the IP header: of an Ethernet header, or none on tunnel devices */
  bool egress;
};

/* A TCP segment of a VIP. */
struct segment {
  struct address6 client, vip; /* IPv4: the first word of either */
  uint32_t ports;              /* client's, then VIP's, as they lie in the packet */
  uint32_t tcp;                /* offset of the TCP header */
  uint32_t doff;               /* its length in bytes */
  uint32_t at;                 /* offset of the value to change */
  uint32_t old;                /* that value, as it lies in the packet */
  bool v6, syn, ack;
};

/* Whether `length` bytes are there to be read; drivers may leave all of a packet in fragments. */
INLINE bool reach(struct __sk_buff* skb, uint32_t length) {
  if (skb->data_end - skb->data >= length) return true;
  if (skb->len < length) return false;
  return bpf_skb_pull_data(skb, length) == 0;
}

/* `length` bytes of the packet from `offset` on, below 256, or NULL. The barriers are for the
 * verifier, which must see that the offset is small, and that each access goes by the pointer that
 * was checked; the compiler knows the one and would compute the other anew. */
INLINE void* bytes_at(struct __sk_buff* skb, uint32_t offset, uint32_t length) {
  asm volatile("" : "+r"(offset));
  void* bytes = (void*)(long)skb->data + (offset & 255);

  asm volatile("" : "+r"(bytes));
  return bytes + length <= (void*)(long)skb->data_end ? bytes : NULL;
}

INLINE struct joinery_bpf_pool* pool_of(const struct joinery_bpf_vip* vip, uint16_t port) {
#pragma unroll
  for (int i = 0; i < JOINERY_BPF_MAX_RANGES; ++i) {
    const struct joinery_bpf_range* range = &vip->ranges[i];
    if (range->last == 0) return NULL;
    if (port >= range->first && port <= range->last) {
      uint32_t slot = range->pool;
      return bpf_map_lookup_elem(&joinery_pools, &slot);
    }
  }
  return NULL;
}

/* The ports and flags of the TCP header at s->tcp, and whether it is one of a VIP's in `vip`. */
INLINE struct joinery_bpf_pool* read_tcp(struct side side, struct segment* s,
                                         const struct tcphdr* tcp,
                                         const struct joinery_bpf_vip* vip) {
  const uint32_t ports = *(const uint32_t*)tcp;

  s->ports = side.egress ? ports >> 16 | ports << 16 : ports;
  s->doff = tcp->doff * 4U;
  s->syn = tcp->syn;
  s->ack = tcp->ack;
  return pool_of(vip, bpf_ntohs(s->ports >> 16));
}

INLINE struct joinery_bpf_pool* read4(struct __sk_buff* skb, struct side side, struct segment* s) {
  const uint32_t shortest = sizeof(struct iphdr) + JOINERY_TCP_HEADER;

  if (!reach(skb, side.link + shortest)) return NULL;
  const struct iphdr* ip = bytes_at(skb, side.link, sizeof(*ip));
  if (!ip) return NULL;
  if (ip->protocol != IPPROTO_TCP || ip->version != 4 || ip->ihl < 5) return NULL;
  if (ip->frag_off & bpf_htons(0x1fff)) return NULL; /* the first fragment has the TCP header */
  const uint32_t vip_address = side.egress ? ip->saddr : ip->daddr;
  const struct joinery_bpf_vip* vip = bpf_map_lookup_elem(&joinery_vips4, &vip_address);
  if (!vip) return NULL;
  s->vip.half[0] = vip_address;
  s->client.half[0] = side.egress ? ip->daddr : ip->saddr;
  s->tcp = side.link + ip->ihl * 4U;
  if (!reach(skb, s->tcp + JOINERY_TCP_HEADER)) return NULL;
  const struct tcphdr* tcp = bytes_at(skb, s->tcp, JOINERY_TCP_HEADER);
  return tcp ? read_tcp(side, s, tcp, vip) : NULL;
}

INLINE struct joinery_bpf_pool* read6(struct __sk_buff* skb, struct side side, struct segment* s) {
  s->tcp = side.link + sizeof(struct ipv6hdr);
  if (!reach(skb, s->tcp + JOINERY_TCP_HEADER)) return NULL;
  const struct ipv6hdr* ip = bytes_at(skb, side.link, sizeof(*ip) + JOINERY_TCP_HEADER);
  if (!ip) return NULL;
  if (ip->nexthdr != IPPROTO_TCP || ip->version != 6) return NULL;
  const struct address6* source = (const void*)&ip->saddr;
  const struct address6* destination = (const void*)&ip->daddr;
  s->vip = side.egress ? *source : *destination;
  s->client = side.egress ? *destination : *source;
  const struct joinery_bpf_vip* vip = bpf_map_lookup_elem(&joinery_vips6, &s->vip);
  if (!vip) return NULL;
  return read_tcp(side, s, (const void*)(ip + 1), vip);
}

/* Fills in `at` and `old`: of TSval on egress, of TSecr on ingress. Returns 1, or one of the
 * enumerators of tcp_timestamps.bpf.h. */
INLINE int read_timestamps(struct __sk_buff* skb, struct side side, struct segment* s) {
  const uint32_t usual = JOINERY_TCP_HEADER + 2 + JOINERY_TCP_TIMESTAMPS_LENGTH;
  const uint32_t value = side.egress ? 0 : 4; /* of the two, in bytes from TSval on */

  if (s->doff <= JOINERY_TCP_HEADER) return JOINERY_TCP_NO_TIMESTAMPS;
  if (!reach(skb, s->tcp + s->doff)) return JOINERY_TCP_UNREADABLE;
  const void* tcp = bytes_at(skb, s->tcp, usual);
  if (tcp && s->doff >= usual &&
      *(const uint32_t*)(tcp + JOINERY_TCP_HEADER) == bpf_htonl(JOINERY_TCP_NOP_NOP_TIMESTAMPS)) {
    s->at = s->tcp + usual - 8 + value;
    s->old = *(const uint32_t*)(tcp + usual - 8 + value);
    return 1;
  }
  const int found =
      joinery_find_timestamps(skb, s->tcp + JOINERY_TCP_HEADER, s->doff - JOINERY_TCP_HEADER);
  if (found <= 0) return found;
  s->at = s->tcp + JOINERY_TCP_HEADER + (uint32_t)found + value;
  if (bpf_skb_load_bytes(skb, s->at, &s->old, sizeof(s->old)) != 0) return JOINERY_TCP_UNREADABLE;
  return 1;
}

/* Bytes at an odd offset are the other halves of their 16-bit words. */
INLINE uint32_t as_summed(uint32_t bytes, bool odd) {
  return odd ? bytes << 8 | bytes >> 24 : bytes;
}

/* RFC 1624, equation 3, for four bytes; in whatever byte order all three are. */
INLINE uint16_t checksum_after(uint16_t check, uint32_t old, uint32_t fresh) {
  uint64_t sum = (uint64_t)(uint16_t)~check + (uint32_t)~old + fresh;

  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return (uint16_t) ~(sum + (sum >> 16));
}

/* Of the kernel's struct, the one member we ask for (CO-RE: found by its name). */
struct sk_buff___joinery {
  unsigned char ip_summed : 2;
} __attribute__((preserve_access_index));

extern void* bpf_cast_to_kern_ctx(void* context) __ksym __weak;
const volatile uint32_t joinery_kernel_context = 0; /* 1, by the loader: there is the above */

#define CHECKSUM_PARTIAL 3 /* include/linux/skbuff.h */

/* Brings the TCP checksum up to date. One that is yet to be made (CHECKSUM_PARTIAL; all of GSO)
 * will cover what was written anyway, and one that a device has summed up (CHECKSUM_COMPLETE) stays
 * right because value and checksum change against each other. Kernels before 6.2 tell only their
 * helper which it is, at a third of the whole cost. */
INLINE bool write_checksum(struct __sk_buff* skb, const struct segment* s, uint32_t fresh) {
  const bool odd = (s->at - s->tcp) & 1;
  const uint32_t before = as_summed(s->old, odd), after = as_summed(fresh, odd);
  const uint32_t at = s->tcp + __builtin_offsetof(struct tcphdr, check);

  if (!joinery_kernel_context) return bpf_l4_csum_replace(skb, at, before, after, 4) == 0;
  const struct sk_buff___joinery* kernel = bpf_cast_to_kern_ctx(skb);
  if (BPF_CORE_READ_BITFIELD(kernel, ip_summed) == CHECKSUM_PARTIAL) return true;
  uint16_t* check = bytes_at(skb, at, sizeof(*check));
  if (!check) return false;
  *check = checksum_after(*check, before, after);
  return true;
}

/* Writes `fresh` (as it will lie in the packet) over s->old; read_timestamps has pulled it in. */
INLINE bool write_value(struct __sk_buff* skb, const struct segment* s, uint32_t fresh) {
  uint32_t* value = bytes_at(skb, s->at, sizeof(*value));

  if (!value) return false;
  *value = fresh;
  return write_checksum(skb, s, fresh);
}

INLINE uint64_t hash_of(const struct joinery_cookie_epoch* epoch, const struct segment* s) {
  if (!s->v6) {
    return joinery_cookie_hash4(epoch, (uint32_t)s->client.half[0], (uint32_t)s->vip.half[0],
                                s->ports);
  }
  return joinery_cookie_hash6(epoch, s->client.half[0], s->client.half[1], s->vip.half[0],
                              s->vip.half[1], s->ports);
}

INLINE const struct joinery_cookie_epoch* epoch_at(const struct joinery_bpf_pool* pool,
                                                   uint32_t residue) {
  if (residue >= JOINERY_BPF_RESIDUES) return NULL;
  const struct joinery_cookie_epoch* epoch = &pool->live[residue];
  return epoch->serial < JOINERY_COOKIE_FIRST_SERIAL ? NULL : epoch;
}

INLINE uint32_t write_cookie(struct __sk_buff* skb, struct side side, struct segment* s,
                             const struct joinery_bpf_pool* pool) {
  const struct joinery_cookie_epoch* epoch = epoch_at(pool, pool->writing);

  if (!epoch) return JOINERY_BPF_EGRESS_IDLE;
  const int found = read_timestamps(skb, side, s);
  if (found == JOINERY_TCP_NO_TIMESTAMPS) return JOINERY_BPF_EGRESS_PLAIN;
  if (found == JOINERY_TCP_BAD_OPTIONS) return JOINERY_BPF_EGRESS_BAD;
  if (found < 0) return JOINERY_BPF_EGRESS_FAILED;
  const bool synack = s->syn && s->ack;
  const uint64_t hash = hash_of(epoch, s);
  const uint32_t tsval = bpf_ntohl(s->old);
  const uint32_t fresh = synack ? joinery_cookie_encode_synack(epoch, hash, pool->id, tsval)
                                : joinery_cookie_encode(epoch, hash, pool->id, tsval);
  if (!write_value(skb, s, bpf_htonl(fresh))) return JOINERY_BPF_EGRESS_FAILED;
  return synack ? JOINERY_BPF_WRITTEN_SYNACK : JOINERY_BPF_WRITTEN;
}

/* Whether no more than a listener would take the segment: it may return a SYN cookie. */
INLINE bool only_listener(struct __sk_buff* skb, const struct segment* s) {
  struct bpf_sock_tuple tuple = {};
  uint32_t length = sizeof(tuple.ipv4);

  if (s->v6) {
    __builtin_memcpy(tuple.ipv6.saddr, &s->client, sizeof(s->client));
    __builtin_memcpy(tuple.ipv6.daddr, &s->vip, sizeof(s->vip));
    tuple.ipv6.sport = (uint16_t)s->ports;
    tuple.ipv6.dport = s->ports >> 16;
    length = sizeof(tuple.ipv6);
  } else {
    tuple.ipv4.saddr = (uint32_t)s->client.half[0];
    tuple.ipv4.daddr = (uint32_t)s->vip.half[0];
    tuple.ipv4.sport = (uint16_t)s->ports;
    tuple.ipv4.dport = s->ports >> 16;
  }
  struct bpf_sock* socket = bpf_skc_lookup_tcp(skb, &tuple, length, BPF_F_CURRENT_NETNS, 0);
  if (!socket) return false;
  const bool listens = socket->state == BPF_TCP_LISTEN;
  bpf_sk_release(socket);
  return listens;
}

INLINE uint32_t take_cookie(struct __sk_buff* skb, struct side side, struct segment* s,
                            const struct joinery_bpf_pool* pool) {
  const struct joinery_cookie_epoch* writing = epoch_at(pool, pool->writing);

  if (!writing) return JOINERY_BPF_INGRESS_IDLE;
  if (!s->ack) return JOINERY_BPF_INGRESS_PLAIN; /* RFC 7323 section 3.2: TSecr is for ACKs */
  const int found = read_timestamps(skb, side, s);
  if (found == JOINERY_TCP_NO_TIMESTAMPS) return JOINERY_BPF_INGRESS_PLAIN;
  if (found == JOINERY_TCP_BAD_OPTIONS) return JOINERY_BPF_INGRESS_BAD;
  if (found < 0) return JOINERY_BPF_INGRESS_FAILED;
  if (s->old == 0) return JOINERY_BPF_INGRESS_PLAIN;
  uint32_t fresh = 0, counter = JOINERY_BPF_CLEARED;
  if (!s->syn && only_listener(skb, s)) {
    const uint32_t tsecr = bpf_ntohl(s->old);
    const struct joinery_cookie_epoch* epoch =
        epoch_at(pool, joinery_cookie_residue(writing->code_bits & 31, tsecr));
    if (!epoch) return JOINERY_BPF_FOREIGN;
    fresh = bpf_htonl(joinery_cookie_syn_echo(epoch, tsecr));
    counter = JOINERY_BPF_RETURNED;
  }
  return write_value(skb, s, fresh) ? counter : JOINERY_BPF_INGRESS_FAILED;
}

/* skb->protocol is what follows the link header: a VLAN tag that the kernel keeps beside the packet
 * does not show in it, one that it does not understand does. */
INLINE int run(struct __sk_buff* skb, struct side side) {
  struct segment s = {.v6 = skb->protocol == bpf_htons(ETH_P_IPV6)};
  const struct joinery_bpf_pool* pool = NULL;

  if (s.v6) {
    pool = read6(skb, side, &s);
  } else if (skb->protocol == bpf_htons(ETH_P_IP)) {
    pool = read4(skb, side, &s);
  }
  if (pool)
    count(side.egress ? write_cookie(skb, side, &s, pool) : take_cookie(skb, side, &s, pool));
  return TC_ACT_UNSPEC; /* on to the next filter, if there is one */
}

SEC("tc")
int joinery_out(struct __sk_buff* skb) {
  return run(skb, (struct side){.link = ETH_HLEN, .egress = true});
}

SEC("tc")
int joinery_in(struct __sk_buff* skb) {
  return run(skb, (struct side){.link = ETH_HLEN, .egress = false});
}

/* The same on devices without a link header: tunnels, TUN. */
SEC("tc")
int joinery_out_bare(struct __sk_buff* skb) {
  return run(skb, (struct side){.link = 0, .egress = true});
}

SEC("tc")
int joinery_in_bare(struct __sk_buff* skb) {
  return run(skb, (struct side){.link = 0, .egress = false});
}
