/* SPDX-License-Identifier: Apache-2.0 */
/* The shared C header as a C compiler sees it, behind functions that C++ tests can call. */
#ifndef JOINERY_TOKENMAP_C_COOKIE_IN_C_H_
#define JOINERY_TOKENMAP_C_COOKIE_IN_C_H_

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cookie_in_c_case {
  uint8_t key[16];
  uint32_t serial;
  uint8_t id_bits;
  uint8_t flow[36];   /* client, VIP, client port, VIP port in network order */
  size_t flow_length; /* 12 or 36 */
};

/* Each returns 0, or -1 when the header refuses the epoch. */
int cookie_in_c_encode(const struct cookie_in_c_case* c, uint32_t id, uint32_t tsval,
                       uint32_t* segment, uint32_t* synack);
/* *named: 1 when the check bits are zero, and then *id; *echo: of a listener's segment. */
int cookie_in_c_decode(const struct cookie_in_c_case* c, uint32_t tsecr, int* named, uint32_t* id,
                       uint32_t* echo);

#ifdef __cplusplus
}
#endif

#endif /* JOINERY_TOKENMAP_C_COOKIE_IN_C_H_ */
