// The keys of a pool and of what is in it.
#include <cstdint>
#include <limits>

#include <fmt/format.h>

#include "settings/config.h"
#include "settings/key_words.h"
#include "settings/keys.h"
#include "settings/limits.h"
#include "settings/words.h"
#include "tokenmap/scheme.h"

namespace joinery::settings {
namespace {

constexpr size_t kMaxGenerations = (size_t{1} << tokenmap::kMaxGenerationBits) - 1;

constexpr std::string_view kPortWords[] = {kAllPorts};

Key MaxBackends(const Pool& model) {
  return {.name = "max_backends",
          .type = kNumberType,
          .min = 1,
          .max = tokenmap::kMaxBackends,
          .fallback = fmt::format("{}", model.max_backends),
          .meaning =
              "How many backends the pool may ever have; it fixes s, the bits of a backend "
              "ID: s = 1 + ceil(log2(max_backends)). It cannot change while the VIPs "
              "exist. More costs bits of every token."};
}

Key TableSize(const Pool& model) {
  return {.name = "table_size",
          .type = kNumberType,
          .unit = "slots",
          .min = kMinTableSize,
          .max = kMaxTableSize,
          .allowed =
              fmt::format("a prime, {}..{}, not below max_backends", kMinTableSize, kMaxTableSize),
          .fallback = fmt::format("{}", model.table_size),
          .meaning =
              "Slots of the Maglev table. More follows the weights more closely and "
              "moves fewer flows in a change; it costs memory, and time in a reload."};
}

}  // namespace

const Section& PoolSection() {
  static const Pool model;
  static const Section section{
      .path = "pools[]",
      .meaning = "A service: its VIPs (IPv4 and IPv6 together) and the servers behind them.",
      .keys = {
          {.name = "name",
           .type = kNameType,
           .allowed = NameRule(),
           .required = true,
           .meaning = "How counters, logs and commands call the pool; unique."},
          {.name = "id",
           .type = kNumberType,
           .max = std::numeric_limits<uint32_t>::max(),
           .required = true,
           .meaning = "The pool's number in the cipher's tweak; unique, and the same for good."},
          MaxBackends(model),
          {.name = "handshake",
           .type = kWordType,
           .words = WordsOf<Handshake>(),
           .fallback = std::string(ToWord(model.handshake)),
           .meaning = "Which tokens the backends issue. `derived`: RFC 8684 keys that the kernel "
                      "module samples. `explicit`: tokens in the handshake. `none`: stock kernels, "
                      "whose tokens say nothing."},
          {.name = "scheme",
           .type = kSectionType,
           .allowed = "see below; none with handshake: none",
           .fallback = "required unless `handshake: none`",
           .meaning = "How tokens carry backend IDs."},
          {.name = "cookie",
           .type = kSectionType,
           .allowed = "see below",
           .fallback = "none",
           .meaning = "How backends write their ID into TCP timestamps, so that every later packet "
                      "names its backend. Without it balancers look at no timestamp."},
          {.name = "hash_secret_file",
           .type = kKeyFileType,
           .allowed = KeyFileRule(),
           .required = true,
           .meaning = "Key of the hash that places new connections. Rotations leave it alone."},
          TableSize(model),
          {.name = "join_rate",
           .type = kNumberType,
           .unit = "a second, ID and core",
           .min = 1,
           .max = kMaxJoinRate,
           .fallback = fmt::format("{}", model.join_rate),
           .meaning = "MP_JOIN SYNs a second for each backend ID and core; a constant token aims "
                      "at one backend, and this bounds the flood."},
          {.name = "vips",
           .type = "list of sections",
           .min_items = 1,
           .max_items = kMaxVipsPerPool,
           .allowed = "see below",
           .required = true,
           .meaning = "Where clients connect to."},
          {.name = "backends",
           .type = "list of sections",
           .min_items = 1,
           .max_items = tokenmap::kMaxBackends,
           .allowed = "see below; at most max_backends of them",
           .required = true,
           .meaning = "The servers."},
      }};
  return section;
}

const Section& SchemeSection() {
  static const Scheme model;
  static const Section section{
      .path = "pools[].scheme",
      .meaning =
          "The recipe of docs/protocol.md section 2: a token is the generation's codepoint "
          "(r bits), then backend ID (s bits) and nonce, encrypted together.",
      .keys = {
          {.name = "algorithm",
           .type = kWordType,
           .words = WordsOf<Algorithm>(),
           .fallback = std::string(ToWord(model.algorithm)),
           .meaning = "`ff1`: NIST SP 800-38G over AES-128. `plain`: no cipher; shows IDs and "
                      "rates to everyone; for debugging."},
          {.name = "generation_bits",
           .type = kNumberType,
           .unit = "bits",
           .min = tokenmap::kMinGenerationBits,
           .max = tokenmap::kMaxGenerationBits,
           .fallback = fmt::format("{}", model.generation_bits),
           .meaning = "r: bits of the codepoint. 3 lets more generations overlap, and costs each "
                      "server key twice the tries. r + s is at most 12 with handshake: derived, "
                      "14 otherwise."},
          {.name = "generations",
           .type = "list of sections",
           .min_items = 1,
           .max_items = kMaxGenerations,
           .allowed = "see below; one of them is active",
           .required = true,
           .meaning = "The versions of the scheme whose tokens are decoded."},
      }};
  return section;
}

const Section& GenerationSection() {
  static const Generation model;
  static const Section section{
      .path = "pools[].scheme.generations[]",
      .meaning = "One version of the scheme, docs/protocol.md section 3.",
      .keys = {
          {.name = "codepoint",
           .type = kNumberType,
           .max = std::numeric_limits<uint8_t>::max(),
           .allowed = "0..2 with generation_bits: 2, 0..6 with 3 (all ones is reserved)",
           .required = true,
           .meaning = "The token's leading bits; unique in the pool."},
          {.name = "serial",
           .type = kNumberType,
           .max = std::numeric_limits<int64_t>::max(),
           .required = true,
           .meaning = "Which generation it is for good; unique in the pool. A codepoint is used "
                      "again, a serial never."},
          {.name = "state",
           .type = kWordType,
           .words = WordsOf<GenerationState>(),
           .fallback = std::string(ToWord(model.state)),
           .meaning = "`pending`: decoded, not yet issued. `active`: what backends issue. "
                      "`draining`: decoded, no longer issued."},
          {.name = "key_file",
           .type = kKeyFileType,
           .allowed = KeyFileRule(),
           .fallback = "required unless `algorithm: plain`",
           .meaning = "The generation's AES-128 key; no two generations share one."},
      }};
  return section;
}

const Section& VipSection() {
  static const Section section{
      .path = "pools[].vips[]",
      .meaning = "A virtual service address.",
      .keys = {
          {.name = "address",
           .type = "address",
           .allowed = "an IPv4 or IPv6 unicast address that no host has",
           .required = true,
           .meaning = "What clients connect to; the backends have it on their loopback."},
          {.name = "protocol",
           .type = kWordType,
           .words = WordsOf<Protocol>(),
           .fallback = std::string(ToWord(Protocol::kTcp)),
           .meaning = "MPTCP is `tcp`."},
          {.name = "ports",
           .type = "list of ports",
           .min = 1,
           .max = std::numeric_limits<uint16_t>::max(),
           .words = kPortWords,
           .min_items = 1,
           .max_items = kMaxPortsPerVip,
           .allowed = "1..65535, or a range of them such as 8000-8099",
           .required = true,
           .meaning = "`all` instead of a list is every port. Address, protocol and port belong "
                      "to one pool only, so no two VIPs overlap. However long, a range costs as "
                      "much memory as one port."},
          {.name = "fragments",
           .type = kWordType,
           .words = WordsOf<Fragments>(),
           .fallback = std::string(ToWord(Fragments::kDrop)),
           .meaning =
               "What becomes of IP fragments. `by_address` forwards them: all packets to the "
               "address then go by the hash of client address and VIP, and tokens, cookies "
               "and the flow cache are not looked at, so MPTCP joins from another address "
               "of the client may fail. All VIPs of one address say the same, and are in "
               "one pool."},
      }};
  return section;
}

const Section& BackendSection() {
  static const Backend model;
  static const Section section{
      .path = "pools[].backends[]",
      .meaning = "A server.",
      .keys = {
          {.name = "name",
           .type = kNameType,
           .allowed = NameRule(),
           .required = true,
           .meaning = "Unique in the pool. It seeds the backend's place in the Maglev table, so a "
                      "renamed backend is a new one."},
          {.name = "id",
           .type = kNumberType,
           .max = std::numeric_limits<uint16_t>::max(),
           .allowed = "0..2^s - 1, see max_backends",
           .required = true,
           .meaning = "What its tokens carry; unique in the pool. Drawn at random it is harder to "
                      "guess."},
          {.name = "address",
           .type = "address",
           .allowed = "an IPv4 or IPv6 unicast address; for `l2` on the subnet of a port",
           .required = true,
           .meaning = "Where the balancer reaches it; unique in the pool."},
          {.name = "weight",
           .type = kNumberType,
           .max = kMaxWeight,
           .fallback = fmt::format("{}", model.weight),
           .meaning = "Its share of new connections among the pool's weights. 0 takes none and "
                      "keeps what it has."},
          {.name = "encap",
           .type = kWordType,
           .words = WordsOf<Encap>(),
           .fallback = std::string(ToWord(model.encap)),
           .meaning = "How packets get there. `l2`: the same frame, with the backend's MAC "
                      "address. `ipip`: in an IP packet of its own. `gue`: the same in UDP to "
                      "port 6080, which spreads over queues and paths. The inner packet may be "
                      "IPv4 or IPv6, whatever the backend's address is."},
          {.name = "state",
           .type = kWordType,
           .words = WordsOf<BackendState>(),
           .fallback = std::string(ToWord(model.state)),
           .meaning = "`up`. `down` and `draining`: no new connections, old ones and their joins "
                      "still go there. `failed`: nothing goes there."},
      }};
  return section;
}

}  // namespace joinery::settings
