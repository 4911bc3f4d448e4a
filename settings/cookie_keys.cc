// The keys of a pool's timestamp cookie.
#include "settings/config.h"
#include "settings/key_words.h"
#include "settings/keys.h"
#include "settings/words.h"
#include "tokenmap/timestamp_cookie.h"

namespace joinery::settings {
namespace {

// The active epoch, the one before it and the one after.
constexpr size_t kMaxEpochs = 3;

}  // namespace

const Section& CookieSection() {
  static const Section section{
      .path = "pools[].cookie",
      .meaning =
          "The timestamp cookie of docs/protocol.md section 5; docs/cookie-format.md is its "
          "format, which follows from max_backends. Balancers and backends hold the same epochs.",
      .keys = {
          {.name = "rule",
           .type = kWordType,
           .words = WordsOf<CookieRule>(),
           .required = true,
           .meaning = "`writing`: backends begin to write cookies, balancers read none yet. "
                      "`trusted`: every backend that may hold a connection writes them, and rule "
                      "`cookie` acts. `draining`: the way out; as `trusted`, until no flow of the "
                      "pool is left."},
          {.name = "epochs",
           .type = "list of sections",
           .min_items = 1,
           .max_items = kMaxEpochs,
           .allowed = "see below; one of them is active",
           .required = true,
           .meaning = "The versions of the cookie that are read."},
      }};
  return section;
}

const Section& CookieEpochSection() {
  static const CookieEpoch model;
  static const Section section{
      .path = "pools[].cookie.epochs[]",
      .meaning =
          "One version of the cookie. Flows go on through a change of epochs; an idle flow "
          "keeps its old one, so an epoch ends only when no flow last sent under it.",
      .keys = {
          {.name = "serial",
           .type = kNumberType,
           .min = static_cast<int64_t>(tokenmap::kFirstCookieSerial.value()),
           .max = static_cast<int64_t>(tokenmap::kLastCookieSerial.value()),
           .required = true,
           .meaning = "E of the format: the first is 4, each next one is 1 more. It only grows."},
          {.name = "state",
           .type = kWordType,
           .words = WordsOf<GenerationState>(),
           .fallback = std::string(ToWord(model.state)),
           .meaning = "`pending`: read, not yet written; the one after the active one. `active`: "
                      "what backends write. `draining`: read, no longer written; the one before "
                      "the active one."},
          {.name = "key_file",
           .type = kKeyFileType,
           .allowed = KeyFileRule(),
           .required = true,
           .meaning = "The epoch's key; no two epochs or generations share one."},
      }};
  return section;
}

}  // namespace joinery::settings
