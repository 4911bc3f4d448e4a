#include "backend/bpf/cookie_programs.h"

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <utility>
#include <vector>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <fmt/format.h>

#include "backend/bpf/clsact.h"
#include "backend/bpf/cookie.skel.h"
#include "backend/bpf/host.h"
#include "backend/bpf/map_writer.h"

namespace joinery::bpf {
namespace {

constexpr const char* kNames[] = {
#define JOINERY_BPF_NAME(enumerator, name, what) name,
    JOINERY_BPF_COUNTERS(JOINERY_BPF_NAME)
#undef JOINERY_BPF_NAME
};

// libbpf says what went wrong in lines of its own. The first of them has the cause and goes into
// our error, with the verifier's last words if there are any; the others say what it led to.
thread_local std::string first_warning;
thread_local std::string verifier_said;
constexpr size_t kVerifierWords = 200;  // bytes

// What stands before the summary of a verifier's log.
std::string LastWords(const std::string& log) {
  const size_t end = std::min(log.rfind("\nverification time"), log.rfind("\nprocessed"));
  std::string words = log.substr(0, end);
  if (words.size() > kVerifierWords) words.erase(0, words.size() - kVerifierWords);
  std::replace(words.begin(), words.end(), '\n', ' ');
  return words;
}

int Remember(libbpf_print_level level, const char* format, va_list arguments) {
  if (level != LIBBPF_WARN) return 0;
  va_list again;
  va_copy(again, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, arguments);
  std::string text(static_cast<size_t>(std::max(length, 0)), '\0');
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  if (text.find("BEGIN PROG LOAD LOG") != std::string::npos) {
    verifier_said = LastWords(text);
  } else if (first_warning.empty()) {
    first_warning = text.substr(0, text.find('\n'));
  }
  return 0;
}

std::string WhatLibbpfSaid() {
  return verifier_said.empty()
             ? first_warning
             : fmt::format("{}; the verifier's last words: {}", first_warning, verifier_said);
}

Expected<void> MakeDirectory(const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (!error) {
    // The maps hold keys.
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all, error);
  }
  if (error) return Fail(fmt::format("{}: {}", directory, error.message()));
  return {};
}

struct SkeletonDeleter {
  void operator()(cookie_bpf* skeleton) const noexcept { cookie_bpf__destroy(skeleton); }
};
using Skeleton = std::unique_ptr<cookie_bpf, SkeletonDeleter>;

Expected<Skeleton> LoadSkeleton(const std::string& directory) {
  first_warning.clear();
  verifier_said.clear();
  Skeleton skeleton(cookie_bpf__open());
  if (!skeleton) return Fail(fmt::format("the tc programs cannot be opened: {}", WhatLibbpfSaid()));
  skeleton->rodata->joinery_kernel_context = KernelShowsPackets() ? 1 : 0;
  bpf_map* const pinned[] = {skeleton->maps.joinery_vips4, skeleton->maps.joinery_vips6,
                             skeleton->maps.joinery_pools, skeleton->maps.joinery_counts};
  for (bpf_map* map : pinned) {
    const std::string path = fmt::format("{}/{}", directory, bpf_map__name(map));
    const int error = bpf_map__set_pin_path(map, path.c_str());
    if (error != 0) return Fail(fmt::format("{}: {}", path, std::strerror(-error)));
  }
  const int error = cookie_bpf__load(skeleton.get());
  if (error != 0) {
    return Fail(
        fmt::format("the tc programs cannot be loaded, with maps pinned in {}: {} ({}); if "
                    "another version pinned them, take its programs off every device and "
                    "remove the directory",
                    directory, std::strerror(-error), WhatLibbpfSaid()));
  }
  return skeleton;
}

}  // namespace

std::string_view CookieCounterName(size_t counter) noexcept {
  return counter < std::size(kNames) ? kNames[counter] : "";
}

struct CookiePrograms::Loaded {
  Skeleton skeleton;

  [[nodiscard]] CookieMaps maps() const {
    return {.vips4 = bpf_map__fd(skeleton->maps.joinery_vips4),
            .vips6 = bpf_map__fd(skeleton->maps.joinery_vips6),
            .pools = bpf_map__fd(skeleton->maps.joinery_pools)};
  }
};

CookiePrograms::CookiePrograms(std::unique_ptr<Loaded> loaded) noexcept
    : loaded_(std::move(loaded)) {}
