#include "tools/token/explain.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "tokenmap/token_encoder.h"

namespace joinery::token {
namespace {

// "  bits 31..30  01  codepoint 1: ..."
std::string BitsLine(int high, int low, uint32_t value, std::string_view meaning) {
  return fmt::format("  {:<13} {:0{}b}  {}\n", fmt::format("bits {}..{}", high, low), value,
                     high - low + 1, meaning);
}

std::string GenerationText(const PoolView& pool, Codepoint codepoint) {
  if (codepoint == pool.scheme.reserved()) return "reserved: made without a scheme";
  const GenerationView* generation = FindGeneration(pool, codepoint);
  if (generation == nullptr) return "no generation is live under it";
  const std::string text = fmt::format("serial {}", generation->key.serial.value());
  return generation->state.empty() ? text : fmt::format("{}, {}", text, generation->state);
}

const BackendView* FindBackend(const PoolView& pool, BackendId id) {
  const auto found = std::find_if(pool.backends.begin(), pool.backends.end(),
                                  [&](const BackendView& b) { return b.id == id; });
  return found == pool.backends.end() ? nullptr : &*found;
}

std::string BackendText(const PoolView& pool, BackendId id) {
  const std::string text = fmt::format("ID {}", id.value());
  if (!pool.knows_backends) return text;
  const BackendView* backend = FindBackend(pool, id);
  if (backend == nullptr) return fmt::format("{}: no backend has it", text);
  return fmt::format("{}: {} ({}, {})", text, backend->name, backend->address, backend->state);
}

// Rule `token` of docs/protocol.md section 4.
std::string Verdict(const PoolView& pool, const tokenmap::Decoded& decoded) {
  if (decoded.status != tokenmap::DecodeStatus::kOk) return "a join goes by the hash: unroutable";
  if (!pool.knows_backends) {
    return fmt::format("a join goes to the backend with ID {}", decoded.id.value());
  }
  const BackendView* backend = FindBackend(pool, decoded.id);
  if (backend == nullptr) return "a join goes by the hash: unknown ID";
  if (!backend->is_reached) {
    return fmt::format("a join goes by the hash: {} is {}", backend->name, backend->state);
  }
  return fmt::format("a join goes to {}", backend->name);
}

}  // namespace

std::string Explain(const PoolView& pool, Token token) {
  const tokenmap::Scheme& scheme = pool.scheme;
  const int body_bits = scheme.body_bits();
  const int nonce_bits = scheme.nonce_bits();
  const tokenmap::Decoded decoded = pool.decoder.Decode(token);
  const bool is_plain = scheme.algorithm() == tokenmap::Algorithm::kPlain;

  std::string text =
      fmt::format("token     0x{:08x}, pool {}: {}, {} + {} + {} bits\n", token.value(), pool.name,
                  Name(scheme.algorithm()), scheme.generation_bits(), scheme.id_bits(), nonce_bits);
  text += BitsLine(31, body_bits, decoded.codepoint.value(),
                   fmt::format("codepoint {}: {}", decoded.codepoint.value(),
                               GenerationText(pool, decoded.codepoint)));
  text += BitsLine(body_bits - 1, 0, scheme.Body(token),
                   is_plain ? "ID and nonce, in the open" : "ID and nonce, encrypted");
  if (decoded.status == tokenmap::DecodeStatus::kOk) {
    text += is_plain ? "meaning\n" : "decrypted\n";
    text += BitsLine(body_bits - 1, nonce_bits, decoded.id.value(), BackendText(pool, decoded.id));
    text += BitsLine(nonce_bits - 1, 0, decoded.nonce, fmt::format("nonce {}", decoded.nonce));
  }
  return text + fmt::format("verdict   {}\n", Verdict(pool, decoded));
}

std::optional<Token> ParseToken(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 8) {
    return std::nullopt;
  }
  return Token(value);
}

Expected<Token> Encode(const PoolView& pool, const EncodeRequest& request) {
  const auto generation =
      std::find_if(pool.generations.begin(), pool.generations.end(), [&](const GenerationView& g) {
        if (request.codepoint) return g.key.codepoint.value() == *request.codepoint;
        return g.state == "active" || pool.generations.size() == 1;
      });
  if (generation == pool.generations.end()) {
    return request.codepoint
               ? Fail(fmt::format("no generation is live under codepoint {}", *request.codepoint))
               : Fail("no generation is active; choose one with --codepoint");
  }
  const auto encoder = tokenmap::TokenEncoder::Create(pool.scheme, generation->key);
  if (!encoder) return tl::unexpected(encoder.error());
  constexpr uint32_t kMostId = std::numeric_limits<uint16_t>::max();
  const auto token = encoder->Encode(
      BackendId(static_cast<uint16_t>(std::min(request.id, kMostId))), request.nonce);
  if (!token) {
    return Fail(fmt::format("id {} or nonce {} is too large; allowed id 0..{}, nonce 0..{}",
                            request.id, request.nonce, (1U << pool.scheme.id_bits()) - 1,
                            (1U << pool.scheme.nonce_bits()) - 1));
  }
  return *token;
}

}  // namespace joinery::token
