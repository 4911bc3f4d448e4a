#include "tools/bench/replay_file.h"

#include <array>
#include <cstdint>
#include <fstream>
#include <span>
#include <vector>

#include "base/mac_address.h"
#include "tools/pcap/pcap_file.h"
#include "wire/arp.h"
#include "wire/ethernet.h"

namespace joinery::bench {
namespace {

constexpr size_t kMinFrame = 60;  // of Ethernet, without the frame check sequence

[[nodiscard]] std::array<uint8_t, kMinFrame> ArpReply(const IpAddress& neighbour, size_t index) {
  std::array<uint8_t, kMinFrame> frame{};
  const MacAddress sender{
      {2, 0, 1, 0, static_cast<uint8_t>(index >> 8), static_cast<uint8_t>(index)}};
  wire::EthernetView::Emit(
      {.destination = kBalancerMac, .source = sender, .ethertype = wire::kEtherTypeArp}, frame);
  wire::ArpView::Emit(
      {.operation = wire::kArpReply,
       .sender_hardware = sender,
       .sender_protocol = neighbour,
       .target_hardware = kBalancerMac,
       .target_protocol = neighbour},
      std::span(frame).subspan<wire::EthernetView::kMinLength, wire::ArpView::kLength>());
  return frame;
}

[[nodiscard]] std::vector<IpAddress> Neighbours(const settings::Config& config) {
  std::vector<IpAddress> all;
  for (const settings::PortConfig& port : config.lb.ports) {
    all.insert(all.end(), port.gateways.begin(), port.gateways.end());
  }
  for (const settings::Pool& pool : config.pools) {
    for (const settings::Backend& backend : pool.backends) all.push_back(backend.address);
  }
  return all;
}

}  // namespace

Expected<void> WriteReplayFile(const std::string& path, const settings::Config& config,
                               Traffic& traffic, size_t packets) {
  const std::vector<IpAddress> neighbours = Neighbours(config);
  for (const IpAddress& neighbour : neighbours) {
    if (!neighbour.is_v4()) return Fail(ToString(neighbour) + ": only IPv4 neighbours have ARP");
  }
  constexpr std::chrono::nanoseconds kAtOnce{};
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  pcap::Writer writer(out);
  for (size_t i = 0; i < packets; ++i) writer.Write(kAtOnce, traffic.Next().span());
  for (size_t i = 0; i < neighbours.size(); ++i) writer.Write(kAtOnce, ArpReply(neighbours[i], i));
  out.close();
  if (!out) return Fail("could not write " + path);
  return {};
}

}  // namespace joinery::bench
