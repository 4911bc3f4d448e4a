/*
 * How a stack in user space uses tokenmap.h: leases COUNT tokens (or keys), prints them, releases
 * them.
 *
 *   tokenmap_example SOCKET tokens|keys COUNT
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokenmap/tokenmap.h"

#define TIMEOUT_MS 5000

static int fail(const joinery_tokenmap* map, const char* what, int error) {
  fprintf(stderr, "%s: error %d %s\n", what, error, joinery_tokenmap_why(map));
  return EXIT_FAILURE;
}

/* One connection's worth: a stack would put the token into its handshake here. */
static int take(joinery_tokenmap* map, int kind, uint32_t* token) {
  uint64_t key = 0;
  int error = kind == JOINERY_KEYS ? joinery_tokenmap_next_key(map, &key, token)
                                   : joinery_tokenmap_next_token(map, token);
  if (error != JOINERY_OK) return error;
  if (kind == JOINERY_KEYS)
    printf("key %016" PRIx64 " token %08" PRIx32 "\n", key, *token);
  else
    printf("token %08" PRIx32 "\n", *token);
  return JOINERY_OK;
}

static int run(joinery_tokenmap* map, int kind, long count) {
  uint32_t* tokens = calloc((size_t)count, sizeof(*tokens));
  int status = EXIT_SUCCESS;
  long taken = 0;

  if (!tokens) return EXIT_FAILURE;
  for (; taken < count; taken++) {
    int error = take(map, kind, &tokens[taken]);
    if (error != JOINERY_OK) {
      status = fail(map, "next", error);
      break;
    }
  }
  printf("in use %" PRIu32 "\n", joinery_tokenmap_in_use(map));
  while (taken > 0) joinery_tokenmap_release(map, tokens[--taken]);
  joinery_tokenmap_poll(map);
  free(tokens);
  return status;
}

int main(int argc, char** argv) {
  joinery_tokenmap* map = NULL;
  long count = argc == 4 ? strtol(argv[3], NULL, 10) : 0;
  int kind, error, status;

  if (count < 1) {
    fprintf(stderr, "usage: tokenmap_example SOCKET tokens|keys COUNT\n");
    return 2;
  }
  kind = strcmp(argv[2], "keys") == 0 ? JOINERY_KEYS : JOINERY_TOKENS;
  error = joinery_tokenmap_open(argv[1], kind, TIMEOUT_MS, &map);
  if (error != JOINERY_OK) return fail(map, "open", error);
  status = run(map, kind, count);
  joinery_tokenmap_close(map);
  return status;
}
