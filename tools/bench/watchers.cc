// Control's long polls, with real sockets on this machine: the server in one process, its watchers
// in another. Prints a line of JSON.
//   watchers --transport tls --watchers 10000           memory of idle watchers
//   watchers --transport tls --watchers 10000 --bare    of as many TLS streams that only wait
//   watchers --transport tls --watchers 1000 --rounds 20   each round publishes a view for each
//                                                      watcher, who confirms it by a report
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

#include <CLI/CLI.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <fmt/format.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "api/net/client.h"
#include "api/net/hub.h"
#include "api/net/server.h"
#include "api/net/stream.h"
#include "api/net/watcher.h"
#include "api/pki/pki.h"
#include "tools/bench/must.h"

namespace joinery::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kViewBytes = 1'024;  // about an agent's view with four VIPs
constexpr seconds kLimit(200);        // for any one step
constexpr seconds kWait(600);         // of a poll: longer than the whole run

struct Options {
  std::string transport = "tls";
  size_t watchers = 1'000;
  size_t rounds = 0;
  bool bare = false;
  [[nodiscard]] bool tls() const { return transport == "tls"; }
};

// A folder with an authority, the server's certificate and the watchers'.
class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/joinery-bench.XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) Die("no temporary folder");
    path_ = pattern;
    const auto made = api::InitAuthority(path_ + "/ca", "bench", 2);
    if (!made) Die(made.error().message);
    Must(api::IssueCertificate(path_ + "/ca", *api::ParseIdentity("joinery:control:c1"), 1,
                               path_ + "/control"));
    Must(api::IssueCertificate(path_ + "/ca", *api::ParseIdentity("joinery:agent:web/web1"), 1,
                               path_ + "/agent"));
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string socket() const { return path_ + "/control.sock"; }
  [[nodiscard]] std::shared_ptr<api::Credentials> Load(const std::string& name) const {
    return Must(api::Credentials::Load({.certificate = path_ + "/" + name + ".crt",
                                        .key = path_ + "/" + name + ".key",
                                        .authority = path_ + "/ca/ca.crt",
                                        .revoked = path_ + "/ca/revoked.pem"}));
  }

 private:
  std::string path_;
};

size_t ResidentBytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != "VmRSS:") continue;
    size_t kib = 0;
    status >> kib;
    return kib * 1'024;
  }
  Die("no VmRSS in /proc/self/status");
}

api::ServerLimits RoomFor(const Options& options) {
  return {.connections = 3 * options.watchers + 100,
          .connections_per_peer = 3 * options.watchers + 100,
          .idle = kWait,
          .answer = 2 * kWait};
}

// The watchers' process: never returns.
[[noreturn]] void Follow(const Options& options, const api::Endpoint& endpoint) {
  api::Loop loop;
  SystemRandom random;
  std::vector<std::unique_ptr<api::Watcher>> watchers;
  std::vector<std::unique_ptr<api::Client>> reporters;
  for (size_t i = 0; i < options.watchers; ++i) {
    auto& reporter = *reporters.emplace_back(std::make_unique<api::Client>(loop, endpoint));
    if (options.bare) {
      reporter.Send({.target = "/", .timeout = kWait}, [](const Expected<api::Answer>&) {});
      continue;
    }
    api::WatchEvents events;
    events.on_view = [&, i](const api::WatchedView& view) {
      if (options.rounds == 0) return;
      reporter.Send({.method = "POST",
                     .target = fmt::format("/report/{}", i),
                     .body = fmt::format("{}", view.stamp.at.version)},
                    [](const Expected<api::Answer>& answer) {
                      if (!answer) Die(answer.error().message);
                    });
    };
    watchers.push_back(std::make_unique<api::Watcher>(
        loop, endpoint, api::WatchOptions{.path = fmt::format("/view/{}", i), .wait = kWait},
        std::move(events), random));
  }
  loop.Run();
  std::exit(EXIT_SUCCESS);
}

