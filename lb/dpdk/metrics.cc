#include "lb/dpdk/metrics.h"

#include <span>
#include <utility>
#include <vector>

#include "api/metrics/families.h"
#include "base/big_endian.h"
#include "settings/words.h"

namespace joinery::dpdk {
namespace {

using api::Families;
using Family = Families::Family;
using Labels = Families::Labels;

class Page {
 public:
  Page(const Stats& stats, const steer::Snapshot& snapshot) : stats_(stats), snapshot_(snapshot) {}

  std::string Print() && {
    Process();
    Decisions();
    Pools();
    Backends();
    Edge();
    Ports();
    Lcores();
    Neighbours();
    if (stats_.following) Following(*stats_.following);
    return families_.Text();
  }

 private:
  template <typename Enum, typename Values>
  void Named(std::string_view name, std::string_view help, const char* label,
             const Values& values) {
    Family family = families_.Counter(name, help);
    for (size_t i = 0; i < values.size(); ++i) {
      family.Add({{label, std::string(Name(static_cast<Enum>(i)))}}, values[i]);
    }
  }

  void Process();
  void Decisions();
  void Pools();
  void Backends();
  void Edge();
  void Ports();
  void Lcores();
  void Neighbours();
  void Following(const follow::Status& status);

  const Stats& stats_;
  const steer::Snapshot& snapshot_;
  Families families_{"joinery_lb_"};
};

void Page::Process() {
  families_.One("uptime_seconds", "Since the program began.",
                std::chrono::duration<double>(stats_.uptime).count());
  families_.One("configuration_version",
                "Grows with each configuration or view that comes into force.",
                static_cast<double>(snapshot_.version()));
  // What a double holds exactly; a label would make a new series of each change.
  families_.One("tables_digest",
                "The first 48 bits of the digest of the tables: equal on all balancers.",
                static_cast<double>(LoadBe64(stats_.tables.data()) >> 16));
}

void Page::Decisions() {
  Named<steer::Action>("packets_total", "Packets by what was decided.", "action",
                       stats_.totals.actions);
  Named<steer::Rule>("rule_packets_total", "Forwarded packets by the rule that answered.", "rule",
                     stats_.totals.rules);
  Named<steer::DropReason>("drops_total", "Packets dropped by decision.", "reason",
                           stats_.totals.drops);
  Named<wire::ParseReason>("malformed_total", "Packets dropped because a header is broken.",
                           "reason", stats_.totals.parse_errors);
  Named<steer::Note>("notes_total", "What was noted about packets beside the decision.", "note",
                     stats_.totals.notes);
}

void Page::Pools() {
  Family family = families_.Counter("pool_packets_total", "Forwarded packets by pool and rule.");
  for (size_t i = 0; i < stats_.totals.pools.size(); ++i) {
    const steer::PoolEntry& pool = snapshot_.pools()[i];
    if (pool.vacant) continue;
    for (size_t rule = 0; rule < steer::kRuleCount; ++rule) {
      family.Add({{"pool", pool.name}, {"rule", std::string(Name(static_cast<steer::Rule>(rule)))}},
                 stats_.totals.pools[i][rule]);
    }
  }
}

// One family at a time: their series stand together in the text.
void Page::Backends() {
  const auto each = [this](const auto& add) {
    for (size_t i = 0; i < stats_.totals.backends.size(); ++i) {
      const steer::BackendEntry& backend = snapshot_.backends()[i];
      if (backend.vacant()) continue;
      add(Labels{{"pool", snapshot_.pools()[backend.pool].name}, {"backend", backend.name}},
          backend, stats_.totals.backends[i]);
    }
  };
  Family packets = families_.Counter("backend_packets_total", "Packets forwarded to the backend.");
  each([&](Labels labels, const auto&, const auto& totals) {
    packets.Add(std::move(labels), totals.packets);
  });
  Family bytes =
      families_.Counter("backend_bytes_total", "Bytes of IP packet forwarded to the backend.");
  each([&](Labels labels, const auto&, const auto& totals) {
    bytes.Add(std::move(labels), totals.bytes);
  });
  Family state = families_.Gauge("backend_state", "1 for the state that the backend is in.");
  each([&](const Labels& labels, const steer::BackendEntry& backend, const auto&) {
    for (const std::string_view word : settings::WordsOf<settings::BackendState>()) {
      Labels with_state = labels;
      with_state.push_back({"state", std::string(word)});
      state.Add(std::move(with_state), word == settings::ToWord(backend.state) ? 1.0 : 0.0);
    }
  });
  Family weight = families_.Gauge("backend_weight", "The backend's share of new connections.");
  each([&](Labels labels, const steer::BackendEntry& backend, const auto&) {
    weight.Add(std::move(labels), static_cast<double>(backend.weight));
  });
}

void Page::Edge() {
  Named<EdgeDrop>("edge_drops_total", "Frames that never got to a decision, or died after it.",
                  "reason", stats_.edge_drops);
  Named<neighbour::Outcome>("local_total",
                            "Frames for the balancer itself, by what became of them.", "outcome",
                            stats_.local);
  families_.Counter("sent_total", "Frames that devices took.").Add({}, stats_.sent);
  families_.Counter("too_big_answers_total", "Senders told by ICMP that a packet exceeds the MTU.")
      .Add({}, stats_.too_big_answers);
}

void Page::Ports() {
  using Value = uint64_t PortCounters::*;
  struct Row {
    std::string_view name;
    std::string_view help;
    Value value;
  };
  constexpr Row kRows[] = {
      {"port_rx_packets_total", "Frames received.", &PortCounters::rx_packets},
      {"port_rx_bytes_total", "Bytes received.", &PortCounters::rx_bytes},
      {"port_rx_missed_total", "Frames lost because we were too slow.", &PortCounters::rx_missed},
      {"port_rx_errors_total", "Frames received broken.", &PortCounters::rx_errors},
      {"port_rx_no_mbuf_total", "Frames lost for want of a buffer.", &PortCounters::rx_no_mbuf},
      {"port_tx_packets_total", "Frames sent.", &PortCounters::tx_packets},
      {"port_tx_bytes_total", "Bytes sent.", &PortCounters::tx_bytes},
      {"port_tx_errors_total", "Frames that could not be sent.", &PortCounters::tx_errors},
  };
  for (const Row& row : kRows) {
    Family family = families_.Counter(row.name, row.help);
    for (const PortStats& port : stats_.ports) {
      family.Add({{"port", port.name}}, port.counters.*row.value);
    }
  }
}

void Page::Lcores() {
  Family polls =
      families_.Counter("lcore_polls_total", "Rounds over all ports, by what they found.");
  for (const LcoreStats& lcore : stats_.lcores) {
    const std::string cpu = std::to_string(lcore.cpu);
    polls.Add({{"cpu", cpu}, {"found", "packets"}}, lcore.busy_polls);
    polls.Add({{"cpu", cpu}, {"found", "nothing"}}, lcore.empty_polls);
  }
}

void Page::Neighbours() {
  uint64_t usable = 0;
  for (const neighbour::NeighbourStatus& status : stats_.neighbours) {
    if (status.link.usable()) ++usable;
  }
  Family family =
      families_.Gauge("neighbours", "Next hops, by whether their link address is known.");
  family.Add({{"usable", "yes"}}, usable);
  family.Add({{"usable", "no"}}, stats_.neighbours.size() - usable);
}

void Page::Following(const follow::Status& status) {
  Family announce = families_.Gauge("announce", "1 for how the VIPs are to be announced.");
  for (const auto how :
       {follow::Announce::kNormal, follow::Announce::kLower, follow::Announce::kWithdraw}) {
    announce.Add({{"preference", std::string(Name(how))}}, how == status.announce ? 1.0 : 0.0);
  }
  families_.One("control_connected", "1 if control answered the last report.",
                status.connected ? 1 : 0);
  families_.One("lease", "1 if control's lease has not ended.", status.lease() ? 1 : 0);
  families_.One("lease_left_seconds", "Until the lease ends if it is not renewed.",
                std::chrono::duration<double>(status.lease_left).count());
  families_.One("behind", "1 if control says that what this balancer holds is too old.",
                status.behind ? 1 : 0);
  families_.One("view_refused", "1 if the last view that came was refused.",
                status.rejected ? 1 : 0);
  Family epoch = families_.Gauge("view_epoch", "Epoch of the part of the view in force.");
  epoch.Add({{"part", "scheme"}}, status.scheme.at.epoch);
  epoch.Add({{"part", "load"}}, status.load.epoch);
  Family version = families_.Gauge("view_version", "Version of the part of the view in force.");
  version.Add({{"part", "scheme"}}, status.scheme.at.version);
  version.Add({{"part", "load"}}, status.load.version);
}

}  // namespace

std::string ToPrometheus(const Stats& stats, const steer::Snapshot& snapshot) {
  return Page(stats, snapshot).Print();
}

}  // namespace joinery::dpdk
