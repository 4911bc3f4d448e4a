// A line of a transcript: a command, arguments, and key=value pairs. What no one asks for is told.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/position.h"
#include "control/model/backend.h"

namespace joinery::control {

// "a,b" -> {"a", "b"}
[[nodiscard]] std::vector<std::string> Split(const std::string& text, char at);

class Words {
 public:
  explicit Words(const std::string& line);

  [[nodiscard]] const std::string& command() const noexcept { return command_; }
  // The n-th argument that has no key; empty: there is none.
  [[nodiscard]] std::string Argument(size_t n) const;
  [[nodiscard]] BackendRef Backend(size_t n = 0) const;   // "web/b1"
  [[nodiscard]] bool Has(const std::string& word) const;  // an argument without a key
  [[nodiscard]] std::optional<std::string> Value(const std::string& key) const;
  [[nodiscard]] uint64_t Number(const std::string& key, uint64_t otherwise) const;
  [[nodiscard]] std::vector<std::string> List(const std::string& key) const;
  // Arguments and keys that were never asked for.
  [[nodiscard]] std::string Unused() const;

 private:
  std::string command_;
  std::vector<std::string> arguments_;
  std::map<std::string, std::string> values_;
  mutable std::set<std::string> used_;
};

}  // namespace joinery::control
