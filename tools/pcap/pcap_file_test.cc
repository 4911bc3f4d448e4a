#include "tools/pcap/pcap_file.h"

#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace joinery::pcap {
namespace {

using std::chrono::nanoseconds;

std::string FromText(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ') digits += c;
  }
  const auto bytes = FromHex(digits);
  EXPECT_TRUE(bytes.has_value()) << hex;
  return {bytes->begin(), bytes->end()};
}

constexpr std::string_view kLittleMicro = "d4c3b2a1 0200 0400 00000000 00000000 00000400 01000000 ";
constexpr std::string_view kBigNano = "a1b23c4d 0002 0004 00000000 00000000 00040000 00000001 ";

struct ReadRow {
  const char* name;
  std::string hex;
  nanoseconds time;
  uint32_t original_length;
  std::vector<uint8_t> bytes;
};

TEST(PcapReader, ReadsBothOrdersAndResolutions) {
  for (const ReadRow& row : {
           // 5 s 7 us, 2 of 60 bytes
           ReadRow{.name = "little-endian microseconds",
           .hex = std::string(kLittleMicro) + "05000000 07000000 02000000 3c000000 abcd",
           .time = nanoseconds(5'000'007'000),
           .original_length = 60,
           .bytes = {0xab, 0xcd}},
           // 5 s 7 ns, 1 of 1 byte
           ReadRow{.name = "big-endian nanoseconds",
           .hex = std::string(kBigNano) + "00000005 00000007 00000001 00000001 ee",
           .time = nanoseconds(5'000'000'007),
           .original_length = 1,
           .bytes = {0xee}},
       }) {
    std::istringstream in(FromText(row.hex));
    auto reader = Reader::Open(in);
    ASSERT_TRUE(reader.has_value()) << row.name;
    const auto record = reader->Next();
    ASSERT_TRUE(record.has_value() && *record) << row.name;
    EXPECT_EQ((*record)->time, row.time) << row.name;
    EXPECT_EQ((*record)->original_length, row.original_length) << row.name;
    EXPECT_EQ((*record)->bytes, row.bytes) << row.name;
    const auto end = reader->Next();
    ASSERT_TRUE(end.has_value()) << row.name;
    EXPECT_FALSE(*end) << row.name;
  }
}

struct ErrorRow {
  const char* name;
  std::string hex;
  const char* message;
};

TEST(PcapReader, SaysWhatTheFileIsInstead) {
  for (const ErrorRow& row : {
           ErrorRow{"empty", "", "no capture: shorter than its header of 24 bytes"},
           ErrorRow{"pcapng", "0a0d0d0a 1c000000 4d3c2b1a 01000000 ffffffff ffffffff",
                    "this is pcapng; turn it into pcap first: editcap -F pcap IN OUT"},
           ErrorRow{"something else", "7f454c46 00000000 00000000 00000000 00000000 00000000",
                    "no capture: begins with 0x7f454c46"},
           ErrorRow{"raw IP", "d4c3b2a1 0200 0400 00000000 00000000 00000400 65000000",
                    "link type 101 is not supported; only Ethernet (1)"},
       }) {
    std::istringstream in(FromText(row.hex));
    const auto reader = Reader::Open(in);
    ASSERT_FALSE(reader.has_value()) << row.name;
    EXPECT_EQ(reader.error().message, row.message) << row.name;
  }
}

TEST(PcapReader, SaysWhichRecordIsBroken) {
  const std::string whole = "05000000 07000000 01000000 01000000 ab ";
  for (const ErrorRow& row : {
           ErrorRow{"cut in the header", whole + "05000000", "record 2 ends in its header"},
           ErrorRow{"cut in the packet", whole + "05000000 07000000 03000000 03000000 ab",
                    "record 2 ends before its 3 bytes"},
           ErrorRow{"too long", whole + "05000000 07000000 01000400 01000400",
                    "record 2 is 262145 bytes long; allowed 0..262144"},
       }) {
    std::istringstream in(FromText(std::string(kLittleMicro) + row.hex));
    auto reader = Reader::Open(in);
    ASSERT_TRUE(reader.has_value()) << row.name;
    ASSERT_TRUE(reader->Next().has_value()) << row.name;
    const auto record = reader->Next();
    ASSERT_FALSE(record.has_value()) << row.name;
    EXPECT_EQ(record.error().message, row.message) << row.name;
  }
}

TEST(PcapWriter, WritesWhatTheReaderReads) {
  const std::vector<uint8_t> frame = {1, 2, 3};
  std::stringstream file;
  Writer writer(file);
  writer.Write(nanoseconds(1'700'000'000'123'456'789), frame);
  writer.Write(nanoseconds(0), {});
  auto reader = Reader::Open(file);
  ASSERT_TRUE(reader.has_value());
  const auto first = reader->Next();
  ASSERT_TRUE(first.has_value() && *first);
  EXPECT_EQ((*first)->time, nanoseconds(1'700'000'000'123'456'789));
  EXPECT_EQ((*first)->original_length, 3u);
  EXPECT_EQ((*first)->bytes, frame);
  EXPECT_TRUE((*reader->Next())->bytes.empty());
  EXPECT_FALSE(*reader->Next());
}

TEST(PcapFrames, ReadsWhatItWrites) {
  const std::string path = testing::TempDir() + "/frames.pcap";
  const std::vector<std::vector<uint8_t>> frames = {{1, 2, 3}, {}, {4}};
  ASSERT_TRUE(WriteFrames(path, frames).has_value());
  const auto again = ReadFrames(path);
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*again, frames);
}

TEST(PcapFrames, AnErrorNamesTheFile) {
  const std::string cut = testing::TempDir() + "/cut.pcap";
  std::ofstream(cut, std::ios::binary)
      << FromText(std::string(kLittleMicro) + "05000000 07000000 03000000 03000000 ab");
  const std::string text = testing::TempDir() + "/text.pcap";
  std::ofstream(text, std::ios::binary) << "text";
  for (const ErrorRow& row : {
           ErrorRow{"missing", "/nowhere/x.pcap", "/nowhere/x.pcap: cannot be opened"},
           ErrorRow{"cut", cut, "record 1 ends before its 3 bytes"},
           ErrorRow{"no capture", text, "no capture: shorter than its header of 24 bytes"},
       }) {
    const auto frames = ReadFrames(row.hex);
    ASSERT_FALSE(frames.has_value()) << row.name;
    EXPECT_TRUE(frames.error().message.starts_with(row.hex + ": ")) << row.name;
    EXPECT_TRUE(frames.error().message.ends_with(row.message)) << row.name;
  }
  const auto written = WriteFrames("/nowhere/x.pcap", {});
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().message, "/nowhere/x.pcap: cannot be written");
}

}  // namespace
}  // namespace joinery::pcap
