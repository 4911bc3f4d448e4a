#include "tokenmap/lease_protocol.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/big_endian.h"

namespace joinery::tokenmap {
namespace {

constexpr size_t kLengthBytes = 4;
constexpr size_t kUsualFrameBytes = 64;

enum class Type : uint8_t {
  kHello = 1,
  kHolds = 2,
  kWant = 3,
  kRelease = 4,
  kWelcome = 129,
  kBlock = 130,
  kRefused = 131,
  kStale = 132,
};

class Writer {
 public:
  explicit Writer(Type type) {
    bytes_.reserve(kUsualFrameBytes);
    bytes_.assign(kLengthBytes, 0);
    U8(static_cast<uint8_t>(type));
  }

  Writer& U8(uint8_t value) {
    bytes_.push_back(value);
    return *this;
  }
  Writer& U16(uint16_t value) {
    StoreBe16(Grow(2), value);
    return *this;
  }
  Writer& U32(uint32_t value) {
    StoreBe32(Grow(4), value);
    return *this;
  }
  Writer& U64(uint64_t value) {
    StoreBe64(Grow(8), value);
    return *this;
  }
  Writer& Tokens(const std::vector<Token>& tokens) {
    const size_t count = std::min<size_t>(tokens.size(), kMaxBlock);
    U16(static_cast<uint16_t>(count));
    for (size_t i = 0; i < count; ++i) U32(tokens[i].value());
    return *this;
  }
  Writer& Text(std::string_view text) {
    for (const char c : text.substr(0, kMaxRefusalText)) {
      U8(static_cast<uint8_t>(c >= ' ' && c <= '~' ? c : '?'));
    }
    return *this;
  }
  [[nodiscard]] std::vector<uint8_t> Take() {
    StoreBe32(bytes_.data(), static_cast<uint32_t>(bytes_.size() - kLengthBytes));
    return std::move(bytes_);
  }

 private:
  uint8_t* Grow(size_t by) {
    bytes_.resize(bytes_.size() + by);
    return bytes_.data() + bytes_.size() - by;
  }
  std::vector<uint8_t> bytes_;
};

// Reads fields in their order; after the first that is missing or wrong, ok() is false and all
// fields are 0.
class Reader {
 public:
  explicit Reader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  uint8_t U8() { return Take(1) ? at_[0] : uint8_t{0}; }
  uint16_t U16() { return Take(2) ? LoadBe16(at_) : uint16_t{0}; }
  uint32_t U32() { return Take(4) ? LoadBe32(at_) : 0; }
  uint64_t U64() { return Take(8) ? LoadBe64(at_) : 0; }
  void Zero() { Need(U8() == 0); }
  bool Bool() {
    const uint8_t value = U8();
    Need(value <= 1);
    return value == 1;
  }
  LeaseKind Kind() {
    const uint8_t value = U8();
    Need(value == 1 || value == 2);
    return value == 2 ? LeaseKind::kKeys : LeaseKind::kTokens;
  }
  uint16_t Count() {
    const uint16_t count = U16();
    Need(count <= kMaxBlock);
    return ok_ ? count : uint16_t{0};
  }
  std::vector<Token> Tokens() {
    const uint16_t count = Count();
    Need(bytes_.size() == size_t{count} * 4);
    std::vector<Token> tokens;
    for (uint16_t i = 0; ok_ && i < count; ++i) tokens.emplace_back(U32());
    return tokens;
  }
  std::string Text() {
    Need(bytes_.size() <= kMaxRefusalText &&
         std::ranges::all_of(bytes_, [](uint8_t c) { return c >= ' ' && c <= '~'; }));
    std::string text(bytes_.begin(), bytes_.end());
    bytes_ = {};
    return text;
  }
  void Need(bool holds) { ok_ = ok_ && holds; }
  // Nothing may be left over.
  [[nodiscard]] bool Done() const noexcept { return ok_ && bytes_.empty(); }

