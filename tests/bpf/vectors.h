// tokenmap/testdata/cookie_vectors.txt, as settings and frames.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backend/bpf/cookie_settings.h"

namespace joinery::bpf::testing {

struct Vector {  // the columns, by their names in the file
  unsigned id_bits = 0;
  uint32_t serial = 0;
  crypto::Key128::Bytes key{};
  std::string client{}, vip{};
  uint16_t client_port = 0, vip_port = 0, id = 0;
  uint32_t tsval = 0, segment = 0, synack = 0, syn_echo = 0;
};

// All of them; the program ends when the file is not as it should be.
[[nodiscard]] std::vector<Vector> ReadVectors();

// Each vector is a pool of its own: one pool's ID bits and serials do not jump about.
[[nodiscard]] CookieSettings SettingsOf(const Vector& v, uint32_t pool);

}  // namespace joinery::bpf::testing
