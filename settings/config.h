// The validated, immutable model of one configuration file (configs/example.yaml;
// docs/configuration.md is the reference). Whoever holds a Config may index by everything in it:
// IDs are in range and unique, every key is read and has its length, addresses do not clash.
// settings/load.h is the only door to one.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "base/mac_address.h"
#include "base/port_range.h"
#include "crypto/key128.h"

namespace joinery::settings {

// How packets find their backend.
enum class Steering : uint8_t {
  kJoinery,    // the whole ladder of docs/protocol.md section 4
  kFiveTuple,  // only the hash of the 5-tuple: the plain balancer, for comparison
};

enum class Algorithm : uint8_t { kPlain, kFf1 };

// docs/protocol.md section 3.
enum class GenerationState : uint8_t { kPending, kActive, kDraining };

enum class BackendState : uint8_t { kUp, kDown, kDraining, kFailed };

// How a packet gets to a backend: docs/protocol.md section 7.
enum class Encap : uint8_t {
  kL2,    // the same frame, to the backend's MAC address
  kIpip,  // in an IP packet of its own, IPv4 or IPv6 in either
  kGue,   // the same in UDP: generic UDP encapsulation, variant 1
};

// Which tokens the pool's backends issue; decides what rule `handshake` believes.
enum class Handshake : uint8_t {
  kNone,      // stock kernels: tokens are random, no token is read
  kDerived,   // RFC 8684 keys, sampled by the kernel module
  kExplicit,  // tokens explicit in the handshake (and derived ones never read from keys)
};

// What an lcore does when there is nothing to receive.
enum class Idle : uint8_t { kPoll, kSleep };

using crypto::Key128;

struct Generation {
  Codepoint codepoint;  // below 2^generation_bits - 1: all ones is reserved
  Serial serial;
  GenerationState state = GenerationState::kActive;
  Key128 key;              // from key_file; all zero when the algorithm is plain
  std::string key_file{};  // as the configuration names it; empty when the algorithm is plain
};

struct Scheme {
  Algorithm algorithm = Algorithm::kFf1;
  uint8_t generation_bits = 2;  // r: 2 or 3
  uint8_t id_bits = 8;          // s = 1 + ceil(log2(max_backends)), computed
  std::vector<Generation> generations;
};

// Who believes a pool's timestamp cookies: docs/protocol.md section 5. Without a cookie nobody
// does.
enum class CookieRule : uint8_t {
  kWriting,   // backends write them, not all of them yet; balancers read none
  kTrusted,   // every backend that may hold a connection writes them: rule `cookie` acts
  kDraining,  // the way out: backends still write, rule `cookie` still acts
};

struct CookieEpoch {
  Serial serial;  // 4 and up; of two epochs in a row it differs by 1
  GenerationState state = GenerationState::kActive;
  Key128 key;              // from key_file
  std::string key_file{};  // as the configuration names it
};

struct Cookie {
  CookieRule rule = CookieRule::kWriting;
  std::vector<CookieEpoch> epochs;  // one is active; perhaps the one before it and the one after
};

struct Backend {
  std::string name;     // unique in its pool; seeds its permutation of the Maglev table
  BackendId id;         // unique in its pool, below 2^id_bits
  IpAddress address;    // where it is reached; for l2: on a port's own subnet
  uint32_t weight = 1;  // 0..1000; 0 takes no new connections
  Encap encap = Encap::kL2;
  BackendState state = BackendState::kUp;
};

// What becomes of an IP fragment to a VIP. A fragment has no ports, so whoever takes them places
// all packets to that address by the pair of addresses, and reads nothing else of them.
enum class Fragments : uint8_t { kDrop, kByAddress };

struct Vip {
  IpAddress address;
  uint8_t protocol = 6;                    // IPPROTO_TCP or IPPROTO_UDP
  std::vector<PortRange> ports;            // sorted, none overlaps another, never empty
  Fragments fragments = Fragments::kDrop;  // the same in all VIPs of one address
};

struct Pool {
  std::string name;
  PoolId id;
  uint16_t max_backends = 128;
  Handshake handshake = Handshake::kDerived;
  Scheme scheme;  // without generations when handshake is none
  std::optional<Cookie> cookie{};
  Key128 hash_secret;  // from hash_secret_file; the same on every balancer
  std::string hash_secret_file{};
  uint32_t table_size = 65537;  // slots of the Maglev table: a prime
  uint32_t join_rate = 50'000;  // MP_JOIN SYNs a second, for each decoded ID and lcore
  std::vector<Vip> vips;
  std::vector<Backend> backends;
};

// How the control thread writes its lines.
enum class Log : uint8_t { kText, kJson };

// 127.0.0.1
[[nodiscard]] inline IpAddress LoopbackV4() noexcept {
  return IpAddress::V4(std::array<uint8_t, 4>{127, 0, 0, 1});
}

struct PortConfig {
  std::string name;
  std::string device;  // as DPDK names it: "net_af_packet0,iface=eth0" or "0000:01:00.0"
  std::vector<IpPrefix> addresses;  // the balancer's own
  std::vector<IpAddress> gateways;  // at most one of each family, on one of the subnets
  uint16_t mtu = 1500;              // bytes of IP packet
  uint16_t vlan = 0;                // 802.1Q VLAN ID of all its frames; 0: they have no tag
};

struct Balancer {
  std::string name = "lb";
  std::string user{};  // to run as once ports and sockets are open; empty: as started
  Steering steering = Steering::kJoinery;
  Idle idle = Idle::kPoll;
  std::vector<uint16_t> lcores = {0};    // CPU numbers
  std::vector<std::string> eal_options;  // handed to rte_eal_init as they are
  std::string stats_socket = "/run/joinery/lb.sock";
  // Where Prometheus and probes ask, over HTTP; none: nowhere.
  std::optional<Endpoint> metrics = Endpoint{LoopbackV4(), Port(9470)};
  Log log = Log::kText;
  uint32_t cache_flows = 65536;  // for each lcore; a power of two
  uint32_t hash_rate = 500'000;  // SHA-256 computations a second, for each lcore
  std::vector<PortConfig> ports;
};

// PEM files with which the two sides of a connection prove who they are.
struct TlsFiles {
  std::string ca;           // whose certificates are believed
  std::string certificate;  // our own
  std::string key;          // its private key

  friend bool operator==(const TlsFiles&, const TlsFiles&) noexcept = default;
};

// The control daemon that the balancer follows. Exactly one of `unix` and `address` says where.
struct Control {
  std::string unix;                               // path of its Unix socket; empty: not so
  std::optional<Endpoint> address;                // over TLS
  std::optional<TlsFiles> tls;                    // with `address` only
  std::string state_dir = "/var/lib/joinery/lb";  // the last good views, which hold keys

  friend bool operator==(const Control&, const Control&) noexcept = default;
};

struct Config {
  Balancer lb;
  std::optional<Control> control;  // where pools come from; none: from the file
  std::vector<Pool> pools;         // of the file; empty with `control`
};

}  // namespace joinery::settings
