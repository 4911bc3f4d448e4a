// Columns for a terminal: each as wide as its longest cell, two blanks between.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace joinery::ctl {

class Table {
 public:
  explicit Table(std::vector<std::string> titles) { rows_.push_back(std::move(titles)); }

  // As many cells as titles.
  void Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::string Text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

// "45 s", "12 min", "3.5 h", "2 d".
[[nodiscard]] std::string DurationText(uint64_t seconds);

}  // namespace joinery::ctl
