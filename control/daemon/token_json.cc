#include "control/daemon/token_json.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "api/json_writer.h"
#include "api/view_json.h"
#include "control/daemon/token_owner.h"
#include "control/model/words.h"
#include "tokenmap/token_decoder.h"

namespace joinery::control {
namespace {

std::optional<Token> ParseToken(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  uint32_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return Token(value);
}

void WriteBackendOf(api::JsonWriter& out, const Pool& pool, BackendId id) {
  out.Member("id").Integer(id.value());
  const auto found = std::ranges::find_if(
      pool.backends, [id](const auto& backend) { return backend.second.id == id; });
  if (found == pool.backends.end()) {
    out.Member("backend").Null().Member("state").Null();
  } else {
    out.Member("backend").String(found->first);
    out.Member("state").String(ToString(found->second.state));
  }
}

Expected<void> WriteDecoded(api::JsonWriter& out, const std::string& name, const Pool& pool,
                            Token token) {
  const auto decoder = DecoderOf(pool);
  if (!decoder) return unexpected(decoder.error());
  const tokenmap::Decoded decoded = decoder->Decode(token);
  out.BeginObject().Member("pool").String(name);
  if (decoded.status == tokenmap::DecodeStatus::kReserved) {
    out.Member("status").String("reserved").EndObject();
    return {};
  }
  const Codepoint codepoint = decoder->scheme().CodepointOf(token);
  out.Member("codepoint").Integer(codepoint.value());
  if (decoded.status == tokenmap::DecodeStatus::kNoGeneration) {
    out.Member("status").String("no_generation").EndObject();
    return {};
  }
  const auto generation = std::ranges::find(pool.generations, codepoint, &Generation::codepoint);
  out.Member("status").String("decoded");
  out.Member("serial").Integer(generation->serial.value());
  out.Member("generation").String(ToString(generation->state));
  WriteBackendOf(out, pool, decoded.id);
  out.EndObject();
  return {};
}

}  // namespace

Expected<std::string> TokenJson(const Durable& durable, std::string_view token,
                                std::string_view pool) {
  const auto parsed = ParseToken(token);
  if (!parsed) return Fail(fmt::format("{} is no token; expected 8 hexadecimal digits", token));
  if (!pool.empty() && !durable.pools.contains(std::string(pool))) {
    return Fail(fmt::format("there is no pool {}", pool));
  }
  api::JsonWriter out;
  api::BeginMessage(out).Member("token").String(fmt::format("0x{:08x}", parsed->value()));
  out.Member("pools").BeginArray();
  for (const auto& [name, one] : durable.pools) {
    if (!pool.empty() && name != pool) continue;
    if (one.layout.handshake == settings::Handshake::kNone) continue;
    if (const auto written = WriteDecoded(out, name, one, *parsed); !written) {
      return unexpected(written.error());
    }
  }
  out.EndArray().EndObject();
  return out.Take();
}

}  // namespace joinery::control
