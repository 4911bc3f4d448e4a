#include "api/digest.h"

#include <array>
#include <span>

#include "crypto/sha.h"

namespace joinery::api {
namespace {

constexpr std::string_view kMember = "sha-256=:";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr size_t kBase64Bytes = 44;  // 32 bytes, with one '=' (RFC 4648 section 4)

std::optional<Digest> FromBase64(std::string_view text) {
  Digest digest{};
  uint32_t bits = 0;
  int count = 0;
  size_t out = 0;
  for (const char c : text.substr(0, kBase64Bytes - 1)) {
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    digest[out++] = static_cast<uint8_t>(bits >> count);
  }
  // The last two bits say nothing and are zero in canonical text.
  if ((bits & 3) != 0) return std::nullopt;
  return digest;
}

}  // namespace

Digest DigestOf(std::string_view bytes) {
  return crypto::Sha256({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

std::string ToContentDigest(const Digest& digest) {
  std::string text(kMember);
  uint32_t bits = 0;
  int count = 0;
  for (const uint8_t byte : digest) {
    bits = bits << 8 | byte;
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += kAlphabet[bits >> count & 63];
    }
  }
  text += kAlphabet[bits << (6 - count) & 63];
  return text + "=:";
}

std::optional<Digest> ParseContentDigest(std::string_view value) {
  while (!value.empty()) {
    const size_t comma = value.find(',');
    std::string_view member = value.substr(0, comma);
    value.remove_prefix(comma == std::string_view::npos ? value.size() : comma + 1);
    while (member.starts_with(' ') || member.starts_with('\t')) member.remove_prefix(1);
    while (member.ends_with(' ') || member.ends_with('\t')) member.remove_suffix(1);
    if (!member.starts_with(kMember)) continue;
    member.remove_prefix(kMember.size());
    if (member.size() != kBase64Bytes + 1 || !member.ends_with("=:")) return std::nullopt;
    return FromBase64(member);
  }
  return std::nullopt;
}

}  // namespace joinery::api
