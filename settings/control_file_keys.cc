#include "settings/control_file_keys.h"

#include <cassert>
#include <limits>

#include <fmt/format.h>

#include "settings/control_words.h"
#include "settings/key_rows.h"
#include "settings/key_words.h"
#include "settings/limits.h"

namespace joinery::settings {
namespace {

// The row of a key that the balancer's file has too.
Key Shared(const Section& section, std::string_view name) {
  const Key* key = section.Find(name);
  assert(key != nullptr);
  return *key;
}

Key Path(std::string_view name, std::string_view fallback, std::string_view meaning) {
  return {.name = name,
          .type = "path",
          .allowed = "an absolute path",
          .fallback = std::string(fallback),
          .required = fallback.empty(),
          .meaning = meaning};
}

Key Socket(std::string_view name, std::string_view fallback, std::string_view meaning) {
  Key key = Path(name, fallback, meaning);
  key.allowed = fmt::format("an absolute path of at most {} bytes", kMaxSocketPathBytes);
  return key;
}

// Relative to the configuration file, as key files are.
Key File(std::string_view name, bool required, std::string_view meaning) {
  return {.name = name,
          .type = "path of a file",
          .allowed = "a path; relative to this file",
          .fallback = required ? "" : "none",
          .required = required,
          .meaning = meaning};
}

Key List(std::string_view name, size_t min, size_t max, std::string_view meaning) {
  return {.name = name,
          .type = "list of sections",
          .min_items = min,
          .max_items = max,
          .allowed = "see below",
          .fallback = min > 0 ? "" : "[]",
          .required = min > 0,
          .meaning = meaning};
}

constexpr int64_t kDay_s = 86'400;
constexpr int64_t kYear_h = 8'760;

std::vector<Key> TimingKeys(const ControlDaemon& model) {
  return {
      {.name = "lb_quorum",
       .type = kNumberType,
       .max = kMaxBalancers,
       .allowed = fmt::format("0..{}, not above the number of balancers", kMaxBalancers),
       .fallback = "0, the majority of the balancers",
       .meaning = "How many balancers at least must have confirmed a generation, and each that "
                  "holds a lease, before backends issue tokens of it."},
      Number("lease_s", "seconds", 3, 3600, model.lease_s,
             "How long a balancer's lease lasts from a report. Less finds a dead balancer sooner; "
             "more lets a slow network be."),
      Number("retire_hold_s", "seconds", 0, kDay_s, model.retire_hold_s,
             "How long every backend must have reported zero tokens of a generation before it is "
             "retired: a client may still join with a token that it has just learned."),
      Number("drain_max_h", "hours", 1, kYear_h, model.drain_max_h,
             "After this a draining generation is retired although connections of it live; they "
             "go on, and only their later joins are lost."),
      Number("quarantine_h", "hours", 0, kYear_h, model.quarantine_h,
             "How long the ID of a backend that left without reporting itself empty is given to "
             "no other."),
  };
}

}  // namespace

const Section& ControlFileSection() {
  static const Section section{
      .path = "",
      .meaning = "The whole file.",
      .keys = {
          {.name = "control",
           .type = kSectionType,
           .allowed = "a mapping",
           .required = true,
           .meaning = "The daemon itself: where it listens, what it keeps, how long it waits."},
          List("balancers", 1, kMaxBalancers, "Every joinery-lb that follows this control."),
          List("pools", 1, kMaxPools, "The services, the same on all balancers."),
      }};
  return section;
}

const Section& ControlDaemonSection() {
  static const ControlDaemon model;
  static const Section section = [] {
    Section made{
        .path = "control",
        .meaning =
            "What takes effect at a start only: sockets, listen, tls, files, log, health, metrics. "
            "The rest changes with `joinctl config apply`.",
        .keys = {
            {.name = "name",
             .type = kNameType,
             .allowed = NameRule(),
             .fallback = model.name,
             .meaning = "How logs call this daemon."},
            Socket("admin_socket", model.admin_socket, "Unix socket of `joinctl`, mode 0600."),
            {.name = "admin_group",
             .type = kNameType,
             .allowed = NameRule(),
             .fallback = "none",
             .meaning = "This group may use the admin socket too; its mode is 0660 then."},
            List("listen", 0, kMaxListeners, "Where balancers and agents connect to, over TLS."),
            {.name = "tls",
             .type = kSectionType,
             .allowed = "see below",
             .fallback = "required with `listen`",
             .meaning = "Mutual TLS 1.3; `joinctl pki` makes the files."},
            List("local", 0, kMaxLocalListeners,
                 "Unix sockets for a balancer or agents on this machine."),
            Path("state_file", model.state_file,
                 "IDs, codepoints, keys and states that must never be forgotten. Mode 0600; to be "
                 "kept on a disk that keeps what it was told to."),
            {.name = "state_key_file",
             .type = "path of a file",
             .allowed = "a file of 64 hexadecimal digits that only its owner may read; relative "
                        "to this file",
             .fallback = "none: stored in clear",
             .meaning = "The state is encrypted under this key (AES-256-GCM)."},
            Path("audit_log", model.audit_log,
                 "Who changed what, one JSON object a line; only appended to."),
            Word("log_level", model.log_level, "What is logged to standard error."),
            Word("log_format", model.log_format, "`json`: one object a line."),
            MetricsKey(model.metrics),
        }};
    for (Key& key : TimingKeys(model)) made.keys.push_back(std::move(key));
    made.keys.push_back({.name = "health",
                         .type = kSectionType,
                         .allowed = "see below",
                         .fallback = "required when a pool has `health`",
                         .meaning = "Where the checks of backends are sent from."});
    return made;
  }();
  return section;
}

const Section& ListenSection() {
  static const Section section{
      .path = "control.listen[]",
      .meaning = "A TCP address of this machine.",
      .keys = {
          {.name = "address",
           .type = "address",
           .allowed = "an IPv4 or IPv6 address of this machine; 0.0.0.0 or :: for all",
           .required = true,
           .meaning = "Only balancers and agents need to reach it."},
          Number("port", "", 1, std::numeric_limits<uint16_t>::max(), Listener{}.port.value(),
                 "TCP port."),
      }};
  return section;
}

const Section& DaemonTlsSection() {
  static const Section section{
      .path = "control.tls",
      .meaning = "Who is believed, and what this daemon shows.",
      .keys = {
          File("ca", true, "Certificate that signs balancers and agents; PEM."),
          File("certificate", true, "The daemon's own; PEM."),
          File("key", true, "Its private key, PEM; only its owner may read the file."),
          File("revoked", false, "Certificates that are no longer believed: a CRL of the CA, PEM."),
      }};
  return section;
}

const Section& LocalSection() {
  static const Section section{
      .path = "control.local[]",
      .meaning = "A Unix socket for one of them: whoever may connect to it is that one.",
      .keys = {
          Socket("socket", "", "Unique; mode 0600, or 0666 with `users`."),
          {.name = "balancer",
           .type = kNameType,
           .allowed = "the name of one of the balancers",
           .fallback = "none",
           .meaning = "It is this balancer."},
          {.name = "backend",
           .type = "text",
           .allowed = "POOL/BACKEND, by their names",
           .fallback = "none",
           .meaning = "It is the agent of this backend. One of the two is given."},
          {.name = "users",
           .type = "list of whole numbers",
           .max = std::numeric_limits<uint32_t>::max() - 1,
           .max_items = kMaxLocalUsers,
           .fallback = "[]",
           .meaning = "Numbers of the users who may connect, beside root and the daemon's own."},
      }};
  return section;
}

const Section& ControlBalancerSection() {
  static const Section section{
      .path = "balancers[]",
      .meaning = "A balancer. Its certificate names it: `joinery:balancer:NAME`.",
      .keys = {
          {.name = "name",
           .type = kNameType,
           .allowed = NameRule(),
           .required = true,
           .meaning = "Unique; as in its own configuration and certificate."},
          {.name = "addresses",
           .type = "list of addresses",
           .min_items = 1,
           .max_items = kMaxAddressesPerPort * 2,
           .allowed = "an IPv4 or IPv6 unicast address",
           .required = true,
           .meaning = "What it sends encapsulated packets from; backends take them from nobody "
                      "else."},
      }};
  return section;
}

const Section& ControlPoolSection() {
  static const Section section{
      .path = "pools[]",
      .meaning = "A service: its VIPs (IPv4 and IPv6 together) and the servers behind them.",
      .keys = {
          Shared(PoolSection(), "name"),
          Shared(PoolSection(), "max_backends"),
          Shared(PoolSection(), "handshake"),
          {.name = "scheme",
           .type = kSectionType,
           .allowed = "see below",
           .fallback = "its defaults",
           .meaning = "How tokens carry backend IDs. It cannot change while the VIPs exist."},
          Shared(PoolSection(), "table_size"),
          Shared(PoolSection(), "join_rate"),
          {.name = "health",
           .type = kSectionType,
           .allowed = "see below",
           .fallback = "no checks: all backends are taken to be up",
           .meaning = "How backends are checked. A failed check stops new connections only."},
          Shared(PoolSection(), "vips"),
          Shared(PoolSection(), "backends"),
      }};
  return section;
}

const Section& ControlSchemeSection() {
  static const Section section{
      .path = "pools[].scheme",
      .meaning = "The recipe of docs/protocol.md section 2; keys and codepoints are control's.",
      .keys = {
          Shared(SchemeSection(), "algorithm"),
          Shared(SchemeSection(), "generation_bits"),
      }};
  return section;
}

const Section& ControlBackendSection() {
  static const Section section{
      .path = "pools[].backends[]",
      .meaning = "A server. Its agent's certificate names it: `joinery:agent:POOL/BACKEND`.",
      .keys = {
          Shared(BackendSection(), "name"),
          Shared(BackendSection(), "address"),
          Shared(BackendSection(), "weight"),
          Shared(BackendSection(), "encap"),
      }};
  return section;
}

std::array<const Section*, 12> ControlSections() {
  return {&ControlFileSection(),     &ControlDaemonSection(), &ListenSection(),
          &DaemonTlsSection(),       &LocalSection(),         &ControlHealthSection(),
          &ControlBalancerSection(), &ControlPoolSection(),   &ControlSchemeSection(),
          &PoolHealthSection(),      &VipSection(),           &ControlBackendSection()};
}

}  // namespace joinery::settings
