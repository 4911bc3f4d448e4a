#include <algorithm>

#include <fmt/format.h>

#include <netinet/in.h>

#include "settings/parse.h"
#include "settings/port_claims.h"

namespace joinery::settings {
namespace {

// The list, or the word that stands for every port.
std::vector<Placed<PortRange>> ParsePorts(const ValueReader& value) {
  if (value.Is(kAllPorts)) return {{PortRange::All(), value}};
  std::vector<Placed<PortRange>> ports;
  PortClaims claims;
  for (const ValueReader& item : value.Items()) {
    const auto range = item.Ports();
    if (!range) continue;
    const PortClaims::Claim* first = claims.Take(*range, item.at());
    if (first == nullptr) {
      ports.push_back({*range, item});
    } else if (first->ports == *range) {
      item.Fail(
          fmt::format("{} is used twice; first in line {}", ToString(*range), first->at.line));
    } else {
      item.Fail(fmt::format("{} overlaps {} in line {}", ToString(*range), ToString(first->ports),
                            first->at.line));
    }
  }
  return ports;
}

}  // namespace

VipDraft ParseVip(const MapReader& map) {
  VipDraft draft{.vip = {}, .map = map, .ports = {}};
  Vip& vip = draft.vip;
  map.Address("address", vip.address);
  Protocol protocol = Protocol::kTcp;
  map.Word("protocol", protocol);
  vip.protocol = protocol == Protocol::kTcp ? IPPROTO_TCP : IPPROTO_UDP;
  if (const auto ports = map.Find("ports")) draft.ports = ParsePorts(*ports);
  for (const Placed<PortRange>& ports : draft.ports) vip.ports.push_back(ports.value);
  std::ranges::sort(vip.ports);
  map.Word("fragments", vip.fragments);
  return draft;
}

}  // namespace joinery::settings
