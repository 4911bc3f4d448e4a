#include <algorithm>

#include <netinet/in.h>

#include "settings/parse.h"
#include "settings/unique.h"

namespace joinery::settings {

VipDraft ParseVip(const MapReader& map) {
  VipDraft draft{.vip = {}, .map = map, .ports = {}};
  Vip& vip = draft.vip;
  map.Address("address", vip.address);
  Protocol protocol = Protocol::kTcp;
  map.Word("protocol", protocol);
  vip.protocol = protocol == Protocol::kTcp ? IPPROTO_TCP : IPPROTO_UDP;
  Unique<int64_t> seen;
  for (const ValueReader& item : map.Items("ports")) {
    const auto number = item.Number();
    if (!number || !seen.Add(item, *number)) continue;
    const Port port(static_cast<uint16_t>(*number));
    vip.ports.push_back(port);
    draft.ports.push_back({port, item});
  }
  std::ranges::sort(vip.ports);
  return draft;
}

}  // namespace joinery::settings
