#include "tools/pcap/replay.h"

#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "lb/steer/testing/test_config.h"
#include "wire/ethernet.h"
#include "wire/packet_view.h"
#include "wire/testing/packet_builder.h"

namespace joinery::pcap {
namespace {

using namespace wire::testing;  // NOLINT(google-build-using-namespace): a test's words
using std::chrono::milliseconds;

constexpr std::chrono::nanoseconds kStart = std::chrono::seconds(1'700'000'000);

std::string Capture(const std::vector<Bytes>& frames) {
  std::ostringstream file;
  Writer writer(file);
  auto time = kStart;
  for (const Bytes& frame : frames) {
    writer.Write(time, frame);
    time += milliseconds(1);
  }
  return file.str();
}

struct Replayed {
  std::string text;
  std::string forwarded;
};

Replayed ReplayOf(const std::string& file, Format format) {
  const settings::Config config = steer::testing::TestConfig();
  const auto snapshot = steer::testing::BuildOrDie(config);
  std::istringstream in(file);
  auto capture = Reader::Open(in);
  EXPECT_TRUE(capture.has_value());
  std::ostringstream text, forwarded;
  Writer writer(forwarded);
  EXPECT_TRUE(Replay(config, *snapshot, *capture, format, text, &writer).has_value());
  return {.text = text.str(), .forwarded = forwarded.str()};
}

std::vector<Bytes> Frames() {
  const settings::Config config = steer::testing::TestConfig();
  const IpSpec ip = {.source = "198.18.5.5", .destination = "198.18.1.1"};
  return {
      BuildTcp({.ip = ip,
                .flags = wire::kSyn,
                .options = MpJoinSynOption(steer::testing::TokenOf(config, "b2", 1))}),
      BuildTcp({.ip = ip}),
      BuildTcp({.ip = ip, .destination_port = 81}),
      BuildEthernet({}, 0x88cc, Bytes(20)),
      Bytes{1, 2, 3},
  };
}

std::string FirstLines(const std::string& text, int count) {
  size_t end = 0;
  for (int i = 0; i < count; ++i) end = text.find('\n', end) + 1;
  return text.substr(0, end);
}

TEST(Replay, SaysOfEachPacketWhatAndWhy) {
  EXPECT_EQ(
      FirstLines(ReplayOf(Capture(Frames()), Format::kText).text, 10),
      R"(     1     0.000000  198.18.5.5:40000 > 198.18.1.1:80 S 1:1(0) win 65535 <mp_join_syn backup=0 address_id=1 token=1943717002 rand=16909060>
                     token gen 1 (serial 7) id 9 -> web/b2
     2     0.001000  198.18.5.5:40000 > 198.18.1.1:80 . 1:1(0) ack 0 win 65535
                     cache -> web/b2
     3     0.002000  198.18.5.5:40000 > 198.18.1.1:81 . 1:1(0) ack 0 win 65535
                     drop no_service: 198.18.1.1 serves tcp 80, 443, 8000-8099
     4     0.003000  eth 02:00:00:00:00:01 > 02:00:00:00:00:02 type 0x88cc
                     local
     5     0.004000  malformed: truncated at 3: the header is longer than the bytes there are
                     drop malformed: truncated
)");
}

TEST(Replay, JsonHasAnObjectForEachPacketAndTheCounters) {
  EXPECT_EQ(
      FirstLines(ReplayOf(Capture(Frames()), Format::kJson).text, 3),
      R"({"number":1,"time":0.000000000,"packet":"198.18.5.5:40000 > 198.18.1.1:80 S 1:1(0) )"
      R"(win 65535 <mp_join_syn backup=0 address_id=1 token=1943717002 rand=16909060>",)"
      R"("verdict":"token gen 1 (serial 7) id 9 -> web/b2","action":"forward",)"
      R"("rule":"token","pool":"web","backend":"b2","notes":[]})"
      "\n"
      R"({"number":2,"time":0.001000000,"packet":"198.18.5.5:40000 > 198.18.1.1:80 . 1:1(0) )"
      R"(ack 0 win 65535","verdict":"cache -> web/b2","action":"forward",)"
      R"("rule":"cache","pool":"web","backend":"b2","notes":[]})"
      "\n"
      R"({"number":3,"time":0.002000000,"packet":"198.18.5.5:40000 > 198.18.1.1:81 . 1:1(0) )"
      R"(ack 0 win 65535","verdict":"drop no_service: 198.18.1.1 serves tcp 80, 443, 8000-8099","action":"drop",)"
      R"("reason":"no_service","notes":[]})"
      "\n");
}

TEST(Replay, EndsWithTheCounters) {
  const std::string text = ReplayOf(Capture(Frames()), Format::kText).text;
  EXPECT_NE(
      text.find("\ncounters "
                "{\"version\":1,\"actions\":{\"forward\":2,\"drop\":2,\"local\":1,\"copy\":0}"),
      std::string::npos)
      << text;
  const std::string json = ReplayOf(Capture(Frames()), Format::kJson).text;
  EXPECT_NE(json.find("\n{\"counters\":{\"version\":1,"), std::string::npos) << json;
}

TEST(Replay, WritesWhatWouldLeave) {
  const std::vector<Bytes> frames = Frames();
  std::istringstream forwarded(ReplayOf(Capture(frames), Format::kText).forwarded);
  auto reader = Reader::Open(forwarded);
  ASSERT_TRUE(reader.has_value());
  for (const size_t i : {size_t{0}, size_t{1}}) {
    const auto record = *reader->Next();
    ASSERT_TRUE(record);
    EXPECT_EQ(record->time, kStart + i * milliseconds(1));
    const auto ethernet = wire::EthernetView::Parse(record->bytes);
    ASSERT_TRUE(ethernet.has_value());
    EXPECT_EQ(ToString(ethernet->source()), "02:00:00:00:00:00");
    EXPECT_EQ(ToString(ethernet->destination()), "02:00:00:01:00:01");  // b2 is the second
    EXPECT_EQ(wire::ParseFrame(record->bytes)->ttl, wire::ParseFrame(frames[i])->ttl - 1);
  }
  EXPECT_FALSE(*reader->Next());
}

TEST(Replay, AgreesWithItself) {
  const std::string file = Capture(Frames());
  EXPECT_EQ(ReplayOf(file, Format::kJson).text, ReplayOf(file, Format::kJson).text);
}

TEST(Replay, ABrokenCaptureIsAnError) {
  const settings::Config config = steer::testing::TestConfig();
  const auto snapshot = steer::testing::BuildOrDie(config);
  std::string file = Capture(Frames());
  file.pop_back();
  std::istringstream in(file);
  auto capture = Reader::Open(in);
  ASSERT_TRUE(capture.has_value());
  std::ostringstream text;
  const auto done = Replay(config, *snapshot, *capture, Format::kText, text, nullptr);
  ASSERT_FALSE(done.has_value());
  EXPECT_EQ(done.error().message, "record 5 ends before its 3 bytes");
}

}  // namespace
}  // namespace joinery::pcap
