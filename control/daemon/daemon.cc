#include "control/daemon/daemon.h"

#include <csignal>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "api/net/loop.h"
#include "api/net/server.h"
#include "base/notify.h"
#include "control/daemon/admin_routes.h"
#include "control/daemon/audit_log.h"
#include "control/daemon/driver.h"
#include "control/daemon/health_checks.h"
#include "control/daemon/logger.h"
#include "control/daemon/node_routes.h"
#include "control/daemon/observer.h"
#include "control/health/wire_transport.h"
#include "control/store/counted_store.h"
#include "control/store/file_store.h"
#include "settings/load_control.h"

namespace joinery::control {
namespace {

constexpr unsigned kPrivate = 0600;
constexpr unsigned kWithGroup = 0660;
constexpr unsigned kForAll = 0666;  // narrowed by the list of users
// The whole configuration may come in a request for a diff.
constexpr size_t kMaxAdminBody = size_t{8} << 20;
// A balancer that hands its scheme part back after a restore sends as much as it was sent.
constexpr size_t kMaxReportBody = size_t{64} << 20;

api::ServerLimits AdminLimits() {
  api::ServerLimits limits;
  limits.body_bytes = kMaxAdminBody;
  return limits;
}

api::ServerLimits NodeLimits() {
  api::ServerLimits limits;
  limits.body_bytes = kMaxReportBody;
  return limits;
}

api::Identity IdentityOf(const settings::LocalListener& local) {
  api::Identity identity;
  if (!local.balancer.empty()) {
    identity.role = api::Role::kBalancer;
    identity.name = local.balancer;
  } else {
    const size_t slash = local.backend.find('/');
    identity.role = api::Role::kAgent;
    identity.pool = local.backend.substr(0, slash);
    identity.name = local.backend.substr(slash + 1);
  }
  return identity;
}

Expected<std::optional<StateKey>> KeyOf(const settings::ControlDaemon& control) {
  if (control.state_key_file.empty()) return std::nullopt;
  auto key = ReadStateKey(control.state_key_file);
  if (!key) return unexpected(key.error());
  return *std::move(key);
}

Expected<settings::ControlConfig> LoadConfig(const std::string& path) {
  auto config = settings::LoadControlFile(path);
  if (config) return *std::move(config);
  std::string all;
  for (const settings::Diagnostic& diagnostic : config.error()) {
    all += (all.empty() ? "" : "\n") + ToString(diagnostic);
  }
  return Fail(all);
}

}  // namespace

// In the order of their making; they go in the opposite order.
struct Daemon::Parts {
  settings::ControlConfig config;
  SystemFiles files;
  SystemRandom random;
  BootClock clock;
  Logger logger;
  Notify notify;
  StateLock lock;
  FileStore file;
  CountedStore store;
  AuditLog audit;
  api::Loop loop;
  Driver driver;
  HealthChecks health;
  Admin admin;
  api::Server nodes;
  api::Server operators;
  Observer observer;
  std::optional<std::string> failure;

  Parts(const Options& options, settings::ControlConfig loaded, std::optional<StateKey> key,
        StateLock held, AuditLog opened)
      : config(std::move(loaded)),
        logger(config.control.name, config.control.log_level, config.control.log_format),
        notify(Notify::FromEnvironment()),
        lock(std::move(held)),
        file({.path = config.control.state_file,
              .key = std::move(key),
              .accept_older = options.accept_older_state},
             files, random),
        store(file, clock),
        audit(std::move(opened)),
        driver(loop, store, clock, random,
               {.log = [this](const LogEntry& entry) { logger.Write(entry); },
                .fatal = [this](const std::string& why) { Fail(why); },
                .changed = [this] { health.Follow(); }}),
        health({.loop = &loop,
                .clock = &clock,
                .random = &random,
                .model = [this]() -> const Model& { return driver.model(); },
                .submit = [this](const HealthChanged& event) { driver.Submit(event); },
                .log = [this](const LogEntry& entry) { logger.Write(entry); }}),
        admin({.driver = &driver,
               .audit = &audit,
               .health = &health,
               .config_path = options.config_path,
               .log = [this](const LogEntry& entry) { logger.Write(entry); }},
              config),
        nodes(loop, NodeLimits()),
        operators(loop, AdminLimits()),
        observer(loop, {.driver = &driver,
                        .store = &store,
                        .logger = &logger,
                        .nodes = &nodes,
                        .operators = &operators}) {}

  void Fail(const std::string& why) {
    failure = why;
    loop.Stop();
  }

