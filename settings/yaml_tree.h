// YAML text as a tree of values that know their place in the file. Aliases are resolved; sizes are
// bounded, so that no file costs more than its limits say (a few nested aliases can stand for
// billions of values).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/expected.h"

namespace joinery::settings {

inline constexpr int kMaxYamlDepth = 16;            // mappings and lists inside each other
inline constexpr size_t kMaxYamlNodes = 1'000'000;  // values, each alias counted as what it names

// Both from 1; the column is in bytes.
struct Position {
  int line = 1;
  int column = 1;

  friend auto operator<=>(const Position&, const Position&) = default;
};

struct YamlNode {
  enum class Kind : uint8_t { kEmpty, kScalar, kList, kMap };
  using Ptr = std::shared_ptr<const YamlNode>;
  struct Entry {
    Ptr key;  // a scalar
    Ptr value;
  };

  Kind kind = Kind::kEmpty;
  Position at;                 // of an alias: where the value itself is written
  std::string text;            // kScalar
  std::vector<Ptr> items;      // kList
  std::vector<Entry> entries;  // kMap, in the order of the file, duplicates included
  size_t nodes = 1;            // this one and all below
  int depth = 1;               // levels, this one included
};

struct YamlError {
  Position at;
  std::string message;
};

// One document; an empty text is an empty node.
[[nodiscard]] Expected<YamlNode::Ptr, YamlError> ParseYaml(std::string_view text);

}  // namespace joinery::settings
