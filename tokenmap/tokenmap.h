/*
 * The C interface for MPTCP stacks in user space: tokens, or keys whose tokens name this backend,
 * leased from the host's joinery-agent (docs/protocol.md section 2, tokenmap/lease_protocol.h). The
 * library never sees a scheme key.
 *
 * Tokens and keys are in host order. Functions return 0 or one of the errors below. A handle
 * belongs to one thread at a time. Calls block at most for the time given to
 * joinery_tokenmap_open(), and only when they must ask the agent.
 *
 * A token or key is used for one connection and released when that has ended; it is never used
 * again. When the agent is away, what is leased stays usable; the library connects again by itself.
 * If that takes longer than 120 s the lease is over: what was not yet used is dropped.
 */
#ifndef JOINERY_TOKENMAP_TOKENMAP_H
#define JOINERY_TOKENMAP_TOKENMAP_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is leased: tokens for the handshake (explicit mode), or MPTCP v1 keys (RFC 8684). */
#define JOINERY_TOKENS 1
#define JOINERY_KEYS 2

/* Errors. */
#define JOINERY_OK 0
#define JOINERY_INVALID (-1)     /* an argument, or a token that is not in use */
#define JOINERY_NO_AGENT (-2)    /* no agent there, or it does not answer in time */
#define JOINERY_NOT_ALLOWED (-3) /* this process's user may not lease */
#define JOINERY_NO_SCHEME (-4)   /* nothing may be encoded now: go without, try later */
#define JOINERY_DRAINING (-5)    /* this backend is to become empty */
#define JOINERY_QUOTA (-6)       /* this user holds as much as it may: release some */
#define JOINERY_CROWDED (-7)     /* too few tokens are free: use derived tokens or plain TCP */
#define JOINERY_REFUSED (-8)     /* for another reason; joinery_tokenmap_why() says it */

/* NOLINTNEXTLINE(readability-identifier-naming): a C name */
typedef struct joinery_tokenmap joinery_tokenmap;

/* Connects to the agent's socket and begins a lease. On success *out is to be closed. */
int joinery_tokenmap_open(const char* socket_path, int kind, unsigned timeout_ms,
                          joinery_tokenmap** out);
/* Gives everything back and frees the handle; NULL is allowed. Connections that go on keep their
 * tokens, but nobody else is kept from them: close after they have ended. */
void joinery_tokenmap_close(joinery_tokenmap* map);

/* A token that is in use from now on. Of a handle of JOINERY_TOKENS. */
int joinery_tokenmap_next_token(joinery_tokenmap* map, uint32_t* token);
/* A key and the token that follows from it. Of a handle of JOINERY_KEYS. */
int joinery_tokenmap_next_key(joinery_tokenmap* map, uint64_t* key, uint32_t* token);
/* The connection of this token has ended. */
int joinery_tokenmap_release(joinery_tokenmap* map, uint32_t token);

/* For an event loop: readable when the agent said something (-1: not connected). Call
 * joinery_tokenmap_poll() then, and at least once a second. It gives back what was released, and
 * unused tokens of a generation that is not made any more. It waits only to connect again: 50 ms at
 * most, ten times a second at most. */
int joinery_tokenmap_fd(const joinery_tokenmap* map);
int joinery_tokenmap_poll(joinery_tokenmap* map);

/* In use now, by joinery_tokenmap_next_*() and not yet released. */
uint32_t joinery_tokenmap_in_use(const joinery_tokenmap* map);

/* What the last error was about, in words. Valid until the next call with this handle. */
const char* joinery_tokenmap_why(const joinery_tokenmap* map);

#ifdef __cplusplus
}
#endif

#endif /* JOINERY_TOKENMAP_TOKENMAP_H */