CookiePrograms::CookiePrograms(CookiePrograms&&) noexcept = default;
CookiePrograms& CookiePrograms::operator=(CookiePrograms&&) noexcept = default;
CookiePrograms::~CookiePrograms() = default;

Expected<CookiePrograms> CookiePrograms::Load(const std::string& pin_directory) {
  libbpf_set_print(Remember);
  if (const auto kernel = CheckKernel(); !kernel) return unexpected(kernel.error());
  if (const auto bpffs = CheckBpffs(pin_directory); !bpffs) return unexpected(bpffs.error());
  const std::string directory = fmt::format("{}/{}", pin_directory, JOINERY_BPF_LAYOUT);
  if (const auto made = MakeDirectory(directory); !made) return unexpected(made.error());
  auto skeleton = LoadSkeleton(directory);
  if (!skeleton) return unexpected(skeleton.error());
  return CookiePrograms(std::make_unique<Loaded>(Loaded{std::move(*skeleton)}));
}

Expected<void> CookiePrograms::Apply(const CookieSettings& settings) {
  return WriteMaps(loaded_->maps(), settings);
}

Expected<void> CookiePrograms::Attach(const std::string& device) {
  if (const auto allowed = CheckTimestamps(); !allowed) return unexpected(allowed.error());
  const auto found = FindDevice(device);
  if (!found) return unexpected(found.error());
  const bool ethernet = found->ethernet;
  // Ingress first: a TSecr that comes back must never meet a stack that does not expect it.
  const auto in = AttachFilter(*found, BPF_TC_INGRESS,
                               ProgramFd(ethernet ? CookieProgram::kIn : CookieProgram::kInBare));
  if (!in) return Fail(fmt::format("device {}, ingress: {}", device, in.error().message));
  const auto out = AttachFilter(
      *found, BPF_TC_EGRESS, ProgramFd(ethernet ? CookieProgram::kOut : CookieProgram::kOutBare));
  if (!out) return Fail(fmt::format("device {}, egress: {}", device, out.error().message));
  return {};
}

Expected<void> CookiePrograms::Detach(const std::string& device) {
  const auto found = FindDevice(device);
  if (!found) return unexpected(found.error());
  for (const bpf_tc_attach_point point : {BPF_TC_EGRESS, BPF_TC_INGRESS}) {
    const auto detached = DetachFilter(*found, point);
    if (!detached) return Fail(fmt::format("device {}: {}", device, detached.error().message));
  }
  return {};
}

Expected<uint32_t> CookiePrograms::AttachedProgram(const std::string& device) {
  const auto found = FindDevice(device);
  if (!found) return unexpected(found.error());
  return FilterProgram(*found, BPF_TC_EGRESS);
}

Expected<CookieCounts> CookiePrograms::Counts() const {
  const int cpus = libbpf_num_possible_cpus();
  if (cpus <= 0) return Fail(fmt::format("number of CPUs: {}", std::strerror(-cpus)));
  CookieCounts sums{};
  std::vector<uint64_t> of_cpus(static_cast<size_t>(cpus));
  for (uint32_t counter = 0; counter < sums.size(); ++counter) {
    const int map = bpf_map__fd(loaded_->skeleton->maps.joinery_counts);
    if (bpf_map_lookup_elem(map, &counter, of_cpus.data()) != 0) {
      return Fail(fmt::format("counter {}: {}", kNames[counter], std::strerror(errno)));
    }
    for (const uint64_t count : of_cpus) sums[counter] += count;
  }
  return sums;
}

int CookiePrograms::ProgramFd(CookieProgram program) const noexcept {
  const auto& programs = loaded_->skeleton->progs;
  switch (program) {
    case CookieProgram::kOut:
      return bpf_program__fd(programs.joinery_out);
    case CookieProgram::kIn:
      return bpf_program__fd(programs.joinery_in);
    case CookieProgram::kOutBare:
      return bpf_program__fd(programs.joinery_out_bare);
    case CookieProgram::kInBare:
      return bpf_program__fd(programs.joinery_in_bare);
  }
  return -1;
}

uint32_t CookiePrograms::VerifiedInstructions(CookieProgram program) const {
  bpf_prog_info info{};
  uint32_t size = sizeof(info);
  const bool found = bpf_obj_get_info_by_fd(ProgramFd(program), &info, &size) == 0;
  return found ? info.verified_insns : 0;
}

}  // namespace joinery::bpf
