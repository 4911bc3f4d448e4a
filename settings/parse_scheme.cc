#include "settings/parse.h"

namespace joinery::settings {
namespace {

GenerationDraft ParseGeneration(const MapReader& map, const KeyReader& read_key) {
  GenerationDraft draft{.generation = {}, .map = map};
  Generation& generation = draft.generation;
  uint8_t codepoint = 0;
  map.Number("codepoint", codepoint);
  generation.codepoint = Codepoint(codepoint);
  uint64_t serial = 0;
  map.Number("serial", serial);
  generation.serial = Serial(serial);
  map.Word("state", generation.state);
  ParseKeyFile(map, "key_file", read_key, generation.key_file, generation.key);
  return draft;
}

}  // namespace

SchemeDraft ParseScheme(const MapReader& map, const KeyReader& read_key) {
  SchemeDraft draft{.scheme = {}, .map = map, .generations = {}};
  map.Word("algorithm", draft.scheme.algorithm);
  map.Number("generation_bits", draft.scheme.generation_bits);
  for (const MapReader& generation : map.Sections("generations", GenerationSection())) {
    draft.generations.push_back(ParseGeneration(generation, read_key));
  }
  return draft;
}

}  // namespace joinery::settings
