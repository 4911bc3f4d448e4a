#include "lb/dpdk/eal.h"

#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>
#include <vector>

#include <fmt/format.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>

#include "lb/dpdk/diagnosis.h"
#include "lb/dpdk/eal_arguments.h"
#include "lb/dpdk/host_facts.h"

namespace joinery::dpdk {
namespace {

// An argument that DPDK refuses makes it print its whole usage to standard output.
class QuietStdout {
 public:
  QuietStdout() {
    std::fflush(stdout);
    saved_ = dup(STDOUT_FILENO);
    const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (null < 0) return;
    dup2(null, STDOUT_FILENO);
    close(null);
  }
  ~QuietStdout() {
    std::fflush(stdout);
    if (saved_ < 0) return;
    dup2(saved_, STDOUT_FILENO);
    close(saved_);
  }
  QuietStdout(const QuietStdout&) = delete;
  QuietStdout& operator=(const QuietStdout&) = delete;

 private:
  int saved_ = -1;
};

int InitEal(std::vector<std::string> arguments) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const QuietStdout quiet;
  return rte_eal_init(static_cast<int>(arguments.size()), argv.data());
}

// DPDK makes a directory for each file prefix and leaves it behind, empty.
void RemoveRuntimeDirectory(const std::string& file_prefix) {
  const char* runtime = getenv("XDG_RUNTIME_DIR");
  const std::string base = getuid() == 0 ? "/var/run" : runtime != nullptr ? runtime : "/tmp";
  std::error_code ignored;
  std::filesystem::remove(fmt::format("{}/dpdk/{}", base, file_prefix), ignored);
}

Error Explain(const settings::Balancer& balancer, const EalLog& log, const std::string& what) {
  const std::vector<std::string> lines = log.LastLines();
  std::vector<std::string> evidence = lines;
  evidence.push_back(what);
  const std::vector<std::string> advice = Diagnose(balancer, ReadHostFacts(balancer), evidence);
  return Error{ExplainFailure(what, advice, lines)};
}

}  // namespace

Expected<std::unique_ptr<Eal>> Eal::Start(const settings::Balancer& balancer) {
  auto log = std::make_unique<EalLog>();
  if (log->stream() == nullptr) return Fail("DPDK cannot start: no memory for its log");
  rte_openlog_stream(log->stream());
  const std::string file_prefix = fmt::format("joinery-{}", getpid());
  if (InitEal(EalArguments(balancer, file_prefix)) < 0) {
    Error error = dpdk::Explain(balancer, *log,
                                fmt::format("DPDK cannot start: {}", rte_strerror(rte_errno)));
    rte_openlog_stream(nullptr);
    RemoveRuntimeDirectory(file_prefix);
    return tl::unexpected(std::move(error));
  }
  return std::unique_ptr<Eal>(new Eal(balancer, std::move(log), file_prefix));
}

Eal::Eal(const settings::Balancer& balancer, std::unique_ptr<EalLog> log, std::string file_prefix)
    : balancer_(balancer), log_(std::move(log)), file_prefix_(std::move(file_prefix)) {}

Eal::~Eal() {
  rte_eal_cleanup();
  rte_openlog_stream(nullptr);
  RemoveRuntimeDirectory(file_prefix_);
}

Error Eal::Explain(const std::string& what) const { return dpdk::Explain(balancer_, *log_, what); }

}  // namespace joinery::dpdk
