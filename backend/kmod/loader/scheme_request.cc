#include "backend/kmod/loader/scheme_request.h"

#include <algorithm>

#include <fmt/format.h>

namespace joinery::kmod {
namespace {

constexpr uint8_t kPlain = 0;  // JOINERY_TOKEN_PLAIN and _FF1 of tokenmap/c/ff1_radix2.h
constexpr uint8_t kFf1 = 1;

Expected<void> CheckLayout(const joinery_token_scheme& scheme) {
  if (scheme.generation_bits < 2 || scheme.generation_bits > 3) {
    return Fail(fmt::format("r = {}; allowed 2..3", scheme.generation_bits));
  }
  const unsigned most = JOINERY_TOKEN_MAX_BITS - scheme.generation_bits;
  if (scheme.id_bits < 1 || scheme.id_bits > most) {
    return Fail(fmt::format("s = {}; allowed 1..{} with r = {} (derived tokens)", scheme.id_bits,
                            most, scheme.generation_bits));
  }
  const unsigned reserved = (1U << scheme.generation_bits) - 1;
  if (scheme.codepoint >= reserved) {
    return Fail(fmt::format("codepoint = {}; allowed 0..{} ({} is reserved)", scheme.codepoint,
                            reserved - 1, reserved));
  }
  if (scheme.backend >> scheme.id_bits != 0) {
    return Fail(fmt::format("id = {}; allowed 0..{} with s = {}", scheme.backend,
                            (1U << scheme.id_bits) - 1, scheme.id_bits));
  }
  return {};
}

joinery_token_scheme Request(uint16_t command) noexcept {
  joinery_token_scheme scheme{};
  scheme.magic = JOINERY_TOKEN_MAGIC;
  scheme.schema = JOINERY_TOKEN_SCHEMA;
  scheme.command = command;
  return scheme;
}

}  // namespace

joinery_token_scheme ClearRequest() noexcept { return Request(JOINERY_TOKEN_CLEAR); }

Expected<joinery_token_scheme> SchemeFromFlags(const SchemeFlags& flags,
                                               const settings::Key128& key) {
  if (flags.algorithm != "ff1" && flags.algorithm != "plain") {
    return Fail(fmt::format("algorithm = {}; allowed ff1, plain", flags.algorithm));
  }
  joinery_token_scheme scheme = Request(JOINERY_TOKEN_SET);
  scheme.pool = flags.pool;
  scheme.backend = flags.id;
  scheme.algorithm = flags.algorithm == "plain" ? kPlain : kFf1;
  scheme.generation_bits = flags.r;
  scheme.serial = flags.serial;
  scheme.id_bits = flags.s;
  scheme.codepoint = flags.codepoint;
  if (scheme.algorithm == kFf1) std::ranges::copy(key.bytes(), std::begin(scheme.key));
  if (auto checked = CheckLayout(scheme); !checked) return Fail(checked.error().message);
  return scheme;
}

Expected<joinery_token_scheme> SchemeFromConfig(const settings::Config& config,
                                                const std::string& backend) {
  const settings::Pool* in = nullptr;
  const settings::Backend* found = nullptr;
  for (const settings::Pool& pool : config.pools) {
    for (const settings::Backend& candidate : pool.backends) {
      if (candidate.name != backend) continue;
      if (found != nullptr) {
        return Fail(
            fmt::format("backend {} is in the pools {} and {}; a host issues tokens for one",
                        backend, in->name, pool.name));
      }
      in = &pool;
      found = &candidate;
    }
  }
  if (found == nullptr) return Fail(fmt::format("no pool has a backend {}", backend));
  const auto& generations = in->scheme.generations;
  const auto active = std::find_if(generations.begin(), generations.end(), [](const auto& g) {
    return g.state == settings::GenerationState::kActive;
  });
  if (active == generations.end()) {
    return Fail(fmt::format("pool {} has no active generation", in->name));
  }
  return SchemeFromFlags(
      {.pool = in->id.value(),
       .id = found->id.value(),
       .r = in->scheme.generation_bits,
       .s = in->scheme.id_bits,
       .serial = active->serial.value(),
       .codepoint = active->codepoint.value(),
       .algorithm = in->scheme.algorithm == settings::Algorithm::kPlain ? "plain" : "ff1"},
      active->key);
}

}  // namespace joinery::kmod
