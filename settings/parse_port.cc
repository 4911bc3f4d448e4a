#include "settings/parse.h"

namespace joinery::settings {

PortDraft ParsePort(const MapReader& map) {
  PortDraft draft{.port = {},
                  .map = map,
                  .addresses = {},
                  .subnets_known = map.Valid("addresses"),
                  .gateways = {}};
  PortConfig& port = draft.port;
  map.Name("name", port.name);
  map.Text("device", port.device);
  for (const ValueReader& item : map.Items("addresses")) {
    const auto prefix = item.Prefix();
    if (!prefix) {
      draft.subnets_known = false;
      continue;
    }
    port.addresses.push_back(*prefix);
    draft.addresses.push_back({*prefix, item});
  }
  for (const ValueReader& item : map.Items("gateways")) {
    const auto gateway = item.Address();
    if (!gateway) continue;
    port.gateways.push_back(*gateway);
    draft.gateways.push_back({*gateway, item});
  }
  map.Number("mtu", port.mtu);
  map.Number("vlan", port.vlan);
  return draft;
}

}  // namespace joinery::settings
