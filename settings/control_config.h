// The validated, immutable model of the control daemon's configuration file
// (configs/control.example.yaml; docs/control-configuration.md is the reference). The operator
// names balancers, pools and backends; IDs, codepoints and keys are control's own and in no file.
// settings/load_control.h is the only door to one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/endpoint.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "settings/config.h"

namespace joinery::settings {

// What a pool does when none of its backends is up: docs/protocol.md section 3, I6.
enum class AllDown : uint8_t {
  kFailOpen,  // health is ignored
  kWithdraw,  // the pool's VIPs are withdrawn
};

// What a check asks of a backend: control/health/check.h.
enum class CheckType : uint8_t { kTcp, kHttp, kHttps, kMptcp };

// How the backends of a pool are checked, and what follows from it.
struct PoolHealth {
  CheckType type = CheckType::kTcp;
  uint16_t port = 0;  // 0: the first one of the VIP
  uint32_t interval_ms = 2000;
  uint32_t timeout_ms = 1000;
  uint8_t jitter_percent = 10;
  uint8_t rise = 2;
  uint8_t fall = 3;
  uint16_t damping_s = 60;  // 0: none
  std::string path = "/";   // this and the rest up to `body`: of http and https
  std::string host;         // empty: the VIP
  uint16_t status_min = 200;
  uint16_t status_max = 299;
  std::string body;  // empty: any
  uint8_t panic_percent = 50;
  AllDown all_down = AllDown::kFailOpen;

  friend bool operator==(const PoolHealth&, const PoolHealth&) noexcept = default;
};

// Where checks are sent from: control/health/source_addresses.h.
struct ControlHealth {
  std::string device = "joinery-check";
  std::vector<IpPrefix> sources;  // at most one of each family

  friend bool operator==(const ControlHealth&, const ControlHealth&) noexcept = default;
};

enum class LogLevel : uint8_t { kDebug, kInfo, kWarning, kError };
enum class LogFormat : uint8_t { kText, kJson };

// Mutual TLS towards balancers and agents; no path: no TLS listener.
struct ControlTls {
  std::string ca;           // PEM: who signs balancers, agents and control
  std::string certificate;  // PEM: control's own
  std::string key;          // PEM: its private key, a file of mode 0600
  std::string revoked;      // PEM: the CA's revocation list; empty: none
};

struct Listener {
  IpAddress address;
  Port port{7443};
};

// A Unix socket for one balancer or one backend's agent on this machine: whoever may connect to it
// is that one. One of the two names is empty.
struct LocalListener {
  std::string socket;
  std::string balancer;
  std::string backend;          // "pool/backend"
  std::vector<uint32_t> users;  // may connect beside root and the daemon's own user
};

struct ControlDaemon {
  std::string name = "control";
  std::string admin_socket = "/run/joinery/control.sock";
  std::string admin_group;  // may use it beside root and the daemon's own user; empty: nobody
  std::vector<Listener> listen;
  ControlTls tls;
  std::vector<LocalListener> local;
  std::string state_file = "/var/lib/joinery/control.state";
  std::string state_key_file;  // AES-256-GCM under it; empty: the state is stored in clear
  std::string audit_log = "/var/lib/joinery/audit.jsonl";
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  // Where Prometheus and probes ask, over HTTP; none: nowhere.
  std::optional<Endpoint> metrics = Endpoint{LoopbackV4(), Port(9471)};
  uint16_t lb_quorum = 0;  // 0: the majority of the balancers
  uint32_t lease_s = 10;
  uint32_t retire_hold_s = 180;
  uint32_t drain_max_h = 24;
  uint32_t quarantine_h = 24;
  std::optional<ControlHealth> health;  // nothing: no pool is checked
};

struct ControlBalancer {
  std::string name;
  std::vector<IpAddress> addresses;  // backends take encapsulated packets from these
};

struct ControlBackend {
  std::string name;  // for good: it seeds the Maglev table and keeps its ID
  IpAddress address;
  uint32_t weight = 1;
  Encap encap = Encap::kL2;
};

struct ControlPool {
  std::string name;  // for good: it keeps the pool's ID
  uint16_t max_backends = 128;
  Handshake handshake = Handshake::kDerived;
  Algorithm algorithm = Algorithm::kFf1;
  uint8_t generation_bits = 2;
  uint32_t table_size = 65537;
  uint32_t join_rate = 50'000;
  std::optional<PoolHealth> health;  // nothing: its backends are taken to be up
  std::vector<Vip> vips;
  std::vector<ControlBackend> backends;
};

struct ControlConfig {
  ControlDaemon control;
  std::vector<ControlBalancer> balancers;
  std::vector<ControlPool> pools;
};

}  // namespace joinery::settings
