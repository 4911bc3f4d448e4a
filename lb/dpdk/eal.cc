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

}  // namespace

Expected<std::unique_ptr<Eal>> Eal::Start(const settings::Balancer& balancer) {
  std::unique_ptr<Eal> eal(new Eal(balancer, AllowedCpus()));
  if (auto started = eal->Init(); !started) return tl::unexpected(started.error());
  return eal;
}

Eal::Eal(const settings::Balancer& balancer, std::vector<uint16_t> cpus)
    : balancer_(balancer),
      cpus_(std::move(cpus)),
      file_prefix_(fmt::format("joinery-{}", getpid())) {}

Expected<void> Eal::Init() {
  if (log_.stream() == nullptr) return Fail("DPDK cannot start: no memory for its log");
  rte_openlog_stream(log_.stream());
  running_ = InitEal(EalArguments(balancer_, file_prefix_)) >= 0;
  // It is empty already: nothing of DPDK's is shared with other processes. Later the right to
  // remove it may be gone (balancer.user).
  RemoveRuntimeDirectory(file_prefix_);
  if (running_) return {};
  return tl::unexpected(Explain(fmt::format("DPDK cannot start: {}", rte_strerror(rte_errno))));
}

Eal::~Eal() {
  if (running_) rte_eal_cleanup();
  rte_openlog_stream(nullptr);
}

Error Eal::Explain(const std::string& what) const {
  const std::vector<std::string> lines = log_.LastLines();
  std::vector<std::string> evidence = lines;
  evidence.push_back(what);
  const HostFacts host = ReadHostFacts(balancer_, cpus_);
  return Error{ExplainFailure(what, Diagnose(balancer_, host, evidence), lines)};
}

}  // namespace joinery::dpdk
