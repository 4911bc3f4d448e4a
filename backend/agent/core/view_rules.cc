#include "backend/agent/core/view_rules.h"

#include <algorithm>

#include <fmt/format.h>

namespace joinery::agent {
namespace {

std::string Text(const api::Position& at) { return fmt::format("{}.{}", at.epoch, at.version); }

Expected<void> CheckPosition(const api::Stamp& before, const api::AgentView& view,
                             const api::Stamp& stamp) {
  if (view.at != stamp.at) {
    return Fail(fmt::format("the view says {} and came as {}", Text(view.at), Text(stamp.at)));
  }
  if (stamp.at < before.at) {
    return Fail(fmt::format("view {} is lower than {}, which was accepted before (I8)",
                            Text(stamp.at), Text(before.at)));
  }
  if (stamp.at == before.at && stamp.digest != before.digest) {
    return Fail(fmt::format("view {} has other bytes than before (I8)", Text(stamp.at)));
  }
  return {};
}

Expected<void> CheckNames(const Self& self, const api::AgentView& view) {
  if (!self.pool.empty() && view.pool != self.pool) {
    return Fail(fmt::format("the view is of pool {}, this agent's is {}", view.pool, self.pool));
  }
  if (!self.backend.empty() && view.backend != self.backend) {
    return Fail(
        fmt::format("the view is of backend {}, this agent is {}", view.backend, self.backend));
  }
  return {};
}

// I2 for one generation. `key` is unknown while it is draining.
Expected<void> CheckAndNote(std::vector<ToldGeneration>& told, Codepoint codepoint, Serial serial,
                            const std::optional<KeyHash>& key) {
  const auto at = std::ranges::lower_bound(told, codepoint, {}, &ToldGeneration::codepoint);
  if (at == told.end() || at->codepoint != codepoint) {
    told.insert(at, {codepoint, serial, key});
    return {};
  }
  if (serial < at->serial) {
    return Fail(fmt::format("codepoint {} comes with serial {}; it stood for {} already (I2)",
                            codepoint.value(), serial.value(), at->serial.value()));
  }
  if (serial == at->serial) {
    const std::optional<KeyHash>& known = at->key;
    if (key && known && *key != *known) {
      return Fail(fmt::format("codepoint {}, serial {} comes with another key (I2)",
                              codepoint.value(), serial.value()));
    }
    if (key) at->key = key;
    return {};
  }
  *at = {codepoint, serial, key};
  return {};
}

Expected<void> CheckGenerations(const tokenmap::Scheme& scheme, const api::AgentView& view) {
  std::vector<Codepoint> codepoints;
  std::vector<Serial> serials;
  if (view.active) {
    codepoints.push_back(view.active->codepoint);
    serials.push_back(view.active->serial);
  }
  for (const api::OldGeneration& old : view.draining) {
    codepoints.push_back(old.codepoint);
    serials.push_back(old.serial);
  }
  for (const Codepoint codepoint : codepoints) {
    if (!scheme.IsUsable(codepoint)) {
      return Fail(fmt::format("codepoint {}; allowed 0..{} with r = {}", codepoint.value(),
                              scheme.reserved().value() - 1, scheme.generation_bits()));
    }
    if (std::ranges::count(codepoints, codepoint) > 1) {
      return Fail(fmt::format("codepoint {} stands for two generations", codepoint.value()));
    }
  }
  for (const Serial serial : serials) {
    if (std::ranges::count(serials, serial) > 1) {
      return Fail(fmt::format("serial {} is given twice", serial.value()));
    }
  }
  return {};
}

}  // namespace

Expected<tokenmap::Scheme> SchemeOf(const api::AgentView& view) {
  const uint8_t id_bits = tokenmap::IdBits(view.max_backends);
  const auto algorithm = view.algorithm == settings::Algorithm::kPlain ? tokenmap::Algorithm::kPlain
                                                                       : tokenmap::Algorithm::kFf1;
  auto scheme = tokenmap::Scheme::Create(algorithm, view.pool_id, view.generation_bits, id_bits);
  if (!scheme) return scheme;
  if (view.handshake == settings::Handshake::kDerived &&
      view.generation_bits + id_bits > tokenmap::kMaxBitsForDerived) {
    return Fail(fmt::format("r + s = {}; allowed {} where tokens are derived",
                            view.generation_bits + id_bits, tokenmap::kMaxBitsForDerived));
  }
  if (view.id.value() >> id_bits != 0) {
    return Fail(fmt::format("id = {}; allowed 0..{} with s = {}", view.id.value(),
                            (1U << id_bits) - 1, id_bits));
  }
  return scheme;
}

Expected<Record> Admit(const Record& before, const Self& self, const api::AgentView& view,
                       const api::Stamp& stamp) {
  if (auto checked = CheckPosition(before.view, view, stamp); !checked) {
    return Fail(checked.error().message);
  }
  if (auto checked = CheckNames(self, view); !checked) return Fail(checked.error().message);
  const auto scheme = SchemeOf(view);
  if (!scheme) return Fail(scheme.error().message);
  if (view.active && view.handshake == settings::Handshake::kNone) {
    return Fail("a pool without schemes (handshake none) has an active generation");
  }
  if (auto checked = CheckGenerations(*scheme, view); !checked) {
    return Fail(checked.error().message);
  }

  Record after = before;
  after.view = stamp;
  // Another pool's generations are other functions altogether: its ID is in the tweak.
  if (view.pool_id != before.pool_id) after.told.clear();
  after.pool_id = view.pool_id;
  after.id = view.id;
  after.generation_bits = view.generation_bits;
  after.vips = view.vips;
  for (const api::OldGeneration& old : view.draining) {
    auto noted = CheckAndNote(after.told, old.codepoint, old.serial, std::nullopt);
    if (!noted) return Fail(noted.error().message);
  }
  if (view.active) {
    auto noted = CheckAndNote(after.told, view.active->codepoint, view.active->serial,
                              HashOf(view.active->key));
    if (!noted) return Fail(noted.error().message);
  }
  return after;
}

}  // namespace joinery::agent
