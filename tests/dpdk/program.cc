#include "tests/dpdk/program.h"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <thread>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/wait.h>

namespace joinery::testing {
namespace {

// Where Bazel puts it, seen from a test's working directory.
constexpr const char* kBinary = "lb/joinery-lb";
constexpr std::chrono::seconds kDeadline{30};
constexpr std::chrono::milliseconds kLook{10};

template <typename Holds>
bool WaitUntil(const Holds& holds) {
  const auto end = std::chrono::steady_clock::now() + kDeadline;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

[[noreturn]] void Become(const std::vector<std::string>& arguments, const std::string& log) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> argv{const_cast<char*>(kBinary)};
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execv(kBinary, argv.data());
  _exit(127);
}

}  // namespace

ScratchDirectory::ScratchDirectory() {
  std::string name = (std::filesystem::temp_directory_path() / "joinery-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void WriteFile(const std::string& path, const std::string& text) {
  // A reader never sees half of it.
  std::ofstream(path + ".new") << text;
  std::filesystem::rename(path + ".new", path);
}

void WriteKey(const std::string& path) {
  WriteFile(path, "000102030405060708090a0b0c0d0e0f\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_read);
}

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Program::Program(const std::vector<std::string>& arguments, std::string log)
    : log_(std::move(log)) {
  // What an earlier program said must not be taken for this one's words.
  unlink(log_.c_str());
  pid_ = fork();
  if (pid_ == 0) Become(arguments, log_);
}

Program::~Program() {
  if (HasEnded()) return;
  Signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Program::HasEnded() {
  if (!ended_) ended_ = waitpid(pid_, &status_, WNOHANG) == pid_;
  return ended_;
}

bool Program::Says(const std::string& text) {
  const auto said = [&] { return Said().find(text) != std::string::npos; };
  static_cast<void>(WaitUntil([&] { return said() || HasEnded(); }));
  return said();
}

void Program::Signal(int signal) const { kill(pid_, signal); }

int Program::Wait() {
  if (!WaitUntil([&] { return HasEnded(); })) return -1;
  return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

Outcome RunToEnd(const std::vector<std::string>& arguments, const ScratchDirectory& directory) {
  Program program(arguments, directory / "run.log");
  const int status = program.Wait();
  return {status, program.Said()};
}

}  // namespace joinery::testing
