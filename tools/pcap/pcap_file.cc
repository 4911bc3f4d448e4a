#include "tools/pcap/pcap_file.h"

#include <array>
#include <fstream>
#include <utility>

#include <fmt/format.h>

#include "base/big_endian.h"

namespace joinery::pcap {
namespace {

// Section 4: the magic number tells byte order and resolution.
constexpr uint32_t kMagicMicroseconds = 0xa1b2c3d4;
constexpr uint32_t kMagicNanoseconds = 0xa1b23c4d;
constexpr uint32_t kMagicPcapng = 0x0a0d0d0a;
constexpr uint16_t kVersionMajor = 2;
constexpr uint16_t kVersionMinor = 4;
constexpr size_t kVersionOffset = 4;
constexpr size_t kSnapLengthOffset = 16;
constexpr size_t kLinkTypeOffset = 20;
constexpr uint32_t kLinkTypeMask = 0x0fffffff;  // above it: the frame check sequence's length
// Section 5: seconds, fraction, captured length, original length.
constexpr size_t kFractionOffset = 4;
constexpr size_t kCapturedOffset = 8;
constexpr size_t kOriginalOffset = 12;

uint32_t LoadLe32(const uint8_t* p) { return __builtin_bswap32(LoadBe32(p)); }
void StoreLe32(uint8_t* p, uint32_t v) { StoreBe32(p, __builtin_bswap32(v)); }
void StoreLe16(uint8_t* p, uint16_t v) { StoreBe16(p, __builtin_bswap16(v)); }

// How many of the bytes there were.
size_t ReadInto(std::istream& in, std::span<uint8_t> bytes) {
  in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  return static_cast<size_t>(in.gcount());
}

void WriteFrom(std::ostream& out, std::span<const uint8_t> bytes) {
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

}  // namespace

uint32_t Reader::Load32(const uint8_t* p) const { return big_endian_ ? LoadBe32(p) : LoadLe32(p); }

Expected<Reader> Reader::Open(std::istream& in) {
  std::array<uint8_t, kFileHeaderLength> header{};
  if (ReadInto(in, header) != header.size()) {
    return Fail(fmt::format("no capture: shorter than its header of {} bytes", header.size()));
  }
  for (const bool big_endian : {false, true}) {
    const uint32_t magic = big_endian ? LoadBe32(header.data()) : LoadLe32(header.data());
    if (magic != kMagicMicroseconds && magic != kMagicNanoseconds) continue;
    Reader reader(in, big_endian, magic == kMagicNanoseconds);
    const uint32_t link_type = reader.Load32(&header[kLinkTypeOffset]) & kLinkTypeMask;
    if (link_type != kLinkTypeEthernet) {
      return Fail(fmt::format("link type {} is not supported; only Ethernet ({})", link_type,
                              kLinkTypeEthernet));
    }
    return reader;
  }
  if (LoadBe32(header.data()) == kMagicPcapng) {
    return Fail("this is pcapng; turn it into pcap first: editcap -F pcap IN OUT");
  }
  return Fail(fmt::format("no capture: begins with {:#010x}", LoadBe32(header.data())));
}

Expected<std::optional<Record>> Reader::Next() {
  std::array<uint8_t, kRecordHeaderLength> header{};
  const size_t got = ReadInto(*in_, header);
  if (got == 0) return std::nullopt;
  ++records_;
  if (got != header.size()) return Fail(fmt::format("record {} ends in its header", records_));
  const uint32_t length = Load32(&header[kCapturedOffset]);
  if (length > kMaxRecordLength) {
    return Fail(fmt::format("record {} is {} bytes long; allowed 0..{}", records_, length,
                            kMaxRecordLength));
  }
  const std::chrono::nanoseconds unit(nanoseconds_ ? 1 : 1000);
  Record record{
      .time = std::chrono::seconds(Load32(&header[0])) + Load32(&header[kFractionOffset]) * unit,
      .original_length = Load32(&header[kOriginalOffset]),
      .bytes = std::vector<uint8_t>(length)};
  if (ReadInto(*in_, record.bytes) != length) {
    return Fail(fmt::format("record {} ends before its {} bytes", records_, length));
  }
  return record;
}

Writer::Writer(std::ostream& out) : out_(out) {
  std::array<uint8_t, kFileHeaderLength> header{};
  StoreLe32(&header[0], kMagicNanoseconds);
  StoreLe16(&header[kVersionOffset], kVersionMajor);
  StoreLe16(&header[kVersionOffset + 2], kVersionMinor);
  StoreLe32(&header[kSnapLengthOffset], kMaxRecordLength);
  StoreLe32(&header[kLinkTypeOffset], kLinkTypeEthernet);
  WriteFrom(out_, header);
}

void Writer::Write(std::chrono::nanoseconds time, std::span<const uint8_t> bytes) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto length = static_cast<uint32_t>(bytes.size());
  std::array<uint8_t, kRecordHeaderLength> header{};
  StoreLe32(&header[0], static_cast<uint32_t>(seconds.count()));
  StoreLe32(&header[kFractionOffset], static_cast<uint32_t>((time - seconds).count()));
  StoreLe32(&header[kCapturedOffset], length);
  StoreLe32(&header[kOriginalOffset], length);
  WriteFrom(out_, header);
  WriteFrom(out_, bytes);
}

Expected<std::vector<std::vector<uint8_t>>> ReadFrames(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Fail(path + ": cannot be opened");
  auto reader = Reader::Open(in);
  if (!reader) return Fail(path + ": " + reader.error().message);
  std::vector<std::vector<uint8_t>> frames;
  for (;;) {
    auto record = reader->Next();
    if (!record) return Fail(path + ": " + record.error().message);
    if (!*record) return frames;
    frames.push_back(std::move((*record)->bytes));
  }
}

Expected<void> WriteFrames(const std::string& path, std::span<const std::vector<uint8_t>> frames) {
  std::ofstream out(path, std::ios::binary);
  Writer writer(out);
  for (const std::vector<uint8_t>& frame : frames) writer.Write({}, frame);
  out.close();
  if (!out) return Fail(path + ": cannot be written");
  return {};
}

}  // namespace joinery::pcap
