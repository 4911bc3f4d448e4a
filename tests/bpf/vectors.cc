#include "tests/bpf/vectors.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "base/hex.h"
#include "wire/testing/packet_builder.h"

namespace joinery::bpf::testing {
namespace {

constexpr const char* kPath = "tokenmap/testdata/cookie_vectors.txt";
constexpr size_t kVectors = 88;

Vector Read(const std::string& text) {
  std::istringstream line(text);
  Vector v;
  std::string key;
  line >> v.id_bits >> v.serial >> key >> v.client >> v.client_port >> v.vip >> v.vip_port >> v.id;
  line >> std::hex >> v.tsval >> v.segment >> v.synack >> std::dec >> v.syn_echo;
  const auto bytes = FromHex(key);
  if (!line || !bytes || bytes->size() != v.key.size()) {
    fmt::print(stderr, "{}: no vector: {}\n", kPath, text);
    std::exit(EXIT_FAILURE);
  }
  std::copy(bytes->begin(), bytes->end(), v.key.begin());
  return v;
}

}  // namespace

std::vector<Vector> ReadVectors() {
  std::ifstream file(kPath);
  std::vector<Vector> vectors;
  for (std::string text; std::getline(file, text);) {
    if (!text.starts_with('#')) vectors.push_back(Read(text));
  }
  if (vectors.size() != kVectors) {
    fmt::print(stderr, "{}: {} vectors; expected {}\n", kPath, vectors.size(), kVectors);
    std::exit(EXIT_FAILURE);
  }
  return vectors;
}

CookieSettings SettingsOf(const Vector& v, uint32_t pool) {
  return {.pools = {{.pool = PoolId(pool),
                     .id_bits = static_cast<uint8_t>(v.id_bits),
                     .id = BackendId(v.id),
                     .live = {{.serial = Serial(v.serial), .key = v.key}},
                     .writing = Serial(v.serial)}},
          .vips = {{.address = wire::testing::Ip(v.vip),
                    .ports = {PortRange::One(Port(v.vip_port))},
                    .pool = PoolId(pool)}}};
}

}  // namespace joinery::bpf::testing
