#include "control/model/transcript_words.h"

#include <algorithm>
#include <sstream>

namespace joinery::control {

std::vector<std::string> Split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

Words::Words(const std::string& line) {
  std::istringstream in(line);
  in >> command_;
  for (std::string word; in >> word;) {
    const size_t equals = word.find('=');
    if (equals == std::string::npos) {
      arguments_.push_back(word);
    } else {
      values_[word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
}

std::string Words::Argument(size_t n) const {
  if (n >= arguments_.size()) return {};
  used_.insert(arguments_[n]);
  return arguments_[n];
}

BackendRef Words::Backend(size_t n) const {
  const std::vector<std::string> parts = Split(Argument(n), '/');
  return parts.size() == 2 ? BackendRef{parts[0], parts[1]} : BackendRef{};
}

bool Words::Has(const std::string& word) const {
  const bool has = std::ranges::find(arguments_, word) != arguments_.end();
  if (has) used_.insert(word);
  return has;
}

std::optional<std::string> Words::Value(const std::string& key) const {
  used_.insert(key);
  const auto found = values_.find(key);
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

uint64_t Words::Number(const std::string& key, uint64_t otherwise) const {
  const std::optional<std::string> value = Value(key);
  return value ? std::stoull(*value) : otherwise;
}

std::vector<std::string> Words::List(const std::string& key) const {
  return Split(Value(key).value_or(""), ',');
}

std::string Words::Unused() const {
  std::string unused;
  for (const std::string& argument : arguments_) {
    if (!used_.contains(argument)) unused += argument + " ";
  }
  for (const auto& [key, value] : values_) {
    if (!used_.contains(key)) unused += key + " ";
  }
  return unused;
}

}  // namespace joinery::control
