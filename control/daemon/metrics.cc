#include "control/daemon/metrics.h"

#include <chrono>

#include "api/metrics/families.h"
#include "api/metrics/pages.h"
#include "control/daemon/event_ring.h"
#include "control/daemon/model_metrics.h"
#include "control/model/recovery.h"

namespace joinery::control {
namespace {

double Seconds(Nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

void AddWatchers(api::Families& families, const Watchers& watchers) {
  api::Families::Family family =
      families.Gauge("watchers", "Connections that wait for the next version of a view.");
  family.Add({{"view", "scheme"}}, uint64_t{watchers.scheme});
  family.Add({{"view", "load"}}, uint64_t{watchers.load});
  family.Add({{"view", "agent"}}, uint64_t{watchers.agents});
  family.Add({{"view", "events"}}, uint64_t{watchers.events});
}

void AddStore(api::Families& families, const StoreCounters& store) {
  families.Counter("store_writes_total", "Times that the state was made durable.")
      .Add({}, store.writes);
  families.Counter("store_write_seconds_total", "Time that this took, all together.")
      .Add({}, Seconds(store.taken));
  families.One("store_longest_write_seconds", "The longest of them.", Seconds(store.longest));
  families.One("store_bytes", "Size of the state as it was last written.",
               static_cast<double>(store.last_bytes));
}

}  // namespace

std::string ToPrometheus(const Observed& observed) {
  api::Families families("joinery_control_");
  families.One("uptime_seconds", "Since the program began.", Seconds(observed.uptime));
  AddModel(families, observed.model, observed.ages, observed.now);
  AddWatchers(families, observed.watchers);
  AddStore(families, observed.store);
  api::Families::Family entries =
      families.Counter("log_entries_total", "Entries of the log, by severity.");
  for (const Severity severity : {Severity::kInfo, Severity::kWarning, Severity::kAlarm}) {
    entries.Add({{"severity", std::string(ToString(severity))}},
                observed.log_entries.at(static_cast<size_t>(severity)));
  }
  api::AddServers(families, observed.servers);
  return families.Text();
}

api::Page ReadyPage(const Model& model) {
  if (!model.now.recovery.waiting) return {.body = "ready\n"};
  return api::Unavailable("not ready: nothing is published: " + DescribeWait(model));
}

}  // namespace joinery::control