  [[nodiscard]] Expected<void> Listen();
  [[nodiscard]] Expected<void> ListenTls();
  [[nodiscard]] Expected<void> OpenChecks(const health::OpenTransport& open);
  void Show();
};

Expected<void> Daemon::Parts::OpenChecks(const health::OpenTransport& open) {
  if (!config.control.health) return {};
  if (open) return health.Open(open, *config.control.health);
  return health.Open(
      [this](auto& io, const health::Prefixes& prefixes) {
        return health::OpenWireTransport(io, prefixes, clock, random);
      },
      *config.control.health);
}

Expected<void> Daemon::Parts::ListenTls() {
  const settings::ControlDaemon& control = config.control;
  if (control.listen.empty()) return {};
  auto credentials = api::Credentials::Load({.certificate = control.tls.certificate,
                                             .key = control.tls.key,
                                             .authority = control.tls.ca,
                                             .revoked = control.tls.revoked});
  if (!credentials) return unexpected(credentials.error());
  for (const settings::Listener& listener : control.listen) {
    const auto listening = nodes.Listen(api::TlsListener{
        .address = listener.address, .port = listener.port, .credentials = *credentials});
    if (!listening) return unexpected(listening.error());
  }
  return {};
}

Expected<void> Daemon::Parts::Listen() {
  const settings::ControlDaemon& control = config.control;
  const auto listening = operators.Listen(
      api::UnixListener{.path = control.admin_socket,
                        .mode = control.admin_group.empty() ? kPrivate : kWithGroup,
                        .group = control.admin_group});
  if (!listening) return unexpected(listening.error());
  for (const settings::LocalListener& local : control.local) {
    const auto done =
        nodes.Listen(api::UnixListener{.path = local.socket,
                                       .mode = local.users.empty() ? kPrivate : kForAll,
                                       .uids = local.users,
                                       .as = IdentityOf(local)});
    if (!done) return unexpected(done.error());
  }
  return ListenTls();
}

// Whatever keeps the metrics from being shown, control is worth more.
void Daemon::Parts::Show() {
  if (!config.control.metrics) return;
  const auto listening = observer.Listen(*config.control.metrics);
  if (listening) return;
  logger.Write(
      {.severity = Severity::kAlarm, .text = listening.error().message + "; it goes on without"});
}

Expected<std::unique_ptr<Daemon>> Daemon::Create(const Options& options) {
  auto config = LoadConfig(options.config_path);
  if (!config) return unexpected(config.error());
  auto key = KeyOf(config->control);
  if (!key) return unexpected(key.error());
  auto lock = StateLock::Take(config->control.state_file);
  if (!lock) return unexpected(lock.error());
  auto audit = AuditLog::Open(config->control.audit_log);
  if (!audit) return unexpected(audit.error());
  auto parts = std::make_unique<Parts>(options, *std::move(config), *std::move(key),
                                       *std::move(lock), *std::move(audit));
  if (auto loaded = parts->driver.Load(); !loaded) return unexpected(loaded.error());
  if (auto opened = parts->OpenChecks(options.transport); !opened) {
    return Fail("control.health: " + opened.error().message);
  }
  AddNodeRoutes(parts->nodes, parts->driver);
  parts->admin.AddRoutes(parts->operators);
  if (auto listening = parts->Listen(); !listening) return unexpected(listening.error());
  parts->Show();
  return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

Daemon::Daemon(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

Daemon::~Daemon() = default;

void Daemon::Stop() noexcept { parts_->loop.Stop(); }

Expected<void> Daemon::Run() {
  Parts& parts = *parts_;
  const auto stop = [&parts] { parts.loop.Stop(); };
  const auto on_term = parts.loop.OnSignal(SIGTERM, stop);
  const auto on_int = parts.loop.OnSignal(SIGINT, stop);
  const auto on_hup =
      parts.loop.OnSignal(SIGHUP, [&parts] { parts.admin.ApplyConfig("SIGHUP", false); });
  api::Loop::Handle watchdog;
  if (const auto period = parts.notify.watchdog()) {
    watchdog = parts.loop.Every(*period, [&parts] { parts.notify.Send("WATCHDOG=1"); });
  }
  parts.driver.Start();
  parts.health.Configure(parts.config);  // also when the model refuses it: pools go on as they are
  parts.admin.ApplyConfig("start", false);
  parts.loop.Post([&parts] {
    parts.logger.Write({.severity = Severity::kInfo,
                        .text = fmt::format("ready; epoch {}; joinctl talks to {}",
                                            parts.driver.model().durable.at.epoch,
                                            parts.config.control.admin_socket)});
    parts.notify.Send("READY=1");
  });
  parts.loop.Run();
  parts.notify.Send("STOPPING=1");
  if (parts.failure) return Fail(*parts.failure);
  return {};
}

}  // namespace joinery::control
