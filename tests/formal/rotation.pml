/* Rotation of token generations: 2 balancers, 1 backend, 2 codepoints. docs/protocol.md section 3.
 *
 * Every step of a balancer, the agent and control is one atomic choice, in any order: messages may be as
 * late as they like, balancers crash at any point and come back with their disk, leases end at any time.
 * What must never be: a token or a ready key whose generation a balancer with a lease does not decode, under
 * the same serial (I1, I2).
 *
 * tests/formal/check.py runs it as it is, and once for each rule that can be left out:
 *   -DFORGETFUL       a balancer confirms what is not on its disk yet, and keeps its lease over a crash
 *   -DNOT_ALL_LEASED  activation does not wait for all balancers with a lease
 *   -DNO_BARRIER      a lease does not ask what the balancer decodes
 *   -DNOT_FLUSHED     the agent reports zero while keys of the generation are left
 *   -DNOT_ZERO        a generation retires whatever the backend has
 */
#define BALANCERS 2
#define CODEPOINTS 2
#define ROUNDS 3 /* serials that are given; more only repeats */
#define NONE 9

#define FREE 0
#define PENDING 1
#define ACTIVE 2
#define DRAINING 3

/* Control. */
byte state[CODEPOINTS];
byte serial[CODEPOINTS];   /* of what stands under the codepoint */
byte last_serial;
bool thinks_leased[BALANCERS];
byte confirmed0[CODEPOINTS]; /* the serials that balancer 0 confirmed; 0: none */
byte confirmed1[CODEPOINTS];
bool zero[CODEPOINTS];

/* Balancers: what they decode by, what is on disk. */
byte memory0[CODEPOINTS];
byte memory1[CODEPOINTS];
byte disk0[CODEPOINTS];
byte disk1[CODEPOINTS];
bool leased[BALANCERS];

/* The backend: what its agent was told, what its module makes keys for, what its pool has, its tokens. */
byte view_active = NONE;
byte view_draining; /* a bit for each codepoint */
byte pool = NONE;
byte token[CODEPOINTS]; /* the serial of live ones; 0: none */
byte pool_serial;

#define DECODES(memory, c, s) (memory[c] == s)
#define TOKEN_OK(memory) \
  ((token[0] == 0 || DECODES(memory, 0, token[0])) && \
   (token[1] == 0 || DECODES(memory, 1, token[1])))
#define KEYS_OK(memory) (pool == NONE || DECODES(memory, pool, pool_serial))

inline check() {
  assert(!leased[0] || (TOKEN_OK(memory0) && KEYS_OK(memory0)));
  assert(!leased[1] || (TOKEN_OK(memory1) && KEYS_OK(memory1)))
}

/* A view as control has it now. */
#define TAKE(memory) \
  memory[0] = (state[0] == FREE -> 0 : serial[0]); \
  memory[1] = (state[1] == FREE -> 0 : serial[1])
#define COPY(to, from) \
  to[0] = from[0]; \
  to[1] = from[1]

#define IN_USE(c) (state[c] == ACTIVE || state[c] == DRAINING)
#define HOLDS(confirmed, c) (!IN_USE(c) || confirmed[c] == serial[c])
#ifdef NO_BARRIER
#define BARRIER(confirmed) true
#else
#define BARRIER(confirmed) (HOLDS(confirmed, 0) && HOLDS(confirmed, 1))
#endif
#ifdef FORGETFUL
#define SURE(disk, memory) memory
#define AFTER_CRASH(lease) lease
#else
#define SURE(disk, memory) disk
#define AFTER_CRASH(lease) false
#endif

#define BALANCER(n, memory, disk, confirmed) \
  :: atomic { TAKE(memory); check() } \
  :: atomic { COPY(disk, memory) } \
  :: atomic { \
       COPY(confirmed, SURE(disk, memory)); \
       if \
       :: BARRIER(confirmed) -> thinks_leased[n] = true; leased[n] = true \
       :: else \
       fi; \
       check() \
     } \
  :: atomic { leased[n] -> leased[n] = false } \
  :: atomic { thinks_leased[n] && !leased[n] -> thinks_leased[n] = false } \
  :: atomic { COPY(memory, disk); leased[n] = AFTER_CRASH(leased[n]); check() } /* a crash, and the start after it */

active proctype Balancer0() { do BALANCER(0, memory0, disk0, confirmed0) od }
active proctype Balancer1() { do BALANCER(1, memory1, disk1, confirmed1) od }

#define NOT_PENDING(c) (state[c] != PENDING)
#define ALL_SETTLED (NOT_PENDING(0) && NOT_PENDING(1))
#ifdef NOT_ALL_LEASED
#define LEASED_HAVE(c) true
#else
#define LEASED_HAVE(c) \
  ((!thinks_leased[0] || confirmed0[c] == serial[c]) && \
   (!thinks_leased[1] || confirmed1[c] == serial[c]))
#endif
#define QUORUM_HAS(c) (confirmed0[c] == serial[c] || confirmed1[c] == serial[c])
#ifdef NOT_ZERO
#define MAY_RETIRE(c) true
#else
#define MAY_RETIRE(c) zero[c]
#endif

inline drain_others(c) {
  if :: c != 0 && state[0] == ACTIVE -> state[0] = DRAINING; zero[0] = false :: else fi;
  if :: c != 1 && state[1] == ACTIVE -> state[1] = DRAINING; zero[1] = false :: else fi
}

#define ROTATION(c) \
  :: atomic { \
       state[c] == FREE && ALL_SETTLED && last_serial < ROUNDS -> \
       last_serial++; \
       serial[c] = last_serial; \
       state[c] = PENDING \
     } \
  :: atomic { state[c] == PENDING -> state[c] = FREE } /* aborted */ \
  :: atomic { \
       state[c] == PENDING && LEASED_HAVE(c) && QUORUM_HAS(c) -> \
       state[c] = ACTIVE; \
       drain_others(c) \
     } \
  :: atomic { state[c] == DRAINING -> state[c] = ACTIVE; drain_others(c) } /* rolled back */ \
  :: atomic { state[c] == DRAINING && MAY_RETIRE(c) -> state[c] = FREE; zero[c] = false }

active proctype Control() {
  do
  ROTATION(0)
  ROTATION(1)
  od
}

#ifdef NOT_FLUSHED
#define KEYS_OF(c) false
#else
#define KEYS_OF(c) (pool == c)
#endif
#define KNOWS(c) ((view_draining & (1 << c)) && view_active != c)

#define REPORT(c) \
  :: atomic { state[c] == DRAINING && KNOWS(c) && token[c] == 0 && !KEYS_OF(c) -> zero[c] = true } \
  :: atomic { token[c] != 0 -> token[c] = 0 }

active proctype Backend() {
  do
  :: atomic { /* the newest view */
       view_draining = (state[0] == DRAINING) | ((state[1] == DRAINING) << 1);
       if
       :: state[0] == ACTIVE -> view_active = 0
       :: state[1] == ACTIVE -> view_active = 1
       :: else -> view_active = NONE
       fi
     }
  :: atomic { /* the pool follows later; control's answer names the view, so it is still the newest */
       view_active != NONE && state[view_active] == ACTIVE ->
       pool = view_active;
       pool_serial = serial[view_active];
       check()
     }
  :: atomic { pool != NONE -> token[pool] = pool_serial; check() }
  REPORT(0)
  REPORT(1)
  od
}
