#include "settings/yaml_tree.h"

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "settings/quote.h"

namespace joinery::settings {
namespace {

using Kind = YamlNode::Kind;

Position From(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

// Thrown through yaml-cpp, whose handlers cannot return an error; never leaves this file.
struct Stop {
  YamlError error;
};

[[noreturn]] void Refuse(Position at, std::string message) { throw Stop{{at, std::move(message)}}; }

// Builds the tree from yaml-cpp's events; yaml-cpp's own tree forgets where an entry stands and
// does not bound what aliases stand for.
class TreeBuilder : public YAML::EventHandler {
 public:
  [[nodiscard]] YamlNode::Ptr root() const { return root_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (root_ != nullptr) Refuse(From(mark), "a second document; a configuration is one document");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // yaml-cpp gives the place of whatever comes next; the key is where the reader looks.
    const bool under_key = !levels_.empty() && levels_.back().key != nullptr;
    Leaf(under_key ? levels_.back().key->at : From(mark), anchor, Kind::kEmpty, "");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseTag(mark, tag);
    Leaf(From(mark), anchor, Kind::kScalar, value);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) Refuse(From(mark), "an alias inside the value that it names");
    Place(found->second, From(mark));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    RefuseTag(mark, tag);
    Open(mark, anchor, Kind::kList);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    RefuseTag(mark, tag);
    Open(mark, anchor, Kind::kMap);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapEnd() override { Close(); }

 private:
  struct Level {
    std::shared_ptr<YamlNode> node;
    YAML::anchor_t anchor = 0;
    YamlNode::Ptr key;  // read, its value not yet
  };

  // yaml-cpp calls a plain value "?" and a quoted one "!".
  static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(From(mark), "tags are not used here");
  }

  void Leaf(Position at, YAML::anchor_t anchor, Kind kind, std::string text) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->at = at;
    node->text = std::move(text);
    Name(anchor, node);
    Place(node, node->at);
  }

  void Open(const YAML::Mark& mark, YAML::anchor_t anchor, Kind kind) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->at = From(mark);
    if (levels_.size() >= size_t{kMaxYamlDepth}) RefuseDepth(node->at);
    levels_.push_back({std::move(node), anchor, nullptr});
  }

  void Close() {
    const Level level = std::move(levels_.back());
    levels_.pop_back();
    Name(level.anchor, level.node);
    Place(level.node, level.node->at);
  }

  void Name(YAML::anchor_t anchor, const YamlNode::Ptr& node) {
    if (anchor != 0) anchors_[anchor] = node;
  }

  // Puts a finished value where it belongs. `at`: where the file mentions it.
  void Place(const YamlNode::Ptr& node, Position at) {
    if (levels_.empty()) {
      root_ = node;
      return;
    }
    Level& level = levels_.back();
    YamlNode& parent = *level.node;
    parent.nodes += node->nodes;
    parent.depth = std::max(parent.depth, node->depth + 1);
    if (parent.nodes > kMaxYamlNodes) {
      Refuse(at, fmt::format("too many values; allowed {} in a file", kMaxYamlNodes));
    }
    // Aliases nest without brackets, so the levels that are open do not bound the depth alone.
    if (parent.depth > kMaxYamlDepth) RefuseDepth(at);
    if (parent.kind == Kind::kList) {
      parent.items.push_back(node);
    } else if (level.key == nullptr) {
      if (node->kind != Kind::kScalar) Refuse(at, "a key must be a word");
      level.key = node;
    } else {
      parent.entries.push_back({std::move(level.key), node});
      level.key = nullptr;
    }
  }

  [[noreturn]] static void RefuseDepth(Position at) {
    Refuse(at, fmt::format("nested too deeply; allowed {} levels", kMaxYamlDepth));
  }

  std::vector<Level> levels_;
  std::unordered_map<YAML::anchor_t, YamlNode::Ptr> anchors_;
  YamlNode::Ptr root_;
};

}  // namespace

Expected<YamlNode::Ptr, YamlError> ParseYaml(std::string_view text) {
  TreeBuilder builder;
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop& stop) {
    return unexpected(stop.error);
  } catch (const YAML::Exception& error) {
    return unexpected(YamlError{From(error.mark), "not YAML: " + Escape(error.msg)});
  }
  if (builder.root() == nullptr) return std::make_shared<const YamlNode>();
  return builder.root();
}

}  // namespace joinery::settings
