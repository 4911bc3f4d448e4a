// The keys of health checks: where they are sent from, and what each pool asks.
#include <fmt/format.h>

#include "settings/control_file_keys.h"
#include "settings/control_words.h"
#include "settings/key_rows.h"
#include "settings/key_words.h"
#include "settings/limits.h"

namespace joinery::settings {
namespace {

// When a check is made, and how many of them decide.
std::vector<Key> PaceKeys(const PoolHealth& model) {
  return {
      Number("interval_ms", "milliseconds", 100, kMaxCheck_ms, model.interval_ms,
             "Between the end of a check and the next. Less finds a dead backend sooner and asks "
             "more of those that live."),
      Number("timeout_ms", "milliseconds", 10, kMaxCheck_ms, model.timeout_ms,
             "A check without an answer for so long has failed."),
      Number("jitter_percent", "percent", 0, 50, model.jitter_percent,
             "Each wait is longer or shorter by up to so much, by chance, so that backends are not "
             "asked all at once."),
      Number("rise", "", 1, 100, model.rise, "So many successes in a row make it `up` again."),
      Number("fall", "", 1, 100, model.fall,
             "So many failures in a row make it `down`. A first check decides by itself."),
      Number("damping_s", "seconds", 0, 3600, model.damping_s,
             "A backend that falls about four times within so long stays down until it has been "
             "quiet for one to three times as long. 0: no damping."),
  };
}

// What is asked of http and https.
std::vector<Key> HttpKeys(const PoolHealth& model) {
  return {
      {.name = "path",
       .type = "text",
       .allowed = TextRule() + ", the first a slash",
       .fallback = model.path,
       .meaning = "`http`, `https`: what is asked for, with GET."},
      {.name = "host",
       .type = "text",
       .allowed = TextRule(),
       .fallback = "the VIP",
       .meaning = "`http`, `https`: the Host header, and the name that TLS asks for."},
      Number("status_min", "", 100, 599, model.status_min,
             "`http`, `https`: a lower status of the answer is a failure."),
      Number("status_max", "", 100, 599, model.status_max,
             "`http`, `https`: a higher status of the answer is a failure."),
      {.name = "body",
       .type = "text",
       .allowed = TextRule(),
       .fallback = "anything",
       .meaning = "`http`, `https`: the first 64 KiB of the answer hold this text."},
  };
}

}  // namespace

const Section& ControlHealthSection() {
  static const ControlHealth model;
  static const Section section{
      .path = "control.health",
      .meaning =
          "Checks go the way of client traffic, VIP and tunnel included, each backend's from "
          "an address of its own. docs/operations.md says how to set device and routes up.",
      .keys = {
          {.name = "device",
           .type = kNameType,
           .allowed = NameRule(),
           .fallback = model.device,
           .meaning = "TUN device into which this host routes what is sent from `sources`."},
          {.name = "sources",
           .type = "list of prefixes",
           .min_items = 1,
           .max_items = kMaxSourcePrefixes,
           .allowed = "such as 198.18.77.0/24; at most /30 or /126; one of each family",
           .required = true,
           .meaning = "Prefixes that are routed to this host and belong to nothing else. One of n "
                      "host bits is enough for 2^n - 2 checks: one for each backend, two where a "
                      "pool has VIPs of both families."},
      }};
  return section;
}

const Section& PoolHealthSection() {
  static const PoolHealth model;
  static const Section section = [] {
    Section made{
        .path = "pools[].health",
        .meaning =
            "Each backend is asked at the pool's first `tcp` VIP of each family, and is `up` "
            "while all of them answer.",
        .keys = {
            Word("type", model.type,
                 "`tcp`: the port takes a connection. `http`, `https`: it answers a request; "
                 "the certificate is not judged. `mptcp`: it answers MP_CAPABLE, and with "
                 "`handshake: derived` its token names this very backend."),
            {.name = "port",
             .type = kNumberType,
             .min = 1,
             .max = UINT16_MAX,
             .fallback = "the VIP's lowest",
             .meaning = "Port of the VIP that is asked; it need not be one that clients reach. "
                        "Required when the VIP has `ports: all`."},
        }};
    for (Key& key : PaceKeys(model)) made.keys.push_back(std::move(key));
    for (Key& key : HttpKeys(model)) made.keys.push_back(std::move(key));
    made.keys.push_back(
        Number("panic_percent", "percent", 0, 100, model.panic_percent,
               "When more of the pool's backends are down, their health is ignored: "
               "so many at once is more likely a mistake of the checks."));
    made.keys.push_back(Word("all_down", model.all_down,
                             "When no backend is up. `fail_open`: as if all were. "
                             "`withdraw`: the balancers no longer announce the VIPs."));
    return made;
  }();
  return section;
}

}  // namespace joinery::settings
