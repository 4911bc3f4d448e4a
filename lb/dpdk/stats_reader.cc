#include "lb/dpdk/stats_reader.h"

namespace joinery::dpdk {

Stats StatsReader::Read() const {
  Stats stats;
  stats.name = balancer_.name;
  stats.uptime = clock_.Now() - start_;
  stats.tables = plans_.Current().tables;
  ReadLcores(stats);
  for (const Port& port : devices_.ports()) {
    stats.ports.push_back({port.name(), port.mac(), port.counters()});
  }
  const Neighbours::Locked parts = neighbours_.Lock();
  stats.local = parts.responder.counts();
  stats.neighbours = parts.table.Status();
  return stats;
}

void StatsReader::ReadLcores(Stats& stats) const {
  std::vector<const steer::Counters*> counters;
  for (size_t i = 0; i < lcores_.size(); ++i) {
    const EdgeCounters& edge = lcores_[i]->edge_counters();
    counters.push_back(&lcores_[i]->steer_counters());
    for (size_t drop = 0; drop < kEdgeDropCount; ++drop) {
      stats.edge_drops[drop] += edge.drops[drop].Read();
    }
    stats.sent += edge.sent.Read();
    stats.too_big_answers += edge.too_big_answers.Read();
    stats.lcores.push_back({.cpu = balancer_.lcores[i],
                            .busy_polls = edge.busy_polls.Read(),
                            .empty_polls = edge.empty_polls.Read(),
                            .sleeps = edge.sleeps.Read()});
  }
  stats.totals = steer::SumCounters(counters, snapshot());
}

}  // namespace joinery::dpdk
