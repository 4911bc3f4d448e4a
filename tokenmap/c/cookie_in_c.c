/* SPDX-License-Identifier: Apache-2.0 */
#include "tokenmap/c/cookie_in_c.h"

#include <string.h>

#include "tokenmap/c/timestamp_cookie.h"

static int prepare(const struct cookie_in_c_case* c, struct joinery_cookie_epoch* epoch,
                   uint64_t* hash) {
  uint64_t key[2], words[4];
  uint32_t halves[3];

  memcpy(key, c->key, sizeof(key));
  if (joinery_cookie_init(epoch, key[0], key[1], c->serial, c->id_bits) != 0) return -1;
  if (c->flow_length == sizeof(halves)) {
    memcpy(halves, c->flow, sizeof(halves));
    *hash = joinery_cookie_hash4(epoch, halves[0], halves[1], halves[2]);
    return 0;
  }
  memcpy(words, c->flow, sizeof(words));
  memcpy(halves, c->flow + sizeof(words), sizeof(halves[0]));
  *hash = joinery_cookie_hash6(epoch, words[0], words[1], words[2], words[3], halves[0]);
  return 0;
}

int cookie_in_c_encode(const struct cookie_in_c_case* c, uint32_t id, uint32_t tsval,
                       uint32_t* segment, uint32_t* synack) {
  struct joinery_cookie_epoch epoch;
  uint64_t hash;

  if (prepare(c, &epoch, &hash) != 0) return -1;
  *segment = joinery_cookie_encode(&epoch, hash, id, tsval);
  *synack = joinery_cookie_encode_synack(&epoch, hash, id, tsval);
  return 0;
}

int cookie_in_c_decode(const struct cookie_in_c_case* c, uint32_t tsecr, int* named, uint32_t* id,
                       uint32_t* echo) {
  struct joinery_cookie_epoch epoch;
  uint64_t hash;

  if (prepare(c, &epoch, &hash) != 0) return -1;
  *named = joinery_cookie_decode(&epoch, hash, tsecr, id);
  *echo = joinery_cookie_syn_echo(&epoch, tsecr);
  return 0;
}
