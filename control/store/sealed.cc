#include "control/store/sealed.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/hex.h"
#include "control/store/gcm.h"
#include "crypto/sha.h"

namespace joinery::control {
namespace {

constexpr std::string_view kMagic = "joinery-control-state ";
constexpr uint64_t kVersion = 1;
constexpr std::string_view kClear = "none";
constexpr std::string_view kGcm = "aes-256-gcm";

std::string DigestOf(std::string_view body) {
  return ToHex(crypto::Sha256({reinterpret_cast<const uint8_t*>(body.data()), body.size()}));
}

// What both forms of the line start with, and GCM authenticates.
std::string Head(const StateImage& image, size_t length, std::string_view cipher) {
  return fmt::format("{}{} epoch={} sequence={} length={} cipher={}", kMagic, kVersion, image.epoch,
                     image.sequence, length, cipher);
}

// Takes "NAME=" and what follows up to a blank or the end off the front of the line.
std::optional<std::string_view> TakeField(std::string_view& line, std::string_view name) {
  if (!line.starts_with(name) || !line.substr(name.size()).starts_with('=')) return std::nullopt;
  line.remove_prefix(name.size() + 1);
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view value = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return value;
}

bool TakeNumber(std::string_view& line, std::string_view name, uint64_t& number) {
  const auto text = TakeField(line, name);
  if (!text) return false;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
  return parsed.ec == std::errc{} && parsed.ptr == text->data() + text->size();
}

template <size_t kBytes>
bool TakeBytes(std::string_view& line, std::string_view name, std::array<uint8_t, kBytes>& bytes) {
  const auto text = TakeField(line, name);
  if (!text) return false;
  const auto raw = FromHex(*text);
  if (!raw || raw->size() != kBytes) return false;
  std::ranges::copy(*raw, bytes.begin());
  return true;
}

Expected<StateImage> UnsealClear(StateImage image, std::string_view line, std::string_view body) {
  const auto digest = TakeField(line, "sha256");
  if (!digest || *digest != DigestOf(body)) {
    return Fail("was changed: its SHA-256 is not the one that its first line says");
  }
  image.body = body;
  return image;
}

Expected<StateImage> UnsealGcm(StateImage image, std::string_view line, std::string_view body,
                               const std::optional<StateKey>& key) {
  if (!key) return Fail("is encrypted; control.state_key_file must name its key");
  GcmNonce nonce{};
  GcmTag tag{};
  if (!TakeBytes(line, "nonce", nonce) || !TakeBytes(line, "tag", tag)) {
    return Fail("has a damaged first line");
  }
  auto plain = GcmDecrypt(*key, nonce, Head(image, body.size(), kGcm), body, tag);
  if (!plain) return Fail("does not decrypt: it was changed, or encrypted under another key");
  image.body = *std::move(plain);
  return image;
}

}  // namespace

Expected<std::string> Seal(const StateImage& image, const std::optional<StateKey>& key,
                           Random& random) {
  if (!key) {
    return fmt::format("{} sha256={}\n{}", Head(image, image.body.size(), kClear),
                       DigestOf(image.body), image.body);
  }
  GcmNonce nonce{};
  random.Fill(nonce);
  const std::string head = Head(image, image.body.size(), kGcm);
  const auto sealed = GcmEncrypt(*key, nonce, head, image.body);
  if (!sealed) return Fail("OpenSSL does not encrypt by AES-256-GCM");
  return fmt::format("{} nonce={} tag={}\n{}", head, ToHex(nonce), ToHex(sealed->tag),
                     sealed->cipher);
}

Expected<StateImage> Unseal(std::string_view bytes, const std::optional<StateKey>& key) {
  if (bytes.empty()) return Fail("is empty; restore it from a backup, or remove it to start anew");
  if (!bytes.starts_with(kMagic)) return Fail("is no state of joinery-control");
  const size_t line_end = bytes.find('\n');
  if (line_end == std::string_view::npos) return Fail("is cut off in its first line");
  std::string_view line = bytes.substr(kMagic.size(), line_end - kMagic.size());
  const std::string_view body = bytes.substr(line_end + 1);

  uint64_t version = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), version);
  if (parsed.ec != std::errc{}) return Fail("has a damaged first line");
  if (version != kVersion) {
    return Fail(fmt::format("has format {}; this program reads format {}", version, kVersion));
  }
  line.remove_prefix(static_cast<size_t>(parsed.ptr - line.data()));
  if (line.starts_with(' ')) line.remove_prefix(1);

  StateImage image;
  uint64_t length = 0;
  if (!TakeNumber(line, "epoch", image.epoch) || !TakeNumber(line, "sequence", image.sequence) ||
      !TakeNumber(line, "length", length)) {
    return Fail("has a damaged first line");
  }
  if (body.size() != length) {
    return Fail(fmt::format("is cut off or has grown: {} bytes of state; its first line says {}",
                            body.size(), length));
  }
  const auto cipher = TakeField(line, "cipher");
  if (cipher == kClear) return UnsealClear(std::move(image), line, body);
  if (cipher == kGcm) return UnsealGcm(std::move(image), line, body, key);
  return Fail("has a damaged first line");
}

}  // namespace joinery::control
