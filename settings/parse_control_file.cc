#include "settings/parse_control_file.h"

#include <fmt/format.h>

#include "settings/control_file_keys.h"
#include "settings/control_words.h"
#include "settings/limits.h"
#include "settings/parse.h"
#include "settings/unique.h"

namespace joinery::settings {
namespace {

void ParseTls(const MapReader& map, ControlTls& tls) {
  map.Text("ca", tls.ca);
  map.Text("certificate", tls.certificate);
  map.Text("key", tls.key);
  map.Text("revoked", tls.revoked);
}

// Unlike a backend's address this may be a wildcard or loopback.
Listener ParseListener(const MapReader& map) {
  Listener listener;
  if (const auto value = map.Find("address")) {
    if (const auto text = value->Text()) {
      const auto address = IpAddress::Parse(*text);
      if (!address) {
        value->Refuse("not an address");
      } else if (address->IsMulticast()) {
        value->Refuse("a multicast address");
      } else {
        listener.address = *address;
      }
    }
  }
  uint16_t port = listener.port.value();
  map.Number("port", port);
  listener.port = Port(port);
  return listener;
}

LocalDraft ParseLocal(const MapReader& map) {
  LocalDraft draft{.local = {}, .map = map};
  ParsePath(map, "socket", kMaxSocketPathBytes, draft.local.socket);
  map.Name("balancer", draft.local.balancer);
  map.Text("backend", draft.local.backend);
  for (const ValueReader& item : map.Items("users")) {
    if (const auto uid = item.Number()) draft.local.users.push_back(static_cast<uint32_t>(*uid));
  }
  return draft;
}

void ParseTiming(const MapReader& map, ControlDaemon& control) {
  map.Number("lb_quorum", control.lb_quorum);
  map.Number("lease_s", control.lease_s);
  map.Number("retire_hold_s", control.retire_hold_s);
  map.Number("drain_max_h", control.drain_max_h);
  map.Number("quarantine_h", control.quarantine_h);
}

BackendDraft ParseControlBackend(const MapReader& map) {
  BackendDraft draft{.backend = {}, .map = map};
  map.Name("name", draft.backend.name);
  map.Address("address", draft.backend.address);
  map.Number("weight", draft.backend.weight);
  map.Word("encap", draft.backend.encap);
  return draft;
}

}  // namespace

ControlDraft ParseControlDaemon(const MapReader& map) {
  ControlDraft draft{.control = {}, .map = map, .local = {}, .health = {}};
  ControlDaemon& control = draft.control;
  map.Name("name", control.name);
  ParsePath(map, "admin_socket", kMaxSocketPathBytes, control.admin_socket);
  map.Name("admin_group", control.admin_group);
  for (const MapReader& listen : map.Sections("listen", ListenSection())) {
    control.listen.push_back(ParseListener(listen));
  }
  if (const auto tls = map.Sub("tls", DaemonTlsSection())) ParseTls(*tls, control.tls);
  for (const MapReader& local : map.Sections("local", LocalSection())) {
    draft.local.push_back(ParseLocal(local));
  }
  ParsePath(map, "state_file", kMaxTextBytes, control.state_file);
  map.Text("state_key_file", control.state_key_file);
  ParsePath(map, "audit_log", kMaxTextBytes, control.audit_log);
  map.Word("log_level", control.log_level);
  map.Word("log_format", control.log_format);
  map.EndpointOrOff("metrics", control.metrics);
  ParseTiming(map, control);
  if (const auto health = map.Sub("health", ControlHealthSection())) {
    draft.health = ParseControlHealth(*health);
  }
  return draft;
}

ControlBalancerDraft ParseControlBalancer(const MapReader& map) {
  ControlBalancerDraft draft{.balancer = {}, .map = map, .addresses = {}};
  map.Name("name", draft.balancer.name);
  for (const ValueReader& item : map.Items("addresses")) {
    if (const auto address = item.Address()) {
      draft.balancer.addresses.push_back(*address);
      draft.addresses.push_back({*address, item});
    }
  }
  return draft;
}

ControlPoolDraft ParseControlPool(const MapReader& map) {
  ControlPoolDraft draft{
      .pool = {},
      .shared = {.pool = {}, .map = map, .scheme = {}, .cookie = {}, .vips = {}, .backends = {}},
      .health = {}};
  Pool& shared = draft.shared.pool;
  map.Name("name", shared.name);
  map.Number("max_backends", shared.max_backends);
  map.Word("handshake", shared.handshake);
  if (const auto scheme = map.Sub("scheme", ControlSchemeSection())) {
    scheme->Word("algorithm", shared.scheme.algorithm);
    scheme->Number("generation_bits", shared.scheme.generation_bits);
    draft.shared.scheme = SchemeDraft{.scheme = shared.scheme, .map = *scheme, .generations = {}};
  }
  ParseTableSize(map, shared.table_size);
  map.Number("join_rate", shared.join_rate);
  if (const auto health = map.Sub("health", PoolHealthSection())) {
    draft.health = ParsePoolHealth(*health);
  }
  for (const MapReader& vip : map.Sections("vips", VipSection())) {
    draft.shared.vips.push_back(ParseVip(vip));
  }
  for (const MapReader& backend : map.Sections("backends", ControlBackendSection())) {
    draft.shared.backends.push_back(ParseControlBackend(backend));
  }
  return draft;
}

}  // namespace joinery::settings
