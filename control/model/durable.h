// What control must find again after any crash: the store writes and reads it whole. Plain values;
// a default one is a new installation. Holds keys: a file of it is private.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "api/position.h"
#include "base/ids.h"
#include "base/ip_address.h"
#include "control/model/age.h"
#include "control/model/backend.h"
#include "control/model/desired.h"
#include "control/model/generation.h"
#include "crypto/key128.h"

namespace joinery::control {

struct Pool {
  Layout layout;
  Service service;
  HealthPolicy health;
  crypto::Key128 hash_secret;
  Serial last_serial;                       // the highest ever given, to any generation
  std::vector<Generation> generations;      // by serial, oldest first
  std::map<std::string, Backend> backends;  // by name
  std::vector<RestingId> resting;           // at most one for each ID
};

// Of a pool that is gone: what its ID must remember, should it come back.
struct FormerPool {
  PoolId id;
  Serial last_serial;
};

struct Balancer {
  std::vector<IpAddress> addresses;

  friend bool operator==(const Balancer&, const Balancer&) noexcept = default;
};

struct Durable {
  api::Position at;  // the next is one version higher; the epoch grows at each start (I8)
  api::Position
      published;         // the newest that any view was given: a start may end before it gives one
  api::Position scheme;  // of the scheme part as it is
  Age age{};
  Policy policy;
  std::map<std::string, Pool> pools;          // by name
  std::map<std::string, Balancer> balancers;  // the inventory, by name
  std::vector<FormerPool> former_pools;
};

}  // namespace joinery::control
