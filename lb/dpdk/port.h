// One Ethernet device, of whatever driver, with a receive and a transmit queue for each lcore.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <rte_mempool.h>

#include "base/expected.h"
#include "base/mac_address.h"
#include "lb/dpdk/device_configuration.h"
#include "lb/dpdk/stats.h"
#include "settings/config.h"

namespace joinery::dpdk {

inline constexpr uint16_t kRxDescriptors = 1024;
inline constexpr uint16_t kTxDescriptors = 1024;

// Stopped and closed when it goes. Movable, so that they live in a vector.
class Port {
 public:
  // `pool` is that of the port's NUMA node and outlives it. Says which step failed, and why.
  [[nodiscard]] static Expected<Port> Start(const settings::PortConfig& config,
                                            const Wishes& wishes, rte_mempool* pool);
  Port(Port&& other) noexcept;
  Port& operator=(Port&&) = delete;
  ~Port();

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] uint16_t id() const noexcept { return id_; }                    // DPDK's
  [[nodiscard]] const std::string& driver() const noexcept { return driver_; }  // DPDK's name of it
  [[nodiscard]] const MacAddress& mac() const noexcept { return mac_; }
  // The VLAN whose tag its frames carry; 0: none.
  [[nodiscard]] uint16_t vlan() const noexcept { return vlan_; }
  // The device puts the tag in front by itself (vlan_tag.h).
  [[nodiscard]] bool inserts_tags() const noexcept { return inserts_tags_; }
  [[nodiscard]] PortCounters counters() const noexcept;

 private:
  Port(std::string name, uint16_t id) : name_(std::move(name)), id_(id) {}

  std::string name_;
  std::string driver_;
  uint16_t id_;
  MacAddress mac_;
  uint16_t vlan_ = 0;
  bool inserts_tags_ = false;
  bool open_ = true;
};

// DPDK's number of the configured device; explains when the driver did not make it.
[[nodiscard]] Expected<uint16_t> FindPort(const settings::PortConfig& config);

}  // namespace joinery::dpdk
