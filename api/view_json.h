// Parts that the views of balancers and agents share, from and to JSON.
#pragma once

#include <cstdint>
#include <vector>

#include "api/balancer_view.h"
#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/position.h"

namespace joinery::api {

void WritePosition(JsonWriter& out, const Position& at);  // {"epoch":3,"version":41}
[[nodiscard]] Position ReadPosition(const JsonValue& value);

// The head of each message, up to its own members.
JsonWriter& BeginMessage(JsonWriter& out);

void WriteVips(JsonWriter& out, const std::vector<ServedVip>& vips);
[[nodiscard]] std::vector<ServedVip> ReadVips(const JsonValue& value);

// The key travels unless the algorithm is plain, which has none.
void WriteGeneration(JsonWriter& out, const SchemeGeneration& generation,
                     settings::Algorithm algorithm);
[[nodiscard]] SchemeGeneration ReadGeneration(const JsonValue& value, settings::Algorithm algorithm,
                                              uint8_t generation_bits);
[[nodiscard]] Codepoint ReadCodepoint(const JsonValue& value, uint8_t generation_bits);

// What fixes the layout of a pool's tokens (docs/protocol.md section 2): members max_backends,
// algorithm, generation_bits and handshake of `value`.
struct Layout {
  uint16_t max_backends = 1;
  settings::Algorithm algorithm = settings::Algorithm::kFf1;
  uint8_t generation_bits = 2;
  settings::Handshake handshake = settings::Handshake::kDerived;
};
void WriteLayout(JsonWriter& out, const Layout& layout);
[[nodiscard]] Layout ReadLayout(const JsonValue& value);
// Below 2^s.
[[nodiscard]] BackendId ReadId(const JsonValue& value, uint16_t max_backends);

// The scheme part as an object, without a message's head.
void WriteSchemePart(JsonWriter& out, const SchemePart& part);
[[nodiscard]] SchemePart ReadSchemePart(const JsonValue& value);

// This schema has no cookie: a receiver that passed over one would steer wrong (I7).
void RefuseCookie(const JsonValue& value);

}  // namespace joinery::api
