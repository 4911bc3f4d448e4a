#include "backend/agent/core/world.h"

#include <cstdlib>
#include <sstream>

namespace joinery::agent {
namespace {

uint64_t Number(const std::string& text) { return std::strtoull(text.c_str(), nullptr, 10); }

// "a:b:c" -> {"a", "b", "c"}
std::vector<std::string> Split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

// What follows NAME= among the words.
std::optional<std::string> Value(const std::vector<std::string>& words, const std::string& name) {
  for (const std::string& word : words) {
    if (word.starts_with(name + "=")) return word.substr(name.size() + 1);
  }
  return std::nullopt;
}

std::map<Serial, uint32_t> Counts(const std::vector<std::string>& words) {
  std::map<Serial, uint32_t> counts;
  for (const std::string& word : words) {
    const auto parts = Split(word, '=');
    if (parts.size() == 2 && parts[0].find_first_not_of("0123456789") == std::string::npos) {
      counts[Serial(Number(parts[0]))] = static_cast<uint32_t>(Number(parts[1]));
    }
  }
  return counts;
}

}  // namespace

World::World() { Restart(); }

void World::Restart() {
  core_ = std::make_unique<Core>(Self{.pool = "web", .backend = "web1"}, disk_);
}

std::string World::Run(const std::string& command) {
  said_.clear();
  const Words words = Split(command, ' ');
  const std::string& verb = words.front();
  if (verb == "view") {
    OnView(words);
  } else if (verb == "answer") {
    OnAnswer(words);
  } else if (verb == "tick") {
    Feed(Tick{});
  } else if (verb == "encoder") {
    OnEncoder(words);
  } else if (verb == "uses") {
    OnUses(words);
  } else if (verb == "leased") {
    uses_.leased = Counts(words);
  } else if (verb == "disk") {
    disk_full_ = words.at(1) == "full";
  } else if (verb == "crash") {
    crash_before_set_ = true;
  } else if (verb == "restart") {
    crash_before_set_ = false;
    Restart();
  } else if (verb == "reboot") {
    encoder_ = {};
    loadable_ = Number(words.at(1));
    Restart();
  } else {
    said_ = "unknown command\n";
  }
  return said_;
}

void World::OnView(const Words& words) {
  api::AgentView view;
  const auto at = Split(words.at(1), '.');
  view.at = {Number(at.at(0)), Number(at.at(1))};
  view.pool = "web";
  view.backend = "web1";
  view.pool_id = PoolId(7);
  view.id = BackendId(23);
  if (const auto active = Value(words, "active")) {
    const auto parts = Split(*active, ':');
    view.active = api::SchemeGeneration{
        .codepoint = Codepoint(static_cast<uint8_t>(Number(parts.at(0)))),
        .serial = Serial(Number(parts.at(1))),
        .state = settings::GenerationState::kActive,
        .key = crypto::Key128::Bytes{static_cast<uint8_t>(parts.at(2).at(0))}};
  }
  if (const auto draining = Value(words, "draining")) {
    for (const std::string& one : Split(*draining, ',')) {
      const auto parts = Split(one, ':');
      view.draining.push_back({.codepoint = Codepoint(static_cast<uint8_t>(Number(parts.at(0)))),
                               .serial = Serial(Number(parts.at(1)))});
    }
  }
  for (const std::string& word : words) view.drain = view.drain || word == "drain";
  api::Stamp stamp{.at = view.at, .digest = {}};
  stamp.digest.fill(static_cast<uint8_t>(Number(Value(words, "digest").value_or("1"))));
  Feed(ViewCame{.view = view, .stamp = stamp});
}

void World::OnEncoder(const Words& words) {
  const std::string& what = words.at(1);
  if (what == "present") {
    loadable_ = Number(words.at(2));
  } else if (what == "gone") {
    encoder_ = {};
    loadable_ = 0;
  } else if (what == "holds") {
    const auto parts = Split(words.at(2), ':');
    encoder_.scheme =
        kmod::ActiveScheme{.pool = PoolId(7),
                           .backend = BackendId(23),
                           .codepoint = Codepoint(static_cast<uint8_t>(Number(parts.at(0)))),
                           .serial = Serial(Number(parts.at(1)))};
  } else {
    encoder_refuses_ = what == "refuses";
  }
}

void World::OnUses(const Words& words) {
  if (words.size() > 1 && words[1] == "fail") {
    uses_.error = "no permission";
    return;
  }
  uses_.error.clear();
  uses_.tokens = Counts(words);
  uses_.connections = static_cast<uint32_t>(Number(Value(words, "connections").value_or("0")));
  uses_.oldest_s = Number(Value(words, "oldest").value_or("0"));
}

void World::OnAnswer(const Words& words) {
  if (!last_report_) {
    said_ = "no report to answer\n";
    return;
  }
  const auto incarnation = Value(words, "incarnation");
  Feed(Answered{.view = last_report_->view,
                .incarnation = incarnation ? Number(*incarnation) : last_report_->incarnation,
                .may_encode = words.at(1) == "may"});
}

void World::Feed(const Event& event) {
  for (const Action& action : core_->Step(event)) {
    said_ += ToString(action) + "\n";
    Carry(action);
  }
}

void World::Carry(const Action& action) {
  if (const auto* keep = std::get_if<KeepRecord>(&action)) {
    if (!disk_full_) disk_ = ParseRecord(ToJson(keep->record)).value();
    Feed(RecordKept{.error = disk_full_ ? "no space left" : ""});
  } else if (std::holds_alternative<LoadEncoder>(action)) {
    encoder_.incarnation = loadable_;
    Feed(EncoderRead{encoder_});
  } else if (std::holds_alternative<ReadEncoder>(action)) {
    Feed(EncoderRead{encoder_});
  } else if (const auto* set = std::get_if<SetEncoder>(&action)) {
    if (crash_before_set_) return;
    if (!encoder_refuses_) {
      encoder_.scheme = kmod::ActiveScheme{.pool = set->under.scheme.pool(),
                                           .backend = set->under.id,
                                           .codepoint = set->under.generation.codepoint,
                                           .serial = set->under.generation.serial};
    }
    Feed(EncoderSet{.error = encoder_refuses_ ? "refused" : "", .state = encoder_});
  } else if (std::holds_alternative<ClearEncoder>(action)) {
    encoder_.scheme.reset();
    Feed(EncoderSet{.error = "", .state = encoder_});
  } else if (std::holds_alternative<CountUses>(action)) {
    Feed(uses_);
  } else if (const auto* report = std::get_if<SendReport>(&action)) {
    last_report_ = report->report;
  }
}

}  // namespace joinery::agent
