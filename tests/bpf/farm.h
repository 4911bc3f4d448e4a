// One pool and a VIP of each address family, and segments to and from them, for tests of the tc
// programs.
#pragma once

#include <string>

#include "backend/bpf/cookie_settings.h"
#include "base/big_endian.h"
#include "tokenmap/timestamp_cookie.h"
#include "wire/testing/packet_builder.h"

namespace joinery::bpf::testing {

struct Farm {
  static constexpr uint16_t kVipPort = 80, kClientPort = 40000;

  PoolId pool{7};
  uint8_t id_bits = 8;
  BackendId id{77};
  tokenmap::CookieEpoch epoch{.serial = Serial(9), .key = crypto::Key128::Bytes{1, 2, 3, 4, 5}};
  std::string vip4 = "198.18.0.80", client4 = "198.18.5.1";
  std::string vip6 = "2001:db8::80", client6 = "2001:db8:5::1";

  // IPv4: ports 70 to 90; IPv6: all.
  [[nodiscard]] CookieSettings Settings() const {
    return {.pools = {{.pool = pool,
                       .id_bits = id_bits,
                       .id = id,
                       .live = {epoch},
                       .writing = epoch.serial}},
            .vips = {
                {.address = wire::testing::Ip(vip4), .ports = {{Port(70), Port(90)}}, .pool = pool},
                {.address = wire::testing::Ip(vip6), .ports = {PortRange::All()}, .pool = pool}}};
  }

  [[nodiscard]] tokenmap::TimestampCookie Cookie() const {
    return tokenmap::TimestampCookie::Create(epoch, id_bits).value();
  }

  // H of the flow that Out and In are segments of.
  [[nodiscard]] uint64_t Hash(bool v6) const {
    wire::testing::Bytes flow;
    for (const std::string& text : {v6 ? client6 : client4, v6 ? vip6 : vip4}) {
      const IpAddress address = wire::testing::Ip(text);
      flow.insert(flow.end(), address.bytes().begin(), address.bytes().end());
    }
    wire::testing::Bytes ports(4);
    StoreBe16(ports.data(), kClientPort);
    StoreBe16(&ports[2], kVipPort);
    return Cookie().Hash(wire::testing::Join({flow, ports}));
  }

  // Segments that the VIP sends, and that it gets.
  [[nodiscard]] wire::testing::TcpSpec Out(bool v6) const {
    return {.ip = {.source = v6 ? vip6 : vip4, .destination = v6 ? client6 : client4},
            .source_port = kVipPort,
            .destination_port = kClientPort,
            .payload = {9, 8, 7, 6, 5}};
  }
  [[nodiscard]] wire::testing::TcpSpec In(bool v6) const {
    return {.ip = {.source = v6 ? client6 : client4, .destination = v6 ? vip6 : vip4},
            .source_port = kClientPort,
            .destination_port = kVipPort,
            .payload = {9, 8, 7, 6, 5}};
  }
};

}  // namespace joinery::bpf::testing
