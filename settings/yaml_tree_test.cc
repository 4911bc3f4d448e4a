#include "settings/yaml_tree.h"

#include <gtest/gtest.h>

namespace joinery::settings {
namespace {

// "{a: [1, ~]}" with the place of each value: "map@1:1{a: list@1:4[1@1:5, empty@1:8]}".
std::string Print(const YamlNode& node) {
  const std::string at = "@" + std::to_string(node.at.line) + ":" + std::to_string(node.at.column);
  std::string inner;
  switch (node.kind) {
    case YamlNode::Kind::kEmpty:
      return "empty" + at;
    case YamlNode::Kind::kScalar:
      return node.text + at;
    case YamlNode::Kind::kList:
      for (const auto& item : node.items) inner += (inner.empty() ? "" : ", ") + Print(*item);
      return "list" + at + "[" + inner + "]";
    case YamlNode::Kind::kMap:
      for (const auto& entry : node.entries) {
        inner += (inner.empty() ? "" : ", ") + entry.key->text + ": " + Print(*entry.value);
      }
      return "map" + at + "{" + inner + "}";
  }
  return "";
}

std::string PrintOf(std::string_view text) {
  const auto tree = ParseYaml(text);
  if (tree) return Print(**tree);
  const YamlError& error = tree.error();
  return "error at " + std::to_string(error.at.line) + ":" + std::to_string(error.at.column) +
         ": " + error.message;
}

struct Row {
  const char* name;
  std::string text;
  const char* printed;
};

const Row kRows[] = {
    {.name = "nothing", .text = "", .printed = "empty@1:1"},
    {.name = "only a comment", .text = "# nothing\n", .printed = "empty@1:1"},
    {.name = "block style",
     .text = "a:\n  - 1\n  - b: 2\n",
     .printed = "map@1:1{a: list@2:3[1@2:5, map@3:5{b: 2@3:8}]}"},
    {.name = "flow style", .text = "{a: [1, x]}", .printed = "map@1:1{a: list@1:5[1@1:6, x@1:9]}"},
    {.name = "an empty value is where its key is",
     .text = "a:\n\n\nb: 1\n",
     .printed = "map@1:1{a: empty@1:1, b: 1@4:4}"},
    {.name = "repeated keys are kept",
     .text = "a: 1\na: 2\n",
     .printed = "map@1:1{a: 1@1:4, a: 2@2:4}"},
    {.name = "an alias is the value it names",
     .text = "a: &x [1]\nb: *x\n",
     .printed = "map@1:1{a: list@1:4[1@1:8], b: list@1:4[1@1:8]}"},
    {.name = "alias inside its value",
     .text = "&x [*x]",
     .printed = "error at 1:5: an alias inside the value that it names"},
    {.name = "alias of nothing",
     .text = "a: *x",
     .printed = "error at 1:4: not YAML: the referenced anchor is not defined"},
    {.name = "the complaint is fit to print",
     .text = "a: \"\\\xc3\xa9\"",
     .printed = "error at 1:7: not YAML: unknown escape character: \\xc3"},
    {.name = "two documents",
     .text = "a: 1\n---\nb: 2\n",
     .printed = "error at 2:1: a second document; a configuration is one document"},
    {.name = "a tag", .text = "a: !!int 5", .printed = "error at 1:4: tags are not used here"},
    {.name = "a list as key",
     .text = "? [a]\n: b\n",
     .printed = "error at 1:3: a key must be a word"},
    {.name = "open bracket",
     .text = "a: [1, 2\nb: 3\n",
     .printed = "error at 2:2: not YAML: end of sequence flow not found"},
    {.name = "wrong indentation",
     .text = "a: 1\n  b: 2\n",
     .printed = "error at 2:4: not YAML: illegal map value"},
    {.name = "16 levels",
     .text = std::string(16, '[') + std::string(16, ']'),
     .printed = "list@1:1[list@1:2[list@1:3[list@1:4[list@1:5[list@1:6[list@1:7[list@1:8["
                "list@1:9[list@1:10[list@1:11[list@1:12[list@1:13[list@1:14[list@1:15["
                "list@1:16[]]]]]]]]]]]]]]]]"},
    {.name = "17 levels",
     .text = std::string(17, '[') + std::string(17, ']'),
     .printed = "error at 1:17: nested too deeply; allowed 16 levels"},
};

TEST(ParseYaml, KnowsThePlaceOfEachValue) {
  for (const Row& row : kRows) EXPECT_EQ(PrintOf(row.text), row.printed) << row.name;
}

TEST(ParseYaml, BoundsWhatAliasesStandFor) {
  // Each line stands for ten times the one before: eight lines for 10^8 values.
  std::string text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int j = 1; j < 10; ++j) text += ", " + below;
    text += "]\n";
  }
  EXPECT_EQ(PrintOf(text), "error at 6:55: too many values; allowed 1000000 in a file");
}

TEST(ParseYaml, BoundsOpenBrackets) {
  const std::string printed = PrintOf(std::string(100'000, '['));
  EXPECT_NE(printed.find("nested too deeply; allowed 16 levels"), std::string::npos) << printed;
}

TEST(ParseYaml, BoundsHowDeepAliasesNest) {
  std::string text = "- &a0 [1]\n";
  for (int i = 1; i < 100; ++i) {
    text += "- &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  }
  EXPECT_EQ(PrintOf(text), "error at 15:3: nested too deeply; allowed 16 levels");
}

}  // namespace
}  // namespace joinery::settings
