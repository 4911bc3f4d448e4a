#include "settings/control_file_keys.h"

#include <map>

#include <gtest/gtest.h>

#include "settings/load_control.h"

namespace joinery::settings {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;  // key, value in flow style

// A valid configuration; with a key that of that section has another value.
std::string Sample(std::string_view path, std::string_view key, const std::string& value) {
  const auto of = [&](std::string_view section, Values values) {
    std::string text;
    if (section == path && !key.empty()) {
      std::erase_if(values, [&](const auto& pair) { return pair.first == key; });
      if (!value.empty()) values.emplace_back(key, value);
    }
    for (const auto& [name, item] : values) {
      text += (text.empty() ? "" : ", ") + name + ": " + item;
    }
    return "{" + text + "}";
  };
  const std::string listen = of("control.listen[]", {{"address", "0.0.0.0"}});
  const std::string tls = of("control.tls", {{"ca", "a"}, {"certificate", "b"}, {"key", "c"}});
  const std::string local = of("control.local[]", {{"socket", "/s"}, {"balancer", "lb1"}});
  const std::string from = of("control.health", {{"sources", "[198.18.77.0/24]"}});
  const std::string control = of("control", {{"listen", "[" + listen + "]"},
                                             {"tls", tls},
                                             {"local", "[" + local + "]"},
                                             {"health", from}});
  const std::string balancer = of("balancers[]", {{"name", "lb1"}, {"addresses", "[198.18.0.2]"}});
  const std::string vip = of("pools[].vips[]", {{"address", "198.18.1.1"}, {"ports", "[80]"}});
  const std::string backend =
      of("pools[].backends[]", {{"name", "b1"}, {"address", "198.18.0.11"}});
  const std::string scheme = of("pools[].scheme", {{"algorithm", "ff1"}});
  const std::string pool = of("pools[]", {{"name", "web"},
                                          {"scheme", scheme},
                                          {"health", of("pools[].health", {{"type", "http"}})},
                                          {"vips", "[" + vip + "]"},
                                          {"backends", "[" + backend + "]"}});
  return of(
      "", {{"control", control}, {"balancers", "[" + balancer + "]"}, {"pools", "[" + pool + "]"}});
}

// All that is said when the key has that value; empty when nothing is.
std::string Messages(const Section& section, const Key& key, const std::string& value) {
  const auto config = LoadControlText("", Sample(section.path, key.name, value));
  std::string all;
  if (config) return all;
  for (const Diagnostic& diagnostic : config.error()) all += ToString(diagnostic) + "\n";
  return all;
}

TEST(ControlKeys, TheSampleIsValid) {
  const auto config = LoadControlText("sample", Sample("", "", ""));
  ASSERT_TRUE(config) << ToString(config.error().front());
}

// A key that is in the table and not read would be a setting without effect.
TEST(ControlKeys, EachIsReadAndRefusesAnotherType) {
  for (const Section* section : ControlSections()) {
    for (const Key& key : section->keys) {
      const bool mapping = key.type == "section" || key.max_items > 0;
      const std::string messages = Messages(*section, key, mapping ? "5" : "{x: 1}");
      const std::string wanted = key.type == "section" ? "a mapping" : std::string(key.type);
      EXPECT_NE(messages.find("expected " + wanted), std::string::npos)
          << section->path << "." << key.name << ": " << messages;
    }
  }
}

TEST(ControlKeys, RequiredOnesAreMissed) {
  for (const Section* section : ControlSections()) {
    for (const Key& key : section->keys) {
      if (!key.required) continue;
      EXPECT_NE(Messages(*section, key, "").find(std::string(key.name) + ": missing; expected"),
                std::string::npos)
          << section->path << "." << key.name;
    }
  }
}

TEST(ControlKeys, NumbersStayInTheirRange) {
  for (const Section* section : ControlSections()) {
    for (const Key& key : section->keys) {
      if (key.type != "whole number") continue;
      const std::string below = std::to_string(key.min - 1);
      EXPECT_NE(Messages(*section, key, below).find(below + " is too small; allowed"),
                std::string::npos)
          << section->path << "." << key.name;
      const std::string above = std::to_string(key.max + 1);
      EXPECT_NE(Messages(*section, key, above).find(above + " is too large; allowed"),
                std::string::npos)
          << section->path << "." << key.name;
    }
  }
}

TEST(ControlKeys, HaveDefaultsExceptTheRequired) {
  for (const Section* section : ControlSections()) {
    for (const Key& key : section->keys) {
      EXPECT_NE(key.required, !key.fallback.empty()) << section->path << "." << key.name;
      EXPECT_FALSE(key.meaning.empty()) << section->path << "." << key.name;
    }
  }
}

}  // namespace
}  // namespace joinery::settings
