#include "settings/keys.h"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "settings/fake_keys.h"
#include "settings/load.h"

namespace joinery::settings {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;  // key, value in flow style

std::string Flow(const Values& values) {
  std::string text;
  for (const auto& [key, value] : values) text += (text.empty() ? "" : ", ") + key + ": " + value;
  return "{" + text + "}";
}

// A valid configuration; with `changed`, that key of that section has another value.
class Sample {
 public:
  Sample(std::string_view section, std::string_view key, std::string value)
      : section_(section), key_(key), value_(std::move(value)) {}

  [[nodiscard]] std::string Text() const {
    const std::string port =
        Of("balancer.ports[]",
           {{"name", "east"}, {"device", "net_null0"}, {"addresses", "[198.18.0.2/24]"}});
    const std::string generation = Of("pools[].scheme.generations[]",
                                      {{"codepoint", "0"}, {"serial", "1"}, {"key_file", "g"}});
    const std::string vip = Of("pools[].vips[]", {{"address", "198.18.1.1"}, {"ports", "[80]"}});
    const std::string backend =
        Of("pools[].backends[]", {{"name", "b1"}, {"id", "1"}, {"address", "198.18.0.11"}});
    const std::string scheme = Of("pools[].scheme", {{"generations", "[" + generation + "]"}});
    const std::string epoch = Of("pools[].cookie.epochs[]", {{"serial", "4"}, {"key_file", "e"}});
    const std::string cookie =
        Of("pools[].cookie", {{"rule", "writing"}, {"epochs", "[" + epoch + "]"}});
    const std::string pool = Of("pools[]", {{"name", "web"},
                                            {"id", "1"},
                                            {"hash_secret_file", "s"},
                                            {"scheme", scheme},
                                            {"cookie", cookie},
                                            {"vips", "[" + vip + "]"},
                                            {"backends", "[" + backend + "]"}});
    const std::string balancer = Of("balancer", {{"ports", "[" + port + "]"}});
    const std::string tls =
        Of("control.tls", {{"ca", "/ca"}, {"certificate", "/certificate"}, {"key", "/key"}});
    const std::string control = Of("control", {{"address", "198.18.0.5:1"}, {"tls", tls}});
    // One or the other: what is asked about is there.
    const bool follows = section_.starts_with("control") || key_ == "control";
    return follows ? Of("", {{"balancer", balancer}, {"control", control}})
                   : Of("", {{"balancer", balancer}, {"pools", "[" + pool + "]"}});
  }

 private:
  [[nodiscard]] std::string Of(std::string_view section, Values values) const {
    if (section != section_ || key_.empty()) return Flow(values);
    std::erase_if(values, [this](const auto& value) { return value.first == key_; });
    if (!value_.empty()) values.emplace_back(key_, value_);
    return Flow(values);
  }

  std::string_view section_;
  std::string_view key_;
  std::string value_;
};

const std::map<std::string_view, std::string> kPlaces = {
    {"", ""},
    {"balancer", "balancer."},
    {"balancer.ports[]", "balancer.ports[east]."},
    {"control", "control."},
    {"control.tls", "control.tls."},
    {"pools[]", "pools[web]."},
    {"pools[].scheme", "pools[web].scheme."},
    {"pools[].scheme.generations[]", "pools[web].scheme.generations[0]."},
    {"pools[].cookie", "pools[web].cookie."},
    {"pools[].cookie.epochs[]", "pools[web].cookie.epochs[0]."},
    {"pools[].vips[]", "pools[web].vips[0]."},
    {"pools[].backends[]", "pools[web].backends[b1]."},
};

const Section* const kSections[] = {&FileSection(),        &BalancerSection(),   &PortSection(),
                                    &ControlSection(),     &TlsSection(),        &PoolSection(),
                                    &SchemeSection(),      &GenerationSection(), &CookieSection(),
                                    &CookieEpochSection(), &VipSection(),        &BackendSection()};

// The message at the path when the key has that value; empty when there is none.
std::string MessageAt(const Section& section, const Key& key, const std::string& value) {
  const auto config = LoadText("", Sample(section.path, key.name, value).Text(), FakeKeys());
  if (config) return "";
  std::string path = kPlaces.at(section.path) + std::string(key.name);
  if (value != "" && key.name == "name" && section.path != "balancer") {
    path = path.replace(path.rfind('['), path.rfind(']') + 1 - path.rfind('['), "[0]");
  }
  for (const Diagnostic& diagnostic : config.error()) {
    if (diagnostic.path == path) return diagnostic.message;
  }
  return "";
}

TEST(Keys, TheSampleIsValid) {
  const auto config = LoadText("sample", Sample("", "", "").Text(), FakeKeys());
  ASSERT_TRUE(config) << ToString(config.error().front());
}

// A key that is in the table and not read would be a setting without effect.
TEST(Keys, EachIsReadAndRefusesAnotherType) {
  for (const Section* section : kSections) {
    for (const Key& key : section->keys) {
      const bool mapping = key.type == "section" || key.max_items > 0;
      const std::string message = MessageAt(*section, key, mapping ? "5" : "{x: 1}");
      const std::string wanted = key.type == "section" ? "a mapping" : std::string(key.type);
      EXPECT_NE(message.find("expected " + wanted), std::string::npos)
          << section->path << "." << key.name << ": " << message;
    }
  }
}

TEST(Keys, RequiredOnesAreMissed) {
  for (const Section* section : kSections) {
    for (const Key& key : section->keys) {
      if (!key.required) continue;
      std::string path(section->path);
      const std::string message = MessageAt(*section, key, "");
      const bool names_its_section = key.name == "name";  // its path then has an index
      if (names_its_section) continue;
      EXPECT_TRUE(message.starts_with("missing; expected "))
          << path << "." << key.name << ": " << message;
    }
  }
}

TEST(Keys, NumbersStayInTheirRange) {
  for (const Section* section : kSections) {
    for (const Key& key : section->keys) {
      if (key.type != "whole number") continue;
      const std::string below = std::to_string(key.min - 1);
      EXPECT_NE(MessageAt(*section, key, below).find(below + " is too small; allowed"),
                std::string::npos)
          << section->path << "." << key.name;
      const std::string above = "9223372036854775808";
      EXPECT_NE(MessageAt(*section, key, above).find(above + " is too large; allowed"),
                std::string::npos)
          << section->path << "." << key.name;
    }
  }
}

TEST(Keys, HaveDefaultsExceptTheRequired) {
  for (const Section* section : kSections) {
    for (const Key& key : section->keys) {
      EXPECT_NE(key.required, !key.fallback.empty()) << section->path << "." << key.name;
      EXPECT_FALSE(key.meaning.empty()) << section->path << "." << key.name;
    }
  }
}

}  // namespace
}  // namespace joinery::settings
