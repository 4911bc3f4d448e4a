#include "backend/agent/run/agent.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "api/agent_view_json.h"
#include "api/metrics/pages.h"
#include "api/position_text.h"
#include "api/reports_json.h"
#include "backend/agent/checks/gather.h"
#include "backend/agent/checks/put_right.h"
#include "backend/agent/files/private_file.h"
#include "backend/agent/leases/kept_leases.h"
#include "backend/agent/run/users.h"

namespace joinery::agent {
namespace {

constexpr size_t kMaxRecordBytes = 64 << 10;
constexpr size_t kMaxLeasesBytes = 64 << 20;
constexpr size_t kMaxFastOpenKey = 256;
constexpr size_t kMaxViewBytes = 4 << 20;
constexpr Nanoseconds kLoadAgain = std::chrono::seconds(10);
// Views come when they change; a lost connection shows sooner by the reports.
constexpr Nanoseconds kReportTimeout = std::chrono::seconds(5);
constexpr unsigned kOk = 200;

std::string RecordPath(const AgentConfig& config) { return config.state_dir + "/agent.json"; }
// Beside the sockets: leases need not survive a reboot, which ends the stacks too.
std::string LeasesPath(const AgentConfig& config) {
  return std::filesystem::path(config.stacks.socket).parent_path() / "agent-leases.json";
}

Expected<std::optional<Record>> ReadRecord(const std::string& path) {
  const auto text = ReadPrivate(path, kMaxRecordBytes);
  if (!text) return Fail(text.error().message);
  const std::optional<std::string>& content = *text;
  if (!content) return std::optional<Record>();
  auto record = ParseRecord(*content);
  if (!record) {
    return Fail(
        fmt::format("{}: {}; without it this agent would forget what it must refuse: "
                    "restore it, or remove it once `joinctl` shows that no generation of "
                    "this backend is in use",
                    path, record.error().message));
  }
  return std::optional(*std::move(record));
}

api::LogLevel LevelOf(Say::Level level) {
  switch (level) {
    case Say::Level::kInfo:
      return api::LogLevel::kInfo;
    case Say::Level::kWarning:
      return api::LogLevel::kWarning;
    case Say::Level::kError:
      break;
  }
  return api::LogLevel::kError;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Expected<std::unique_ptr<Agent>> Agent::Start(api::Loop& loop, const AgentConfig& config) {
  auto record = ReadRecord(RecordPath(config));
  if (!record) return Fail(record.error().message);
  std::unique_ptr<Agent> agent(new Agent(loop, config, *std::move(record)));
  if (auto served = agent->ServeStacks(); !served) return Fail(served.error().message);
  if (auto served = agent->ServeStatus(); !served) return Fail(served.error().message);
  auto control = agent->ControlEndpoint();
  if (!control) return Fail(control.error().message);
  agent->ServeMetrics();
  // The encoder first: the first report says what it is.
  agent->Feed(Tick{});
  agent->LookAtServer();
  agent->Follow(*control);
  agent->StartTimers();
  agent->supervisor_.Ready(Summary(agent->State()));
  return agent;
}

Agent::Agent(api::Loop& loop, const AgentConfig& config, std::optional<Record> record)
    : loop_(&loop),
      config_(config),
      logger_("joinery-agent", config.log),
      core_(Self{.pool = config.pool, .backend = config.backend}, std::move(record)),
      session_(random_.Uint64()),
      started_(clock_.Now()),
      answered_(started_) {
  if (config_.encoder == Encoder::kKernel) {
    encoder_ = std::make_unique<KernelEncoder>(config_.module);
  } else {
    encoder_ = std::make_unique<NoKernelEncoder>(random_);
  }
}

Agent::~Agent() { supervisor_.Stopping(); }

void Agent::Reload() {
  if (!credentials_) return;
  const auto reloaded = credentials_->Reload();
  if (reloaded) {
    logger_.Info("certificates are read again");
  } else {
    logger_.Error("certificates stay as they were: " + reloaded.error().message);
  }
}

Expected<void> Agent::ServeStacks() {
  if (config_.stacks.socket.empty()) return {};
  auto uids = UsersByName(config_.stacks.users);
  if (!uids) return Fail("stacks.users: " + uids.error().message);
  const auto text = ReadPrivate(LeasesPath(config_), kMaxLeasesBytes);
  if (!text) return Fail(text.error().message);
  std::vector<KeptLease> kept;
  const std::optional<std::string>& content = *text;
  if (content) {
    auto parsed = ParseKeptLeases(*content);
    if (!parsed) return Fail(LeasesPath(config_) + ": " + parsed.error().message);
    kept = *std::move(parsed);
  }
  book_ = std::make_unique<LeaseBook>(LeaseLimits{.quota = config_.stacks.quota}, clock_, random_,
                                      kept);
  auto server = LeaseServer::Listen(
      *loop_, {.path = config_.stacks.socket, .uids = *std::move(uids)}, *book_, clock_,
      [this](const std::vector<KeptLease>& leases) { return KeepLeases(leases); });
  if (!server) return Fail(server.error().message);
  stacks_ = *std::move(server);
  return {};
}

Expected<void> Agent::ServeStatus() {
  status_ = std::make_unique<api::Server>(*loop_);
  status_->Route("GET", "/v1/status", [this](const api::Request&, api::Responder responder) {
    responder.Send(api::JsonResponse(ToJson(State())));
  });
  return status_->Listen(api::UnixListener{.path = config_.status_socket});
}

// Whatever keeps the metrics from being shown, tokens are worth more.
void Agent::ServeMetrics() {
  if (!config_.metrics) return;
  auto pages =
      api::PageServer::Listen(*loop_, *config_.metrics,
                              api::PagesOf({.metrics = [this] { return Metrics(); },
                                            .health = [] { return api::Page{.body = "ok\n"}; },
                                            .ready = [this] { return ReadyPage(State()); }}));
  if (pages) {
    pages_ = *std::move(pages);
  } else {
    logger_.Error("agent.metrics: " + pages.error().message + "; it goes on without");
  }
}

std::string Agent::Metrics() const {
  const Instant now = clock_.Now();
  return ToPrometheus({.state = State(),
                       .uptime = now - started_,
                       .since_answer = now - answered_,
                       .reports = reports_,
                       .log_entries = logger_.counts()});
}

Expected<api::Endpoint> Agent::ControlEndpoint() {
  const ControlAddress& at = config_.control;
  if (!at.unix.empty()) {
    control_at_ = "unix:" + at.unix;
    return api::ParseEndpoint(control_at_);
  }
  control_at_ = at.address;
  auto credentials =
      api::Credentials::Load({.certificate = at.certificate, .key = at.key, .authority = at.ca});
  if (!credentials) return Fail(credentials.error().message);
  credentials_ = *std::move(credentials);
  return api::ParseEndpoint(control_at_, credentials_);
}

void Agent::Follow(const api::Endpoint& control) {
  client_ = std::make_unique<api::Client>(*loop_, control);
  // The view itself is nowhere on disk, so it is asked for anew, whatever the record says.
  watcher_ = std::make_unique<api::Watcher>(
      *loop_, control, api::WatchOptions{.path = "/v1/agent/view", .max_body = kMaxViewBytes},
      api::WatchEvents{
          .on_view = [this](const api::WatchedView& view) { OnView(view); },
          .on_contact = [this] { OnControl(true, ""); },
          .on_trouble = [this](const Error& error) { OnControl(false, error.message); }},
      random_);
  SendNextReport();
}

void Agent::StartTimers() {
  using std::chrono::seconds;
  timers_.push_back(loop_->Every(seconds(config_.report_s), [this] { Feed(Tick{}); }));
  timers_.push_back(loop_->Every(seconds(config_.checks.every_s), [this] { LookAtServer(); }));
  timers_.push_back(loop_->Every(seconds(1), [this] {
    if (stacks_) stacks_->Tick();
    supervisor_.Status(Summary(State()));
  }));
  if (const auto period = supervisor_.AlivePeriod()) {
    timers_.push_back(loop_->Every(*period, [this] { supervisor_.Alive(); }));
  }
}

// Depth first: what an action leads to comes before the next action, as core/world.cc plays it.
void Agent::Feed(const Event& event) {
  for (const Action& action : core_.Step(event)) Carry(action);
  if (book_) book_->SetDraining(core_.draining());
}

void Agent::Carry(const Action& action) {
  std::visit([this](const auto& one) { Carry(one); }, action);
}

void Agent::Carry(const KeepRecord& action) {
  const auto kept = WritePrivate(RecordPath(config_), ToJson(action.record));
  Feed(RecordKept{.error = kept ? "" : kept.error().message});
}

void Agent::Carry(const LoadEncoder& /*action*/) {
  // Each try reads the kernel's whole BTF.
  const Instant now = clock_.Now();
  if (load_failed_ != Instant{} && now - load_failed_ < kLoadAgain) {
    return Feed(EncoderRead{encoder_->Read()});
  }
  const EncoderState state = encoder_->Load();
  load_failed_ = state.incarnation == 0 ? now : Instant{};
  if (encoder_->error() != encoder_said_) {
    encoder_said_ = encoder_->error();
    if (!encoder_said_.empty()) logger_.Error("the module: " + encoder_said_);
  }
  Feed(EncoderRead{state});
}

void Agent::Carry(const ReadEncoder& /*action*/) { Feed(EncoderRead{encoder_->Read()}); }

void Agent::Carry(const SetEncoder& action) {
  EncoderSet set = encoder_->Set(action.under);
  if (set.error.empty()) {
    logger_.Info(fmt::format("new tokens are made under serial {}, codepoint {}",
                             action.under.generation.serial.value(),
                             action.under.generation.codepoint.value()));
  }
  Feed(set);
}

void Agent::Carry(const ClearEncoder& /*action*/) { Feed(encoder_->Clear()); }

void Agent::Carry(const LeaseUnder& action) {
  if (!book_) return;
  if (const auto used = book_->Use(action.under); !used) {
    logger_.Error("nothing can be leased: " + used.error().message);
  }
  stacks_->GenerationChanged();
}

void Agent::Carry(const CountUses& action) {
  UsesCounted counted;
  if (book_) counted.leased = book_->InUse();
  const auto mptcp = ListSockets(SocketKind::kMptcpConnections);
  const auto tcp = ListSockets(SocketKind::kTcpConnections);
  if (!mptcp || !tcp) {
    counted.error = mptcp ? tcp.error().message : mptcp.error().message;
    return Feed(counted);
  }
  TokenCounts tokens = CountTokens(*mptcp, action);
  counted.tokens = std::move(tokens.tokens);
  counted.foreign = tokens.foreign;
  counted.connections = CountConnections(*tcp, action.vips);
  std::vector<uint64_t> cookies;
  for (const SocketRow& row : *tcp) {
    if (IsAtVip(row, action.vips)) cookies.push_back(row.cookie);
  }
  const Nanoseconds oldest = ages_.Update(std::move(cookies), clock_.Now());
  counted.oldest_s =
      static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(oldest).count());
  Feed(counted);
}

// One report is under way at a time; of those that wait only the last counts.
void Agent::Carry(const SendReport& action) {
  next_report_ = action.report;
  SendNextReport();
}

void Agent::Carry(const Say& action) { logger_.Write(LevelOf(action.level), action.text); }

void Agent::SendNextReport() {
  if (!client_ || report_under_way_ || !next_report_) return;
  api::AgentReport report = *std::move(next_report_);
  next_report_.reset();
  report.sequence = {.session = session_, .number = ++report_number_};
  const Sent sent{.view = report.view, .incarnation = report.incarnation};
  report_under_way_ = true;
  client_->Send({.method = "POST",
                 .target = "/v1/agent/report",
                 .body = api::ToJson(report),
                 .timeout = kReportTimeout},
                [this, sent](const Expected<api::Answer>& answer) { OnAnswer(sent, answer); });
}

void Agent::OnAnswer(const Sent& sent, const Expected<api::Answer>& answer) {
  report_under_way_ = false;
  report_failed_ = true;
  if (!answer) {
    OnControl(false, answer.error().message);
  } else if (answer->status != kOk) {
    OnControl(false, "control refuses the report: " + answer->ErrorText());
  } else if (const auto reply = api::ParseAgentReply(answer->body); !reply) {
    OnControl(false, "control's answer: " + reply.error().message);
  } else {
    report_failed_ = false;
    answered_ = clock_.Now();
    OnControl(true, "");
    const bool meant = reply->view == sent.view.at && reply->incarnation == sent.incarnation;
    Feed(Answered{.view = sent.view,
                  .incarnation = sent.incarnation,
                  .may_encode = reply->may_encode && meant});
  }
  ++(report_failed_ ? reports_.failed : reports_.answered);
  SendNextReport();
}

void Agent::OnView(const api::WatchedView& watched) {
  const auto view = api::ParseAgentView(watched.bytes);
  if (view) {
    Feed(ViewCame{.view = *view, .stamp = watched.stamp});
    LookAtServer();  // its VIPs may be others
  } else {
    Feed(ViewUnreadable{.at = watched.stamp.at, .reason = view.error().message});
  }
}

void Agent::OnControl(bool reached, const std::string& trouble) {
  if (reached && !control_reached_) logger_.Info("control is reached at " + control_at_);
  if (!reached && trouble != control_trouble_) {
    logger_.Warn(fmt::format("control at {}: {}; all goes on as it is", control_at_, trouble));
  }
  control_reached_ = reached;
  control_trouble_ = trouble;
}

void Agent::LookAtServer() {
  const auto judge = [this] {
    Facts facts = Gather();
    facts.encoder_present = core_.encoder().incarnation != 0;
    facts.encoder_has_scheme = core_.encoder().scheme.has_value();
    facts.encoder_counters = encoder_->counters();
    std::vector<Judged> judged = Evaluate(facts, WantedHere());
    std::erase_if(judged,
                  [this](const Judged& one) { return config_.checks.ignore.contains(one.check); });
    return judged;
  };
  std::vector<Judged> judged = judge();
  if (PutRightWhatMayBe(judged)) judged = judge();
  std::vector<api::Finding> findings;
  for (const Judged& one : judged) findings.push_back(ToFinding(one));
  SayWhatChanged(findings);
  findings_ = findings;
  Feed(FindingsMade{std::move(findings)});
}

bool Agent::PutRightWhatMayBe(const std::vector<Judged>& judged) {
  bool done = false;
  for (const Judged& one : judged) {
    if (!config_.checks.fix.contains(one.check)) continue;
    for (const Mend& mend : one.mends) {
      const auto put = PutRight(mend);
      done = done || put;
      if (put) {
        logger_.Info(fmt::format("{}: put right: {}", Name(one.check), ToString(mend)));
      } else {
        logger_.Error(fmt::format("{}: {}", Name(one.check), put.error().message));
      }
    }
  }
  return done;
}

void Agent::SayWhatChanged(const std::vector<api::Finding>& findings) {
  for (const api::Finding& finding : findings) {
    const auto before = std::ranges::find(findings_, finding.name, &api::Finding::name);
    const bool was_ok = before == findings_.end() || before->ok;
    if (!finding.ok && (was_ok || before->detail != finding.detail)) {
      logger_.Warn(fmt::format("{}: {}", finding.name, finding.detail));
    }
    if (finding.ok && !was_ok) logger_.Info(fmt::format("{}: {}", finding.name, finding.detail));
  }
}

Wanted Agent::WantedHere() const {
  Wanted wanted;
  wanted.encoder = config_.encoder == Encoder::kKernel;
  wanted.min_mtu = config_.checks.min_mtu;
  if (const auto& view = core_.view()) {
    wanted.vips = view->vips;
    wanted.handshake = view->handshake;
  }
  if (!config_.checks.fastopen_key_file.empty()) {
    const auto key = ReadPrivate(config_.checks.fastopen_key_file, kMaxFastOpenKey);
    const std::optional<std::string> content = key ? *key : std::nullopt;
    if (content) wanted.fastopen_key = FirstLine(*content);
  }
  return wanted;
}

AgentState Agent::State() const {
  return {.core = &core_,
          .control_reached = control_reached_,
          .control = control_at_,
          .trouble = control_trouble_,
          .encoder_error = encoder_->error(),
          .encoder_counters = &encoder_->counters(),
          .leases = book_.get(),
          .lease_server = stacks_ ? &stacks_->counters() : nullptr,
          .findings = findings_};
}

Expected<void> Agent::KeepLeases(const std::vector<KeptLease>& leases) {
  auto kept = WritePrivate(LeasesPath(config_), ToJson(leases));
  if (!kept) logger_.Error("leases: " + kept.error().message);
  return kept;
}

}  // namespace joinery::agent
