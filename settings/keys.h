// Every key of the configuration, once: the parser takes its limits from here, "did you mean" its
// words, docs/configuration.md its tables.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/endpoint.h"

namespace joinery::settings {

struct Key {
  std::string_view name;
  std::string_view type;       // "whole number", as people read it
  std::string_view unit = {};  // of whole numbers that have one: "bytes"
  int64_t min = 0;             // of whole numbers
  int64_t max = 0;
  std::span<const std::string_view> words = {};  // what may stand there; of lists: instead of one
  size_t min_items = 0;                          // of lists: 0 or 1
  size_t max_items = 0;
  std::string allowed = {};   // in words; empty where min..max or words say it
  std::string fallback = {};  // the default in YAML
  bool required = false;      // missing is an error
  std::string_view meaning;
};

// One kind of mapping in the file.
struct Section {
  std::string_view path;  // "pools[].scheme"; empty for the whole file
  std::string_view meaning;
  std::vector<Key> keys;

  // The key of that name; nullptr when there is none.
  [[nodiscard]] const Key* Find(std::string_view name) const noexcept;
  [[nodiscard]] std::vector<std::string_view> Names() const;
};

// In the order of the reference.
[[nodiscard]] const Section& FileSection();
[[nodiscard]] const Section& BalancerSection();
[[nodiscard]] const Section& PortSection();
[[nodiscard]] const Section& ControlSection();
[[nodiscard]] const Section& TlsSection();
[[nodiscard]] const Section& PoolSection();
[[nodiscard]] const Section& SchemeSection();
[[nodiscard]] const Section& GenerationSection();
[[nodiscard]] const Section& CookieSection();
[[nodiscard]] const Section& CookieEpochSection();
[[nodiscard]] const Section& VipSection();
[[nodiscard]] const Section& BackendSection();

// Of a VIP: every port, instead of a list of them.
inline constexpr std::string_view kAllPorts = "all";

// `metrics`, the same row for every program.
[[nodiscard]] Key MetricsKey(const std::optional<Endpoint>& fallback);

// "1280..9216", "one of poll, sleep", or the key's own words.
[[nodiscard]] std::string Allowed(const Key& key);

}  // namespace joinery::settings
