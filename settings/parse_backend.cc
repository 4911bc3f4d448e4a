#include "settings/parse.h"

namespace joinery::settings {

BackendDraft ParseBackend(const MapReader& map) {
  BackendDraft draft{.backend = {}, .map = map};
  Backend& backend = draft.backend;
  map.Name("name", backend.name);
  uint16_t id = 0;
  map.Number("id", id);
  backend.id = BackendId(id);
  map.Address("address", backend.address);
  map.Number("weight", backend.weight);
  map.Word("encap", backend.encap);
  map.Word("state", backend.state);
  return draft;
}

}  // namespace joinery::settings
