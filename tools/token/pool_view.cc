#include "tools/token/pool_view.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settings/key_file.h"
#include "settings/words.h"

namespace joinery::token {
namespace {

template <typename Integer>
std::optional<Integer> ParseNumber(std::string_view text) {
  Integer value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

tokenmap::Algorithm ToTokenmap(settings::Algorithm algorithm) {
  return algorithm == settings::Algorithm::kPlain ? tokenmap::Algorithm::kPlain
                                                  : tokenmap::Algorithm::kFf1;
}

BackendView ToView(const settings::Backend& backend) {
  return {.id = backend.id,
          .name = backend.name,
          .address = ToString(backend.address),
          .state = std::string(settings::ToWord(backend.state)),
          .is_reached = backend.state != settings::BackendState::kFailed};
}

Expected<PoolView> Build(std::string name, const tokenmap::Scheme& scheme,
                         std::vector<GenerationView> generations) {
  std::vector<tokenmap::GenerationKey> keys;
  for (const GenerationView& generation : generations) keys.push_back(generation.key);
  auto decoder = tokenmap::TokenDecoder::Create(scheme, keys);
  if (!decoder) return tl::unexpected(decoder.error());
  return PoolView{.name = std::move(name),
                  .scheme = scheme,
                  .generations = std::move(generations),
                  .knows_backends = false,
                  .backends = {},
                  .decoder = std::move(*decoder)};
}

Expected<const settings::Pool*> FindPool(const settings::Config& config, const std::string& name) {
  if (name.empty() && config.pools.size() == 1) return &config.pools.front();
  std::vector<std::string_view> names;
  for (const settings::Pool& pool : config.pools) {
    if (pool.name == name) return &pool;
    names.push_back(pool.name);
  }
  if (name.empty()) {
    return Fail(fmt::format("name a pool with --pool: {}", fmt::join(names, ", ")));
  }
  return Fail(fmt::format("no pool is called \"{}\"; there are: {}", name, fmt::join(names, ", ")));
}

// CODEPOINT:SERIAL[:KEYFILE]
Expected<GenerationView> ParseGeneration(const std::string& text, tokenmap::Algorithm algorithm) {
  const bool has_key = algorithm == tokenmap::Algorithm::kFf1;
  const size_t first = text.find(':');
  const size_t second =
      has_key && first != std::string::npos ? text.find(':', first + 1) : text.size();
  if (first == std::string::npos || second == std::string::npos) {
    return Fail(fmt::format("--generation \"{}\": give {}", text,
                            has_key ? "CODEPOINT:SERIAL:KEYFILE" : "CODEPOINT:SERIAL"));
  }
  const std::string_view view = text;
  const auto codepoint = ParseNumber<uint8_t>(view.substr(0, first));
  const auto serial = ParseNumber<uint64_t>(view.substr(first + 1, second - first - 1));
  if (!codepoint || !serial) {
    return Fail(fmt::format("--generation \"{}\": codepoint and serial are numbers", text));
  }
  GenerationView generation = {
      .key = {.codepoint = Codepoint(*codepoint), .serial = Serial(*serial), .key = {}},
      .state = {}};
  if (!has_key) return generation;
  const auto key = settings::ReadKeyFile(text.substr(second + 1));
  if (!key) return tl::unexpected(key.error());
  generation.key.key = *key;
  return generation;
}

}  // namespace

Expected<PoolView> FromConfig(const settings::Config& config, const std::string& name) {
  const auto found = FindPool(config, name);
  if (!found) return tl::unexpected(found.error());
  const settings::Pool& pool = **found;
  const auto scheme = tokenmap::Scheme::Create(ToTokenmap(pool.scheme.algorithm), pool.id,
                                               pool.scheme.generation_bits, pool.scheme.id_bits);
  if (!scheme) return tl::unexpected(scheme.error());
  std::vector<GenerationView> generations;
  for (const settings::Generation& generation : pool.scheme.generations) {
    generations.push_back({.key = {.codepoint = generation.codepoint,
                                   .serial = generation.serial,
                                   .key = generation.key},
                           .state = std::string(settings::ToWord(generation.state))});
  }
  auto view = Build(pool.name, *scheme, std::move(generations));
  if (!view) return view;
  view->knows_backends = true;
  std::transform(pool.backends.begin(), pool.backends.end(), std::back_inserter(view->backends),
                 ToView);
  return view;
}

Expected<PoolView> FromFlags(const SchemeFlags& flags) {
  if (flags.algorithm != "ff1" && flags.algorithm != "plain") {
    return Fail(fmt::format("--algorithm {} is unknown; allowed ff1, plain", flags.algorithm));
  }
  const auto algorithm =
      flags.algorithm == "ff1" ? tokenmap::Algorithm::kFf1 : tokenmap::Algorithm::kPlain;
  constexpr unsigned kMost = std::numeric_limits<uint8_t>::max();
  const auto scheme =
      tokenmap::Scheme::Create(algorithm, PoolId(flags.pool_id),
                               static_cast<uint8_t>(std::min(flags.generation_bits, kMost)),
                               static_cast<uint8_t>(std::min(flags.id_bits, kMost)));
  if (!scheme) return tl::unexpected(scheme.error());
  std::vector<GenerationView> generations;
  for (const std::string& text : flags.generations) {
    auto generation = ParseGeneration(text, algorithm);
    if (!generation) return tl::unexpected(generation.error());
    generations.push_back(std::move(*generation));
  }
  return Build(fmt::format("{}", flags.pool_id), *scheme, std::move(generations));
}

const GenerationView* FindGeneration(const PoolView& pool, Codepoint codepoint) {
  const auto found =
      std::find_if(pool.generations.begin(), pool.generations.end(),
                   [&](const GenerationView& g) { return g.key.codepoint == codepoint; });
  return found == pool.generations.end() ? nullptr : &*found;
}

}  // namespace joinery::token
