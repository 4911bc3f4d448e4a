#include "settings/nearest.h"

#include <algorithm>
#include <vector>

namespace joinery::settings {
namespace {

// Longer words are nobody's typing error, and the distance costs the product of the lengths.
constexpr size_t kMaxLength = 64;

// A word cut short ("drain") is a typing error of one from this length on.
constexpr size_t kMinPrefix = 3;

}  // namespace

size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);  // the row of a[0..i-2]
  std::vector<size_t> above(b.size() + 1);   // the row of a[0..i-1]
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before.swap(above);
    above.swap(row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t substitution = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitution});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kMaxLength) return "";
  size_t nearest = std::max<size_t>(1, word.size() / 3) + 1;
  std::string_view best;
  std::string folded(word);
  for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view candidate : known) {
    const bool cut_short = word.size() >= kMinPrefix && candidate.starts_with(folded);
    const size_t distance = cut_short ? 1 : EditDistance(folded, candidate);
    if (distance < nearest) {
      nearest = distance;
      best = candidate;
    }
  }
  return best.empty() ? "" : "; did you mean " + std::string(best) + "?";
}

}  // namespace joinery::settings
