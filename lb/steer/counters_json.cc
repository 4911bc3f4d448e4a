#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "lb/steer/counters.h"
#include "settings/words.h"

namespace joinery::steer {
namespace {

// Writes objects with members in the order given. Names are ours or a validated configuration's:
// letters, digits, '-', '_' and '.', so nothing needs an escape.
class JsonObject {
 public:
  explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
  ~JsonObject() { out_ += '}'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  // The key; the caller writes the value.
  std::string& Member(std::string_view name) {
    fmt::format_to(std::back_inserter(out_), "{}\"{}\":", first_ ? "" : ",", name);
    first_ = false;
    return out_;
  }
  void Number(std::string_view name, uint64_t value) {
    fmt::format_to(std::back_inserter(Member(name)), "{}", value);
  }
  void Text(std::string_view name, std::string_view value) {
    fmt::format_to(std::back_inserter(Member(name)), "\"{}\"", value);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

template <typename Enum, size_t kSize>
void WriteNamed(std::string& out, const std::array<uint64_t, kSize>& values) {
  JsonObject object(out);
  for (size_t i = 0; i < kSize; ++i) object.Number(Name(static_cast<Enum>(i)), values[i]);
}

void WriteBackends(std::string& out, uint16_t pool, const CounterTotals& totals,
                   const Snapshot& snapshot) {
  JsonObject object(out);
  for (size_t i = 0; i < totals.backends.size(); ++i) {
    const BackendEntry& backend = snapshot.backends()[i];
    if (backend.pool != pool) continue;
    JsonObject member(object.Member(backend.name));
    member.Number("id", backend.id.value());
    member.Text("state", settings::ToWord(backend.state));
    member.Number("packets", totals.backends[i].packets);
    member.Number("bytes", totals.backends[i].bytes);
  }
}

void WritePools(std::string& out, const CounterTotals& totals, const Snapshot& snapshot) {
  JsonObject object(out);
  for (uint16_t i = 0; i < totals.pools.size(); ++i) {
    const PoolEntry& pool = snapshot.pools()[i];
    if (pool.vacant) continue;
    JsonObject member(object.Member(pool.name));
    WriteNamed<Rule>(member.Member("rules"), totals.pools[i]);
    WriteBackends(member.Member("backends"), i, totals, snapshot);
  }
}

}  // namespace

std::string CountersToJson(const CounterTotals& totals, const Snapshot& snapshot) {
  std::string out;
  {
    JsonObject object(out);
    object.Number("version", snapshot.version());
    WriteNamed<Action>(object.Member("actions"), totals.actions);
    WriteNamed<Rule>(object.Member("rules"), totals.rules);
    WriteNamed<DropReason>(object.Member("drops"), totals.drops);
    WriteNamed<wire::ParseReason>(object.Member("parse_errors"), totals.parse_errors);
    WriteNamed<Note>(object.Member("notes"), totals.notes);
    WritePools(object.Member("pools"), totals, snapshot);
  }
  return out;
}

}  // namespace joinery::steer