 private:
  bool Take(size_t size) {
    ok_ = ok_ && bytes_.size() >= size;
    if (!ok_) return false;
    at_ = bytes_.data();
    bytes_ = bytes_.subspan(size);
    return true;
  }
  std::span<const uint8_t> bytes_;
  const uint8_t* at_ = nullptr;
  bool ok_ = true;
};

std::vector<uint8_t> Emit(const Hello& m) {
  return Writer(Type::kHello)
      .U32(kLeaseMagic)
      .U16(kLeaseVersion)
      .U8(static_cast<uint8_t>(m.kind))
      .U8(0)
      .U64(m.lease)
      .Take();
}
std::vector<uint8_t> Emit(const Holds& m) {
  return Writer(Type::kHolds).U8(m.last ? 1 : 0).U8(0).Tokens(m.tokens).Take();
}
std::vector<uint8_t> Emit(const Want& m) { return Writer(Type::kWant).U16(m.count).Take(); }
std::vector<uint8_t> Emit(const Release& m) {
  return Writer(Type::kRelease).Tokens(m.tokens).Take();
}
std::vector<uint8_t> Emit(const Welcome& m) {
  return Writer(Type::kWelcome).U64(m.lease).U32(m.quota).Take();
}
std::vector<uint8_t> Emit(const Block& m) {
  Writer writer(Type::kBlock);
  const size_t count = std::min<size_t>(m.items.size(), kMaxBlock);
  writer.U64(m.serial.value()).U8(static_cast<uint8_t>(m.kind)).U8(0);
  writer.U16(static_cast<uint16_t>(count));
  for (size_t i = 0; i < count; ++i) {
    if (m.kind == LeaseKind::kKeys) writer.U64(m.items[i].key);
    writer.U32(m.items[i].token.value());
  }
  return writer.Take();
}
std::vector<uint8_t> Emit(const Refused& m) {
  return Writer(Type::kRefused)
      .U8(static_cast<uint8_t>(m.reason))
      .U8(0)
      .U16(m.retry_ms)
      .Text(m.text)
      .Take();
}
std::vector<uint8_t> Emit(const Stale& m) {
  return Writer(Type::kStale).U64(m.serial.value()).Take();
}

Hello ReadHello(Reader& in) {
  Hello hello;
  in.Need(in.U32() == kLeaseMagic);
  in.Need(in.U16() == kLeaseVersion);
  hello.kind = in.Kind();
  in.Zero();
  hello.lease = in.U64();
  return hello;
}
Holds ReadHolds(Reader& in) {
  Holds holds;
  holds.last = in.Bool();
  in.Zero();
  holds.tokens = in.Tokens();
  return holds;
}
Want ReadWant(Reader& in) {
  const Want want{in.Count()};
  in.Need(want.count > 0);
  return want;
}
Welcome ReadWelcome(Reader& in) {
  Welcome welcome;
  welcome.lease = in.U64();
  welcome.quota = in.U32();
  return welcome;
}
Block ReadBlock(Reader& in) {
  Block block;
  block.serial = Serial(in.U64());
  block.kind = in.Kind();
  in.Zero();
  const uint16_t count = in.Count();
  for (uint16_t i = 0; i < count; ++i) {
    Leased item;
    if (block.kind == LeaseKind::kKeys) item.key = in.U64();
    item.token = Token(in.U32());
    block.items.push_back(item);
  }
  return block;
}
Refused ReadRefused(Reader& in) {
  Refused refused;
  const uint8_t reason = in.U8();
  in.Need(reason >= static_cast<uint8_t>(RefusalReason::kNotAllowed) &&
          reason <= static_cast<uint8_t>(RefusalReason::kProtocol));
  refused.reason = static_cast<RefusalReason>(reason);
  in.Zero();
  refused.retry_ms = in.U16();
  refused.text = in.Text();
  return refused;
}

std::optional<LeaseMessage> Read(Type type, Reader& in) {
  switch (type) {
    case Type::kHello:
      return ReadHello(in);
    case Type::kHolds:
      return ReadHolds(in);
    case Type::kWant:
      return ReadWant(in);
    case Type::kRelease:
      return Release{in.Tokens()};
    case Type::kWelcome:
      return ReadWelcome(in);
    case Type::kBlock:
      return ReadBlock(in);
    case Type::kRefused:
      return ReadRefused(in);
    case Type::kStale:
      return Stale{Serial(in.U64())};
  }
  return std::nullopt;
}

std::string Text(const Hello& m) {
  return fmt::format("hello, {}{}", m.kind == LeaseKind::kKeys ? "keys" : "tokens",
                     m.lease == 0 ? "" : ", resume");
}
std::string Text(const Holds& m) { return fmt::format("holds {}", m.tokens.size()); }
std::string Text(const Want& m) { return fmt::format("want {}", m.count); }
std::string Text(const Release& m) { return fmt::format("release {}", m.tokens.size()); }
std::string Text(const Welcome& m) { return fmt::format("welcome, quota {}", m.quota); }
std::string Text(const Block& m) {
  return fmt::format("block of {} under {}", m.items.size(), m.serial.value());
}
std::string Text(const Refused& m) {
  return fmt::format("refused, {}: {}", Name(m.reason), m.text);
}
std::string Text(const Stale& m) { return fmt::format("stale but {}", m.serial.value()); }

}  // namespace

std::string_view Name(RefusalReason reason) noexcept {
  constexpr std::array<std::string_view, 9> kNames = {"",         "not_allowed",   "no_scheme",
                                                      "draining", "quota",         "crowded",
                                                      "too_many", "unknown_lease", "protocol"};
  return kNames[static_cast<size_t>(reason)];
}

std::vector<uint8_t> EmitFrame(const LeaseMessage& message) {
  return std::visit([](const auto& one) { return Emit(one); }, message);
}

Expected<LeaseMessage> ParseFrame(std::span<const uint8_t> frame) {
  if (frame.empty()) return Fail("a frame without a type");
  Reader reader(frame.subspan(1));
  auto message = Read(static_cast<Type>(frame[0]), reader);
  if (!message) return Fail(fmt::format("a frame of the unknown type {}", frame[0]));
  if (!reader.Done()) {
    return Fail(
        fmt::format("a frame of type {} and {} bytes is malformed", frame[0], frame.size()));
  }
  return *std::move(message);
}

std::string ToString(const LeaseMessage& message) {
  return std::visit([](const auto& one) { return Text(one); }, message);
}

void FrameReader::Add(std::span<const uint8_t> bytes) {
  bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
}

Expected<std::optional<std::span<const uint8_t>>> FrameReader::Next() {
  const std::span<const uint8_t> rest = std::span(bytes_).subspan(taken_);
  if (rest.size() < kLengthBytes) return std::optional<std::span<const uint8_t>>();
  const uint32_t length = LoadBe32(rest.data());
  if (length == 0 || length > kMaxFrameBytes) {
    return Fail(fmt::format("a frame of {} bytes; allowed 1..{}", length, kMaxFrameBytes));
  }
  if (rest.size() - kLengthBytes < length) return std::optional<std::span<const uint8_t>>();
  taken_ += kLengthBytes + length;
  return std::optional(rest.subspan(kLengthBytes, length));
}

}  // namespace joinery::tokenmap
