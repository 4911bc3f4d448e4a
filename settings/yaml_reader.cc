#include "settings/yaml_reader.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "settings/key_words.h"
#include "settings/nearest.h"
#include "settings/quote.h"

namespace joinery::settings {
namespace {

using Kind = YamlNode::Kind;

// "pools[web]" where the element has a name that can be printed, else "pools[2]".
std::string ElementPath(const ValueReader& element, const std::string& list_path) {
  if (element.node()->kind != Kind::kMap) return element.path();
  for (const YamlNode::Entry& entry : element.node()->entries) {
    if (entry.key->text == "name" && IsName(entry.value->text)) {
      return fmt::format("{}[{}]", list_path, entry.value->text);
    }
  }
  return element.path();
}

}  // namespace

MapReader::MapReader(YamlNode::Ptr node, std::string path, const Section& section, Errors& errors)
    : node_(std::move(node)), path_(std::move(path)), section_(&section), errors_(&errors) {
  if (!IsMap()) {
    errors_->Add(node_->at, path_,
                 fmt::format("{}; expected a mapping with the keys {}", Describe(*node_),
                             fmt::join(section.Names(), ", ")));
  } else {
    CheckKeys();
  }
}

void MapReader::CheckKeys() const {
  const std::vector<std::string_view> known = section_->Names();
  for (const YamlNode::Entry& entry : node_->entries) {
    const std::string& name = entry.key->text;
    const YamlNode::Entry* first = Entry(name);
    if (section_->Find(name) == nullptr) {
      const std::string shown = IsName(name) ? name : Quote(name);
      const std::string near = DidYouMean(name, known);
      errors_->Add(entry.key->at, PathOf(shown),
                   near.empty() ? fmt::format("unknown key; allowed {}", fmt::join(known, ", "))
                                : "unknown key" + near);
    } else if (first != &entry) {
      errors_->Add(entry.key->at, PathOf(name),
                   fmt::format("a second time; the first is in line {}", first->key->at.line));
    }
  }
  for (const Key& key : section_->keys) {
    if (key.required && Entry(key.name) == nullptr) {
      errors_->Add(node_->at, PathOf(key.name), "missing; " + Wanted(key));
    }
  }
}

const YamlNode::Entry* MapReader::Entry(std::string_view key) const {
  const auto found = std::ranges::find_if(
      node_->entries, [key](const YamlNode::Entry& entry) { return entry.key->text == key; });
  return found == node_->entries.end() ? nullptr : &*found;
}

std::string MapReader::PathOf(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

std::optional<ValueReader> MapReader::Find(std::string_view key) const {
  const Key* known = section_->Find(key);
  assert(known != nullptr);  // the parsers read only what the table has
  const YamlNode::Entry* entry = Entry(key);
  if (entry == nullptr) return std::nullopt;
  return ValueReader(entry->value, PathOf(key), *known, *errors_);
}

void MapReader::Name(std::string_view key, std::string& value) const {
  if (const auto found = Find(key)) {
    if (auto name = found->Name()) value = *std::move(name);
  }
}

void MapReader::Text(std::string_view key, std::string& value) const {
  if (const auto found = Find(key)) {
    if (auto text = found->Text()) value = *std::move(text);
  }
}

void MapReader::Address(std::string_view key, IpAddress& value) const {
  if (const auto found = Find(key)) {
    if (const auto address = found->Address()) value = *address;
  }
}

void MapReader::EndpointOrOff(std::string_view key, std::optional<Endpoint>& value) const {
  const auto found = Find(key);
  if (!found) return;
  if (found->Is("off")) {
    value.reset();
  } else if (const auto endpoint = found->AddressAndPort()) {
    value = endpoint;
  }
}

std::vector<ValueReader> MapReader::Items(std::string_view key) const {
  const auto found = Find(key);
  return found ? found->Items() : std::vector<ValueReader>{};
}

std::optional<MapReader> MapReader::Sub(std::string_view key, const Section& section) const {
  const auto found = Find(key);
  if (!found) return std::nullopt;
  return MapReader(found->node(), PathOf(key), section, *errors_);
}

std::vector<MapReader> MapReader::Sections(std::string_view key, const Section& section) const {
  std::vector<MapReader> sections;
  for (const ValueReader& item : Items(key)) {
    sections.emplace_back(item.node(), ElementPath(item, PathOf(key)), section, *errors_);
  }
  return sections;
}

void MapReader::Fail(std::string_view key, std::string message) const {
  errors_->Add(At(key), PathOf(key), std::move(message));
}

bool MapReader::Valid(std::string_view key) const {
  const YamlNode::Entry* entry = Entry(key);
  if (entry == nullptr) return !section_->Find(key)->required;
  return !errors_->At(entry->value->at);
}

Position MapReader::At(std::string_view key) const {
  const YamlNode::Entry* entry = Entry(key);
  return entry == nullptr ? node_->at : entry->value->at;
}

}  // namespace joinery::settings
