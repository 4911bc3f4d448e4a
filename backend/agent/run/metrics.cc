#include "backend/agent/run/metrics.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <utility>

#include "api/metrics/families.h"
#include "api/metrics/pages.h"
#include "backend/agent/checks/evaluate.h"

namespace joinery::agent {
namespace {

using api::Families;

double Seconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

class Page {
 public:
  explicit Page(const Observed& observed) : observed_(observed), state_(observed.state) {}

  std::string Print() && {
    Program();
    Control();
    View();
    Generations();
    Encoder();
    Connections();
    Leases();
    Checks();
    return families_.Text();
  }

 private:
  void Program();
  void Control();
  void View();
  void Generations();
  void Encoder();
  void Connections();
  void Leases();
  void Checks();
  [[nodiscard]] const Core& core() const noexcept { return *state_.core; }

  const Observed& observed_;
  const AgentState& state_;
  Families families_{"joinery_agent_"};
};

void Page::Program() {
  families_.One("uptime_seconds", "Since the program began.", Seconds(observed_.uptime));
  Families::Family entries =
      families_.Counter("log_entries_total", "Entries of the log, by severity.");
  for (const auto level : {api::LogLevel::kInfo, api::LogLevel::kWarning, api::LogLevel::kError}) {
    entries.Add({{"severity", std::string(api::Name(level))}},
                observed_.log_entries.at(static_cast<size_t>(level)));
  }
}

void Page::Control() {
  families_.One("control_connected", "1 if control was reached when it was last asked.",
                state_.control_reached ? 1 : 0);
  families_.One("control_answer_age_seconds", "Since control last answered a report.",
                Seconds(observed_.since_answer));
  Families::Family reports =
      families_.Counter("reports_total", "Reports to control, by what became of them.");
  reports.Add({{"result", "answered"}}, observed_.reports.answered);
  reports.Add({{"result", "failed"}}, observed_.reports.failed);
}

void Page::View() {
  const Record& record = core().record();
  families_.One("view_epoch", "Epoch of the view that was last accepted.",
                static_cast<double>(record.view.at.epoch));
  families_.One("view_version", "Its version.", static_cast<double>(record.view.at.version));
  families_.One("view_held", "1 if it was accepted since the start, keys included.",
                core().view() ? 1 : 0);
  families_.One("view_refused", "1 if the last view that came was refused.",
                core().rejected() ? 1 : 0);
  families_.One("draining", "1 if control drains this backend.", core().draining() ? 1 : 0);
}

// By codepoint and not by serial: of those there are few.
void Page::Generations() {
  const UsesCounted& uses = core().uses();
  const auto count = [](const std::map<Serial, uint32_t>& counts, Serial serial) -> uint64_t {
    const auto found = counts.find(serial);
    return found == counts.end() ? 0 : found->second;
  };
  Families::Family serial = families_.Gauge(
      "generation_serial", "The greatest serial that the codepoint has stood for here.");
  Families::Family tokens =
      families_.Gauge("generation_tokens", "Connections of the kernel whose token is of it.");
  Families::Family leased =
      families_.Gauge("generation_leased_tokens", "Tokens and keys of it that stacks hold.");
  Families::Family encoding =
      families_.Gauge("generation_encoding", "1 if new tokens are made under it.");
  for (const ToldGeneration& told : core().record().told) {
    const Families::Labels labels = {{"codepoint", std::to_string(told.codepoint.value())}};
    const auto& scheme = core().encoder().scheme;
    serial.Add(labels, uint64_t{told.serial.value()});
    tokens.Add(labels, count(uses.tokens, told.serial));
    leased.Add(labels, count(uses.leased, told.serial));
    encoding.Add(labels, scheme && scheme->serial == told.serial);
  }
  const auto& confirmed = core().record().confirmed;
  families_.One("confirmed_serial",
                "Serial that control has confirmed to an encoder last; 0: none yet.",
                confirmed ? static_cast<double>(confirmed->serial.value()) : 0);
}

void Page::Encoder() {
  const EncoderState& encoder = core().encoder();
  families_.One("encoder_present", "1 if the kernel module is loaded, or none is wanted.",
                encoder.incarnation != 0 ? 1 : 0);
  families_.One("encoder_serial", "Serial that new tokens are made under; 0: none.",
                encoder.scheme ? static_cast<double>(encoder.scheme->serial.value()) : 0);
  families_.One("encoder_keys", "Keys that the module has sampled ahead.", encoder.keys);
  families_.One("encoder_trouble", "1 if the module could not be loaded, read or told.",
                state_.encoder_error.empty() ? 0 : 1);
  Families::Family events =
      families_.Counter("encoder_events_total", "What the module counts, by its own names.");
  if (state_.encoder_counters == nullptr) return;
  for (const auto& [name, value] : *state_.encoder_counters) events.Add({{"event", name}}, value);
}

void Page::Connections() {
  const UsesCounted& uses = core().uses();
  families_.One("connections", "TCP connections to the pool's VIPs.", uses.connections);
  families_.One("oldest_connection_seconds", "Age of the oldest of them.",
                static_cast<double>(uses.oldest_s));
  families_.One("foreign_tokens",
                "Connections whose token names another backend or no generation that is known.",
                uses.foreign);
  families_.One("count_trouble", "1 if connections could not be counted.",
                uses.error.empty() ? 0 : 1);
}

void Page::Leases() {
  if (state_.leases == nullptr) return;
  families_.One("leases", "Stacks in user space that hold a lease.",
                static_cast<double>(state_.leases->leases()));
  Families::Family events =
      families_.Counter("lease_events_total", "What befell leases, and stacks that ask.");
  const auto add = [&events](const char* event, uint64_t count) {
    events.Add({{"event", event}}, count);
  };
  const LeaseCounters& counters = state_.leases->counters();
  add("opened", counters.opened);
  add("resumed", counters.resumed);
  add("ended", counters.ended);
  add("given", counters.given);
  add("returned", counters.returned);
  add("refused", counters.refused);
  add("crowded", counters.crowded);
  if (state_.lease_server == nullptr) return;
  add("accepted", state_.lease_server->accepted);
  add("not_allowed", state_.lease_server->not_allowed);
  add("too_many", state_.lease_server->too_many);
  add("malformed", state_.lease_server->malformed);
  add("slow", state_.lease_server->slow);
  add("silent", state_.lease_server->silent);
}

void Page::Checks() {
  Families::Family failed =
      families_.Gauge("check_failed", "1 if the server lacks what the check looks for.");
  for (const std::string_view name : kCheckNames) {
    const auto found = std::ranges::find(state_.findings, name, &api::Finding::name);
    if (found == state_.findings.end()) continue;  // ignored, or it does not apply
    failed.Add({{"check", std::string(name)}}, !found->ok);
  }
}

}  // namespace

std::string ToPrometheus(const Observed& observed) { return Page(observed).Print(); }

api::Page ReadyPage(const AgentState& state) {
  const EncoderState& encoder = state.core->encoder();
  if (encoder.incarnation == 0) {
    return api::Unavailable("not ready: no encoder: " + state.encoder_error);
  }
  if (encoder.scheme) return {.body = state.core->draining() ? "ready: draining\n" : "ready\n"};
  if (!state.core->view()) return api::Unavailable("not ready: no view from control yet");
  return api::Unavailable("not ready: control has confirmed nothing to encode");
}

}  // namespace joinery::agent
