// joinery-agent as a whole: carries out what the core decides (core/core.h), with the kernel, the
// disk, control and the leases of this host. One thread, in an api::Loop.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/log/logger.h"
#include "api/net/client.h"
#include "api/net/loop.h"
#include "api/net/page_server.h"
#include "api/net/server.h"
#include "api/net/watcher.h"
#include "backend/agent/checks/evaluate.h"
#include "backend/agent/config/agent_config.h"
#include "backend/agent/core/core.h"
#include "backend/agent/diagnostics/usage.h"
#include "backend/agent/encoder/encoder.h"
#include "backend/agent/leases/lease_book.h"
#include "backend/agent/leases/lease_server.h"
#include "backend/agent/run/metrics.h"
#include "backend/agent/run/status_json.h"
#include "backend/agent/run/supervisor.h"
#include "base/clock.h"
#include "base/expected.h"
#include "base/random.h"

namespace joinery::agent {

class Agent {
 public:
  // Reads what was kept, opens the sockets, brings the module in. `loop` outlives it.
  [[nodiscard]] static Expected<std::unique_ptr<Agent>> Start(api::Loop& loop,
                                                              const AgentConfig& config);
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;
  // The module and its scheme stay: connections go on, and so does the next agent.
  ~Agent();

  // Certificates anew.
  void Reload();

 private:
  // What a report said when it was sent, for its answer.
  struct Sent {
    api::Stamp view;
    uint64_t incarnation = 0;
  };

  Agent(api::Loop& loop, const AgentConfig& config, std::optional<Record> record);
  [[nodiscard]] Expected<void> ServeStacks();
  [[nodiscard]] Expected<void> ServeStatus();
  void ServeMetrics();
  [[nodiscard]] std::string Metrics() const;
  [[nodiscard]] Expected<api::Endpoint> ControlEndpoint();
  void Follow(const api::Endpoint& control);
  void StartTimers();

  void Feed(const Event& event);
  void Carry(const Action& action);
  void Carry(const KeepRecord& action);
  void Carry(const LoadEncoder& action);
  void Carry(const ReadEncoder& action);
  void Carry(const SetEncoder& action);
  void Carry(const ClearEncoder& action);
  void Carry(const LeaseUnder& action);
  void Carry(const CountUses& action);
  void Carry(const SendReport& action);
  void Carry(const Say& action);

  void OnView(const api::WatchedView& watched);
  void OnControl(bool reached, const std::string& trouble);
  void OnAnswer(const Sent& sent, const Expected<api::Answer>& answer);
  void SendNextReport();
  void LookAtServer();
  // Whether something was put right.
  bool PutRightWhatMayBe(const std::vector<Judged>& judged);
  void SayWhatChanged(const std::vector<api::Finding>& findings);
  [[nodiscard]] Wanted WantedHere() const;
  [[nodiscard]] AgentState State() const;
  [[nodiscard]] Expected<void> KeepLeases(const std::vector<KeptLease>& leases);

  api::Loop* loop_;
  AgentConfig config_;
  BootClock clock_;
  SystemRandom random_;
  api::Logger logger_;
  Supervisor supervisor_;
  Core core_;
  std::unique_ptr<EncoderPort> encoder_;
  std::string encoder_said_;  // its last error, so that it is said once
  Ages ages_;
  std::unique_ptr<LeaseBook> book_;
  std::unique_ptr<LeaseServer> stacks_;
  std::unique_ptr<api::Server> status_;
  std::unique_ptr<api::PageServer> pages_;
  std::shared_ptr<api::Credentials> credentials_;
  std::unique_ptr<api::Client> client_;
  std::unique_ptr<api::Watcher> watcher_;
  uint64_t session_ = 0;
  uint64_t report_number_ = 0;
  bool report_under_way_ = false;
  std::optional<api::AgentReport> next_report_;
  bool control_reached_ = false;
  bool report_failed_ = false;  // the last one
  ReportCounters reports_;
  Instant started_;
  Instant answered_;       // when control last answered a report
  Instant load_failed_{};  // when the module was last tried in vain
  std::string control_at_;
  std::string control_trouble_;
  std::vector<api::Finding> findings_;
  std::vector<api::Loop::Handle> timers_;
};

}  // namespace joinery::agent
