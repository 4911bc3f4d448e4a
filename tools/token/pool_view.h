// What joinery-token knows of a pool: its scheme, the live generations with their keys, and (when
// they come from a configuration) the backends behind the IDs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/expected.h"
#include "base/ids.h"
#include "settings/config.h"
#include "tokenmap/scheme.h"
#include "tokenmap/token_decoder.h"

namespace joinery::token {

struct GenerationView {
  tokenmap::GenerationKey key;
  std::string state;  // "active"; empty when unknown
};

struct BackendView {
  BackendId id;
  std::string name;
  std::string address;
  std::string state;        // "up"
  bool is_reached = false;  // whether a join that names it goes there (protocol.md section 4)
};

struct PoolView {
  std::string name;
  tokenmap::Scheme scheme;
  std::vector<GenerationView> generations;
  bool knows_backends = false;
  std::vector<BackendView> backends;
  tokenmap::TokenDecoder decoder;
};

// What the command line says when there is no configuration.
struct SchemeFlags {
  std::string algorithm = "ff1";
  unsigned generation_bits = 2;
  unsigned id_bits = 8;
  uint32_t pool_id = 0;
  // CODEPOINT:SERIAL:KEYFILE, or CODEPOINT:SERIAL for plain. Keys are never on the command line,
  // where every user of the machine sees them.
  std::vector<std::string> generations;
};

// `name` may be empty when the configuration has one pool.
[[nodiscard]] Expected<PoolView> FromConfig(const settings::Config& config,
                                            const std::string& name);
[[nodiscard]] Expected<PoolView> FromFlags(const SchemeFlags& flags);

// The generation with this codepoint, or nullptr.
[[nodiscard]] const GenerationView* FindGeneration(const PoolView& pool, Codepoint codepoint);

}  // namespace joinery::token
