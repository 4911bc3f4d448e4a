// The classic capture file of libpcap (draft-ietf-opsawg-pcap-04): a file header of 24 bytes, then
// records of a header of 16 bytes and the packet. Reads both byte orders, micro- and nanoseconds;
// writes little-endian nanoseconds. Ethernet (LINKTYPE 1) only. Streams: one record in memory.
#pragma once

#include <chrono>
#include <cstdint>
#include <istream>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <vector>

#include "base/expected.h"

namespace joinery::pcap {

inline constexpr size_t kFileHeaderLength = 24;
inline constexpr size_t kRecordHeaderLength = 16;
inline constexpr uint32_t kMaxRecordLength = 262144;  // libpcap's MAXIMUM_SNAPLEN
inline constexpr uint32_t kLinkTypeEthernet = 1;

struct Record {
  std::chrono::nanoseconds time{};  // since 1970-01-01 UTC
  uint32_t original_length = 0;     // on the wire; more than bytes.size() when it was cut off
  std::vector<uint8_t> bytes;
};

class Reader {
 public:
  // Reads the file header. `in` outlives the reader. The error says what the file is instead.
  [[nodiscard]] static Expected<Reader> Open(std::istream& in);

  // The next record; nullopt at the end. An error ends the reading: a record that is cut off by the
  // end of the file or claims to be longer than kMaxRecordLength.
  [[nodiscard]] Expected<std::optional<Record>> Next();

 private:
  Reader(std::istream& in, bool big_endian, bool nanoseconds)
      : in_(&in), big_endian_(big_endian), nanoseconds_(nanoseconds) {}

  [[nodiscard]] uint32_t Load32(const uint8_t* p) const;

  std::istream* in_;
  bool big_endian_;
  bool nanoseconds_;
  uint64_t records_ = 0;
};

class Writer {
 public:
  // Writes the file header. `out` outlives the writer; whether it is good() the caller asks.
  explicit Writer(std::ostream& out);

  // time is not negative and before 2106; bytes at most kMaxRecordLength.
  void Write(std::chrono::nanoseconds time, std::span<const uint8_t> bytes);

 private:
  std::ostream& out_;
};

// The packets of a whole file; a file of these packets, all at time 0. An error names the file.
[[nodiscard]] Expected<std::vector<std::vector<uint8_t>>> ReadFrames(const std::string& path);
[[nodiscard]] Expected<void> WriteFrames(const std::string& path,
                                         std::span<const std::vector<uint8_t>> frames);

}  // namespace joinery::pcap