// Ends the watchers' process when it goes.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }

 private:
  pid_t pid_;
};

class Control {
 public:
  Control(const Options& options, const Folder& folder)
      : options_(options),
        hub_(loop_, random_, {.wait = kWait, .max_wait = kWait}),
        server_(loop_, RoomFor(options)) {
    server_.Route("GET", "/view/{n}",
                  [this](const api::Request& request, api::Responder responder) {
                    hub_.Watch(*request.Find("n"), request, std::move(responder));
                  });
    server_.Route(
        "POST", "/report/{n}", [this](const api::Request& request, api::Responder responder) {
          if (request.body == fmt::format("{}", version_)) {
            confirmed_ms_.push_back(
                std::chrono::duration<double, std::milli>(SteadyClock::now() - published_).count());
          }
          responder.Send({.status = 204});
        });
    if (options.tls()) {
      port_ = Must(server_.Listen(api::TlsListener{.address = *IpAddress::Parse("127.0.0.1"),
                                                   .credentials = folder.Load("control")}));
    } else if (const auto done = server_.Listen(api::UnixListener{.path = folder.socket()});
               !done) {
      Die(done.error().message);
    }
  }

  [[nodiscard]] Port port() const noexcept { return port_; }

  // All at once: each watcher has a view of its own, as agents do.
  void Publish() {
    ++version_;
    confirmed_ms_.clear();
    published_ = SteadyClock::now();
    for (size_t i = 0; i < options_.watchers; ++i) {
      hub_.Publish(fmt::format("{}", i), {.epoch = 1, .version = version_},
                   std::string(kViewBytes, static_cast<char>('a' + version_ % 26)));
    }
  }
  void AwaitWatchers() {
    if (!loop_.RunUntil([&] { return hub_.watchers() == options_.watchers; }, kLimit)) {
      Die(fmt::format("{} of {} watchers came", hub_.watchers(), options_.watchers));
    }
  }
  // Milliseconds from publishing to each confirmation.
  std::vector<double> Round() {
    Publish();
    if (!loop_.RunUntil([&] { return confirmed_ms_.size() == options_.watchers; }, kLimit)) {
      Die(fmt::format("{} of {} confirmed", confirmed_ms_.size(), options_.watchers));
    }
    std::vector<double> taken = confirmed_ms_;
    AwaitWatchers();
    return taken;
  }

 private:
  const Options& options_;
  api::Loop loop_;
  SystemRandom random_;
  api::Hub hub_;
  uint64_t version_ = 0;
  SteadyClock::time_point published_{};
  std::vector<double> confirmed_ms_;
  api::Server server_;
  Port port_{};
};

double Quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const auto at = static_cast<size_t>(share * static_cast<double>(values.size() - 1) + 0.5);
  return values[at];
}

void PrintMemory(const Options& options, size_t before, size_t after) {
  fmt::print(R"({{"transport":"{}","watchers":{},"bare":{},"before_bytes":{},"after_bytes":{},)"
             R"("bytes_each":{}}})"
             "\n",
             options.transport, options.watchers, options.bare, before, after,
             (after - before) / options.watchers);
}

void MeasureWatchers(const Options& options, Control& control, size_t before) {
  control.Publish();
  control.AwaitWatchers();
  if (options.rounds == 0) {
    PrintMemory(options, before, ResidentBytes());
    return;
  }
  std::vector<double> all;
  std::vector<double> last;
  static_cast<void>(control.Round());  // connections for the reports are made
  for (size_t i = 0; i < options.rounds; ++i) {
    const std::vector<double> taken = control.Round();
    last.push_back(*std::ranges::max_element(taken));
    all.insert(all.end(), taken.begin(), taken.end());
  }
  fmt::print(R"({{"transport":"{}","watchers":{},"rounds":{},"confirmed_ms":{{"p50":{:.1f},)"
             R"("p99":{:.1f}}},"last_ms":{{"median":{:.1f},"max":{:.1f}}}}})"
             "\n",
             options.transport, options.watchers, options.rounds, Quantile(all, 0.5),
             Quantile(all, 0.99), Quantile(last, 0.5), Quantile(last, 1));
}

