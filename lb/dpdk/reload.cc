#include "lb/dpdk/reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lb/dpdk/fixed_settings.h"
#include "settings/load.h"

namespace joinery::dpdk {

Expected<uint64_t> Reloader::Reload() {
  const auto config = settings::LoadFile(path_);
  if (!config) {
    std::vector<std::string> lines;
    for (const settings::Diagnostic& diagnostic : config.error()) {
      lines.push_back(ToString(diagnostic));
    }
    return Refuse(fmt::format("{}", fmt::join(lines, "\n")));
  }
  if (const auto fixed = FixedDifferences(running_, *config); !fixed.empty()) {
    return Refuse(fmt::format("{}: {}", path_, fmt::join(fixed, fmt::format("\n{}: ", path_))));
  }
  if (auto done = Apply(*config); !done) {
    return Refuse(fmt::format("{}: {}", path_, done.error().message));
  }
  return plans_.current().snapshot->version();
}

Expected<void> Reloader::Apply(const settings::Config& config) {
  if (following_ != nullptr) return following_->Reload(config.lb);
  if (auto built = plans_.Build(config); !built) return built;
  plans_.Swap();
  return {};
}

tl::unexpected<Error> Reloader::Refuse(const std::string& errors) const {
  return Fail(fmt::format("{}\n{}: the running configuration (version {}) stays", errors, path_,
                          plans_.current().snapshot->version()));
}

}  // namespace joinery::dpdk
