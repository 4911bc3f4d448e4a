// The validated, immutable model of the control daemon's configuration file
// (configs/control.example.yaml; docs/control-configuration.md is the reference). The operator
// names balancers, pools and backends; IDs, codepoints and keys are control's own and in no file.
// settings/load_control.h is the only door to one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/ip_address.h"
#include "settings/config.h"

namespace joinery::settings {

// What a pool does when none of its backends is up: docs/protocol.md section 3, I6.
enum class AllDown : uint8_t {
  kFailOpen,  // health is ignored
  kWithdraw,  // the pool's VIPs are withdrawn
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
  uint16_t lb_quorum = 0;  // 0: the majority of the balancers
  uint32_t lease_s = 10;
  uint32_t retire_hold_s = 180;
  uint32_t drain_max_h = 24;
  uint32_t quarantine_h = 24;
  uint8_t panic_percent = 50;
  AllDown all_down = AllDown::kFailOpen;
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
  std::vector<Vip> vips;
  std::vector<ControlBackend> backends;
};

struct ControlConfig {
  ControlDaemon control;
  std::vector<ControlBalancer> balancers;
  std::vector<ControlPool> pools;
};

}  // namespace joinery::settings
