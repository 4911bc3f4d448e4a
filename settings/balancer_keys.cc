// The keys of the file itself, of `balancer` and of its ports.
#include <fmt/format.h>

#include "settings/config.h"
#include "settings/key_words.h"
#include "settings/keys.h"
#include "settings/limits.h"
#include "settings/words.h"

namespace joinery::settings {
namespace {

Key UserKey() {
  return {.name = "user",
          .type = kNameType,
          .allowed = NameRule(),
          .fallback = "as started",
          .meaning =
              "Whom the process becomes once ports and sockets are open, when root started "
              "it. It must be able to read this file and the key files, which a reload "
              "reads again."};
}

}  // namespace

namespace {

Key StatsSocket(const Balancer& model) {
  return {.name = "stats_socket",
          .type = kPathType,
          .allowed = PathRule(kMaxStatsSocketBytes),
          .fallback = model.stats_socket,
          .meaning =
              "Unix socket that answers with the counters as JSON. Beside it, with `.http` "
              "behind its name, is one for requests over HTTP."};
}

Key LogForm(const Balancer& model) {
  return {.name = "log",
          .type = kWordType,
          .words = WordsOf<Log>(),
          .fallback = std::string(ToWord(model.log)),
          .meaning =
              "What the program says while it runs: lines for people, or one JSON object "
              "a line."};
}

}  // namespace

const Section& FileSection() {
  static const Section section{
      .path = "",
      .meaning = "The whole file.",
      .keys = {
          {.name = "balancer",
           .type = kSectionType,
           .allowed = "a mapping",
           .required = true,
           .meaning = "The program on this machine: its ports, cores and limits."},
          {.name = "pools",
           .type = "list of sections",
           .min_items = 1,
           .max_items = kMaxPools,
           .allowed = "see below",
           .fallback = "either this or `control`",
           .meaning =
               "The services. The same on every balancer of a VIP, with the same key files."},
          {.name = "control",
           .type = kSectionType,
           .allowed = "a mapping",
           .fallback = "either this or `pools`",
           .meaning = "The control daemon that says which services there are."},
      }};
  return section;
}

const Section& BalancerSection() {
  static const Balancer model;
  static const Section section{
      .path = "balancer",
      .meaning = "What belongs to this machine, not to the services.",
      .keys = {
          {.name = "name",
           .type = kNameType,
           .allowed = NameRule(),
           .fallback = model.name,
           .meaning = "How counters and logs call this balancer."},
          UserKey(),
          {.name = "steering",
           .type = kWordType,
           .words = WordsOf<Steering>(),
           .fallback = std::string(ToWord(model.steering)),
           .meaning = "`joinery`: the whole ladder, tokens first. `five_tuple`: only the hash of "
                      "the 5-tuple, the plain balancer, for comparison; it loses MPTCP subflows."},
          {.name = "idle",
           .type = kWordType,
           .words = WordsOf<Idle>(),
           .fallback = std::string(ToWord(model.idle)),
           .meaning =
               "What a core does when nothing arrives. `poll` spins: lowest latency, a whole "
               "core. `sleep` backs off: shares a small machine, adds some microseconds."},
          {.name = "lcores",
           .type = "list of whole numbers",
           .max = kMaxCpu,
           .min_items = 1,
           .max_items = static_cast<size_t>(kMaxCpu) + 1,
           .fallback = fmt::format("[{}]", model.lcores.front()),
           .meaning = "CPUs that forward, one loop on each."},
          {.name = "eal_options",
           .type = "list of texts",
           .max_items = kMaxEalOptions,
           .allowed = TextRule(),
           .fallback = "[]",
           .meaning = "Handed to DPDK's rte_eal_init as they are, such as `--no-huge`."},
          StatsSocket(model),
          MetricsKey(model.metrics),
          LogForm(model),
          {.name = "cache_flows",
           .type = kNumberType,
           .unit = "flows a core",
           .min = kMinCacheFlows,
           .max = kMaxCacheFlows,
           .allowed = fmt::format("a power of two, {}..{}", kMinCacheFlows, kMaxCacheFlows),
           .fallback = fmt::format("{}", model.cache_flows),
           .meaning = "Entries of the flow cache of each core. More keeps more flows without "
                      "timestamps on their backend through a change; it costs memory and cache "
                      "misses."},
          {.name = "hash_rate",
           .type = kNumberType,
           .unit = "a second and core",
           .max = kMaxHashRate,
           .fallback = fmt::format("{}", model.hash_rate),
           .meaning = "SHA-256 computations a second and core, for tokens derived from keys in a "
                      "handshake. Less bounds what a flood can cost; 0 switches that off."},
          {.name = "ports",
           .type = "list of sections",
           .min_items = 1,
           .max_items = kMaxPorts,
           .allowed = "see below",
           .required = true,
           .meaning = "The network interfaces that DPDK takes."},
      }};
  return section;
}

const Section& PortSection() {
  static const Section section{
      .path = "balancer.ports[]",
      .meaning =
          "One network interface. The balancer answers ARP and neighbour discovery for its "
          "addresses and for the VIPs.",
      .keys = {
          {.name = "name",
           .type = kNameType,
           .allowed = NameRule(),
           .required = true,
           .meaning = "How counters and logs call the port; unique."},
          {.name = "device",
           .type = "text",
           .allowed = TextRule(),
           .required = true,
           .meaning = "As DPDK names it: `0000:01:00.0` or `net_af_packet0,iface=eth0`; unique. A "
                      "bond is `net_bonding0,mode=1,slave=0000:01:00.0,slave=0000:01:00.1`."},
          {.name = "addresses",
           .type = "list of addresses with prefix length",
           .min_items = 1,
           .max_items = kMaxAddressesPerPort,
           .allowed = "an address with its prefix length, such as 198.18.0.2/24",
           .required = true,
           .meaning = "The balancer's own addresses; their subnets say which backends `l2` can "
                      "reach through this port."},
          {.name = "gateways",
           .type = "list of addresses",
           .max_items = kMaxGatewaysPerPort,
           .allowed = "an address on a subnet of the port; one for each family",
           .fallback = "[]",
           .meaning = "Routers for what is on no subnet."},
          {.name = "mtu",
           .type = kNumberType,
           .unit = "bytes",
           .min = kMinMtu,
           .max = kMaxMtu,
           .fallback = fmt::format("{}", PortConfig{}.mtu),
           .meaning = "Bytes of IP packet that the link carries."},
          {.name = "vlan",
           .type = kNumberType,
           .min = kMinVlan,
           .max = kMaxVlan,
           .fallback = "none",
           .meaning = "802.1Q VLAN ID. The port then takes frames with this tag only, drops others "
                      "and counts them, and tags what it sends; the NIC does it where it can."},
      }};
  return section;
}

}  // namespace joinery::settings
