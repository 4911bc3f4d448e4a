#include "lb/follow/read_view.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/balancer_view_json.h"
#include "api/position_text.h"
#include "lb/follow/last_good.h"

namespace joinery::follow {
namespace {

template <typename Part>
Expected<Held<Part>> Read(Expected<Part> part, const api::Stamp& stamp, std::string bytes) {
  if (!part) return tl::unexpected(part.error());
  if (part->at != stamp.at) {
    return Fail(fmt::format("at: {} in the body, but it was sent as {}", api::ToString(part->at),
                            api::ToString(stamp.at)));
  }
  return Held<Part>{.stamp = stamp,
                    .part = std::make_shared<const Part>(*std::move(part)),
                    .bytes = std::make_shared<const std::string>(std::move(bytes))};
}

}  // namespace

Expected<Scheme> ReadScheme(const api::Stamp& stamp, std::string bytes) {
  auto part = api::ParseSchemePart(bytes);
  return Read(std::move(part), stamp, std::move(bytes));
}

Expected<Load> ReadLoad(const api::Stamp& stamp, std::string bytes) {
  auto part = api::ParseLoadPart(bytes);
  return Read(std::move(part), stamp, std::move(bytes));
}

Expected<std::optional<View>> ReadLastGood(const std::string& directory) {
  auto stored_scheme = ReadStored(directory, Kind::kScheme);
  if (!stored_scheme) return tl::unexpected(stored_scheme.error());
  auto stored_load = ReadStored(directory, Kind::kLoad);
  if (!stored_load) return tl::unexpected(stored_load.error());
  auto& scheme_kept = *stored_scheme;
  auto& load_kept = *stored_load;
  if (!scheme_kept || !load_kept) return std::nullopt;
  auto scheme = ReadScheme(scheme_kept->stamp, std::move(scheme_kept->bytes));
  if (!scheme) return Fail("the scheme part on disk: " + scheme.error().message);
  auto load = ReadLoad(load_kept->stamp, std::move(load_kept->bytes));
  if (!load) return Fail("the load part on disk: " + load.error().message);
  return View{*std::move(scheme), *std::move(load)};
}

}  // namespace joinery::follow
