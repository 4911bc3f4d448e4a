#include "tests/dpdk/pcap_file.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <fstream>

namespace joinery::testing {
namespace {

struct FileHeader {
  uint32_t magic = 0xa1b2c3d4;
  uint16_t major = 2;
  uint16_t minor = 4;
  std::array<uint32_t, 2> reserved{};
  uint32_t snap_length = 65535;
  uint32_t link_type = 1;  // LINKTYPE_ETHERNET
};
struct RecordHeader {
  uint32_t seconds = 0;
  uint32_t microseconds = 0;
  uint32_t captured = 0;
  uint32_t original = 0;
};
static_assert(sizeof(FileHeader) == 24 && sizeof(RecordHeader) == 16, "as in the file");

}  // namespace

void WritePcap(const std::string& path, const std::vector<Bytes>& frames) {
  std::ofstream file(path, std::ios::binary);
  const FileHeader header;
  file.write(reinterpret_cast<const char*>(&header), sizeof header);
  for (const Bytes& frame : frames) {
    RecordHeader record;
    record.captured = record.original = static_cast<uint32_t>(frame.size());
    file.write(reinterpret_cast<const char*>(&record), sizeof record);
    file.write(reinterpret_cast<const char*>(frame.data()),
               static_cast<std::streamsize>(frame.size()));
  }
}

std::vector<Bytes> ReadPcap(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  FileHeader header;
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  // DPDK's net_pcap writes nanoseconds, which have a magic number of their own.
  constexpr uint32_t kNanoseconds = 0xa1b23c4d;
  if (!file || (header.magic != FileHeader{}.magic && header.magic != kNanoseconds)) std::abort();
  std::vector<Bytes> frames;
  RecordHeader record;
  while (file.read(reinterpret_cast<char*>(&record), sizeof record)) {
    Bytes frame(record.captured);
    file.read(reinterpret_cast<char*>(frame.data()), static_cast<std::streamsize>(frame.size()));
    if (!file) std::abort();
    frames.push_back(std::move(frame));
  }
  return frames;
}

}  // namespace joinery::testing
