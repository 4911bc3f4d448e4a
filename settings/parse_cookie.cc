#include "settings/parse.h"

namespace joinery::settings {
namespace {

CookieEpochDraft ParseEpoch(const MapReader& map, const KeyReader& read_key) {
  CookieEpochDraft draft{.epoch = {}, .map = map};
  uint64_t serial = 0;
  map.Number("serial", serial);
  draft.epoch.serial = Serial(serial);
  map.Word("state", draft.epoch.state);
  ParseKeyFile(map, "key_file", read_key, draft.epoch.key_file, draft.epoch.key);
  return draft;
}

}  // namespace

CookieDraft ParseCookie(const MapReader& map, const KeyReader& read_key) {
  CookieDraft draft{.cookie = {}, .map = map, .epochs = {}};
  map.Word("rule", draft.cookie.rule);
  for (const MapReader& epoch : map.Sections("epochs", CookieEpochSection())) {
    draft.epochs.push_back(ParseEpoch(epoch, read_key));
  }
  return draft;
}

}  // namespace joinery::settings