// What Asio's TLS streams take when nothing but a wait for bytes is added to them.
class BareStreams {
 public:
  explicit BareStreams(const Folder& folder)
      : credentials_(folder.Load("control")),
        acceptor_(loop_.impl().context, {api::asio::ip::address_v4::loopback(), 0}) {
    api::asio::co_spawn(loop_.impl().context, Accept(), api::asio::detached);
  }
  [[nodiscard]] Port port() const { return Port(acceptor_.local_endpoint().port()); }
  void Await(size_t streams) {
    if (!loop_.RunUntil([&] { return ready_ == streams; }, kLimit)) Die("too few streams");
  }

 private:
  api::asio::awaitable<void> Accept() {
    while (true) {
      auto [error, socket] = co_await acceptor_.async_accept(api::kValues);
      if (error) co_return;
      auto& stream = streams_.emplace_back(
          api::MakeTlsStream(api::Socket(std::move(socket)), credentials_->impl().context()));
      api::asio::co_spawn(loop_.impl().context, Hold(*stream), api::asio::detached);
    }
  }
  api::asio::awaitable<void> Hold(api::Stream& stream) {
    if (co_await stream.Handshake(api::Stream::Side::kServer)) co_return;
    ++ready_;
    stream.socket().async_wait(api::Socket::wait_error, [](api::error_code) {});
  }

  api::Loop loop_;
  std::shared_ptr<api::Credentials> credentials_;
  api::asio::ip::tcp::acceptor acceptor_;
  std::vector<std::unique_ptr<api::Stream>> streams_;
  size_t ready_ = 0;
};

int Measure(const Options& options) {
  const Folder folder;
  std::unique_ptr<Control> control;
  std::unique_ptr<BareStreams> bare;
  if (options.bare) {
    bare = std::make_unique<BareStreams>(folder);
  } else {
    control = std::make_unique<Control>(options, folder);
  }
  // The child's copy of the server is never run.
  const pid_t pid = fork();
  if (pid < 0) Die("fork");
  if (pid == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const Port port = options.bare ? bare->port() : control->port();
    Follow(options, options.tls() ? api::Endpoint{.host = "127.0.0.1",
                                                  .port = port,
                                                  .credentials = folder.Load("agent")}
                                  : api::Endpoint{.unix_path = folder.socket()});
  }
  const Child child(pid);
  const size_t before = ResidentBytes();
  if (options.bare) {
    bare->Await(options.watchers);
    PrintMemory(options, before, ResidentBytes());
  } else {
    MeasureWatchers(options, *control, before);
  }
  std::fflush(stdout);
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  CLI::App app("Measures what control's watchers cost, and how soon they know.", "watchers");
  Options options;
  app.add_option("--transport", options.transport)->check(CLI::IsMember({"tls", "unix"}));
  app.add_option("--watchers", options.watchers)->check(CLI::Range(1, 20'000));
  app.add_option("--rounds", options.rounds, "0: measure memory")->check(CLI::Range(0, 1'000));
  app.add_flag("--bare", options.bare, "Only TLS streams");
  CLI11_PARSE(app, argc, argv);
  if (options.bare && (!options.tls() || options.rounds != 0)) Die("--bare is memory over tls");

  // Server and watchers are two processes. An idle watcher has one connection, one that confirms
  // more.
  const rlim_t files = (options.rounds == 0 ? 1 : 3) * options.watchers + 512;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::max(limit.rlim_cur, files);
  limit.rlim_max = std::max(limit.rlim_max, files);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
    Die(fmt::format("{} open files are not allowed; raise the hard limit (ulimit -Hn)", files));
  }
  return Measure(options);
}

}  // namespace
}  // namespace joinery::bench

int main(int argc, char** argv) { return joinery::bench::Main(argc, argv); }
