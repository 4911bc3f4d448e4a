#include "tests/bpf/world.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <sched.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <fmt/format.h>

#include <linux/bpf.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>

namespace joinery::bpf::testing {
namespace {

constexpr size_t kSpare = 256;  // bytes by which a frame might grow

[[noreturn]] void GiveUp(const std::string& what) {
  fmt::print(stderr,
             "{}: {}\nThis test loads BPF programs: run it as root, outside of containers and "
             "sandboxes that take bpf() away (./run test --only bpf does).\n",
             what, std::strerror(errno));
  std::exit(EXIT_FAILURE);
}

void BringUp(const char* device) {
  const int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strncpy(request.ifr_name, device, sizeof(request.ifr_name) - 1);
  if (any < 0 || ioctl(any, SIOCGIFFLAGS, &request) != 0) GiveUp(device);
  request.ifr_flags = static_cast<int16_t>(request.ifr_flags | IFF_UP);
  if (ioctl(any, SIOCSIFFLAGS, &request) != 0) GiveUp(device);
  close(any);
}

}  // namespace

std::string EnterWorld() {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) GiveUp("a network namespace of its own");
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) GiveUp("private mounts");
  BringUp("lo");
  // Over a directory that every system has; nobody else sees it, and nothing has to be cleaned up.
  const std::string directory = "/mnt";
  if (mount("bpf", directory.c_str(), "bpf", 0, nullptr) != 0) GiveUp("a bpffs");
  return directory;
}

Ran RunProgram(int program_fd, std::span<const uint8_t> frame, uint32_t repeat) {
  Ran ran{.action = 0, .frame = Bytes(frame.size() + kSpare), .nanoseconds = 0};
  bpf_test_run_opts options{};
  options.sz = sizeof(options);
  options.data_in = frame.data();
  options.data_size_in = static_cast<uint32_t>(frame.size());
  options.data_out = ran.frame.data();
  options.data_size_out = static_cast<uint32_t>(ran.frame.size());
  options.repeat = static_cast<int>(repeat);
  if (bpf_prog_test_run_opts(program_fd, &options) != 0) GiveUp("a test run of a BPF program");
  ran.action = static_cast<int>(options.retval);
  ran.frame.resize(options.data_size_out);
  ran.nanoseconds = options.duration;
  return ran;
}

int EmptyProgram(const char* name) {
  const bpf_insn code[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = -1},
      {.code = BPF_JMP | BPF_EXIT, .dst_reg = 0, .src_reg = 0, .off = 0, .imm = 0}};
  const int fd =
      bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, name, "GPL", code, std::size(code), nullptr);
  if (fd < 0) GiveUp("the empty BPF program");
  return fd;
}

}  // namespace joinery::bpf::testing
