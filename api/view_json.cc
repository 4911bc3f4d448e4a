#include "api/view_json.h"

#include <fmt/format.h>

#include <netinet/in.h>

#include "api/limits.h"
#include "api/schema.h"
#include "settings/limits.h"
#include "tokenmap/scheme.h"

namespace joinery::api {
namespace {

// docs/protocol.md section 2: "r+s at most 14, at most 12 where derived tokens are used".
int MaxBits(settings::Handshake handshake) noexcept {
  return handshake == settings::Handshake::kDerived ? tokenmap::kMaxBitsForDerived
                                                    : tokenmap::kMaxBitsForExplicit;
}

ServedVip ReadVip(const JsonValue& value) {
  ServedVip vip;
  vip.address = value["address"].Address();
  const bool tcp = value["protocol"].Word<settings::Protocol>() == settings::Protocol::kTcp;
  vip.protocol = tcp ? IPPROTO_TCP : IPPROTO_UDP;
  const JsonValue ports = value["ports"];
  ports.Each(settings::kMaxPortsPerVip, [&](const JsonValue& range) {
    const Port first(range["first"].Integer<uint16_t>(1));
    vip.ports.push_back({first, Port(range["last"].Integer<uint16_t>(first.value()))});
  });
  // A control of before fragments could be taken does not say.
  if (const JsonValue fragments = value["fragments"]; fragments.HasValue()) {
    vip.fragments = fragments.Word<settings::Fragments>();
  }
  if (vip.ports.empty()) ports.Refuse("none; expected at least one range of ports");
  return vip;
}

}  // namespace

void WritePosition(JsonWriter& out, const Position& at) {
  out.BeginObject().Member("epoch").Integer(at.epoch);
  out.Member("version").Integer(at.version).EndObject();
}

Position ReadPosition(const JsonValue& value) {
  return {.epoch = value["epoch"].Integer<uint64_t>(),
          .version = value["version"].Integer<uint64_t>()};
}

JsonWriter& BeginMessage(JsonWriter& out) {
  return out.BeginObject().Member("schema").Integer(kSchema);
}

void WriteVips(JsonWriter& out, const std::vector<ServedVip>& vips) {
  out.BeginArray();
  for (const ServedVip& vip : vips) {
    const auto protocol =
        vip.protocol == IPPROTO_TCP ? settings::Protocol::kTcp : settings::Protocol::kUdp;
    out.BeginObject().Member("address").String(ToString(vip.address));
    out.Member("protocol").String(settings::ToWord(protocol)).Member("ports").BeginArray();
    for (const PortRange& range : vip.ports) {
      out.BeginObject().Member("first").Integer(range.first.value());
      out.Member("last").Integer(range.last.value()).EndObject();
    }
    out.EndArray().Member("fragments").String(settings::ToWord(vip.fragments)).EndObject();
  }
  out.EndArray();
}

std::vector<ServedVip> ReadVips(const JsonValue& value) {
  std::vector<ServedVip> vips;
  value.Each(settings::kMaxVipsPerPool,
             [&](const JsonValue& vip) { vips.push_back(ReadVip(vip)); });
  return vips;
}

void WriteGeneration(JsonWriter& out, const SchemeGeneration& generation,
                     settings::Algorithm algorithm) {
  out.BeginObject().Member("codepoint").Integer(generation.codepoint.value());
  out.Member("serial").Integer(generation.serial.value());
  out.Member("state").String(settings::ToWord(generation.state));
  if (algorithm != settings::Algorithm::kPlain) out.Member("key").Hex(generation.key.bytes());
  out.EndObject();
}

Codepoint ReadCodepoint(const JsonValue& value, uint8_t generation_bits) {
  // All ones is reserved (docs/protocol.md section 2).
  return Codepoint(value.Integer<uint8_t>(0, static_cast<uint8_t>((1U << generation_bits) - 2)));
}

SchemeGeneration ReadGeneration(const JsonValue& value, settings::Algorithm algorithm,
                                uint8_t generation_bits) {
  SchemeGeneration generation;
  generation.codepoint = ReadCodepoint(value["codepoint"], generation_bits);
  generation.serial = Serial(value["serial"].Integer<uint64_t>());
  generation.state = value["state"].Word<settings::GenerationState>();
  if (algorithm != settings::Algorithm::kPlain) {
    generation.key = value["key"].Key();
  } else if (value["key"].HasValue()) {
    value["key"].Refuse("plain has no key");
  }
  return generation;
}

void WriteLayout(JsonWriter& out, const Layout& layout) {
  out.Member("max_backends").Integer(layout.max_backends);
  out.Member("algorithm").String(settings::ToWord(layout.algorithm));
  out.Member("generation_bits").Integer(layout.generation_bits);
  out.Member("handshake").String(settings::ToWord(layout.handshake));
}

Layout ReadLayout(const JsonValue& value) {
  Layout layout;
  layout.max_backends = value["max_backends"].Integer<uint16_t>(1, tokenmap::kMaxBackends);
  layout.algorithm = value["algorithm"].Word<settings::Algorithm>();
  layout.generation_bits = value["generation_bits"].Integer<uint8_t>(tokenmap::kMinGenerationBits,
                                                                     tokenmap::kMaxGenerationBits);
  layout.handshake = value["handshake"].Word<settings::Handshake>();
  const int room = MaxBits(layout.handshake) - layout.generation_bits;
  if (tokenmap::IdBits(layout.max_backends) > room) {
    value["max_backends"].Refuse(fmt::format(
        "{}; expected at most {} with handshake {} and generation_bits {}", layout.max_backends,
        1 << (room - 1), settings::ToWord(layout.handshake), layout.generation_bits));
  }
  return layout;
}

BackendId ReadId(const JsonValue& value, uint16_t max_backends) {
  const uint32_t ids = 1U << tokenmap::IdBits(max_backends);
  return BackendId(value.Integer<uint16_t>(0, static_cast<uint16_t>(ids - 1)));
}

void RefuseCookie(const JsonValue& value) {
  if (value["cookie"].HasValue()) {
    value["cookie"].Refuse(fmt::format("expected null in schema {}", kSchema));
  }
}

}  // namespace joinery::api
