// Captures in the classic pcap format (draft-ietf-opsawg-pcap): little endian, microseconds,
// Ethernet. For tests that feed net_pcap.
#pragma once

#include <string>
#include <vector>

#include "wire/testing/packet_builder.h"

namespace joinery::testing {

using wire::testing::Bytes;

void WritePcap(const std::string& path, const std::vector<Bytes>& frames);
// Aborts when the file is no such capture.
[[nodiscard]] std::vector<Bytes> ReadPcap(const std::string& path);

}  // namespace joinery::testing
