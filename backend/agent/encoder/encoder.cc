#include "backend/agent/encoder/encoder.h"

#include <utility>

#include <fmt/format.h>

#include <sys/utsname.h>

#include "backend/kmod/loader/layout.h"
#include "backend/kmod/loader/scheme_request.h"
#include "backend/kmod/loader/token_module.h"
#include "crypto/wipe.h"

namespace joinery::agent {
namespace {

constexpr const char* kBtf = "/sys/kernel/btf/vmlinux";

std::string DefaultModule() {
  utsname name{};
  uname(&name);
  return fmt::format("/lib/modules/{}/extra/{}.ko", name.release, kmod::kModuleName);
}

Expected<joinery_token_scheme> RequestOf(const EncodeUnder& under) {
  const bool plain = under.scheme.algorithm() == tokenmap::Algorithm::kPlain;
  return kmod::SchemeFromFlags({.pool = under.scheme.pool().value(),
                                .id = under.id.value(),
                                .r = under.scheme.generation_bits(),
                                .s = under.scheme.id_bits(),
                                .serial = under.generation.serial.value(),
                                .codepoint = under.generation.codepoint.value(),
                                .algorithm = plain ? "plain" : "ff1"},
                               under.generation.key);
}

}  // namespace

KernelEncoder::KernelEncoder(std::string module)
    : module_(module.empty() ? DefaultModule() : std::move(module)) {}

EncoderState KernelEncoder::Load() {
  EncoderState state = Read();
  if (state.incarnation != 0) return state;
  const auto layout = kmod::ReadLayout(kBtf);
  if (!layout) {
    error_ = layout.error().message;
    return {};
  }
  if (const auto loaded = kmod::Load(module_, *layout, true); !loaded) {
    error_ = loaded.error().message;
    return {};
  }
  return Read();
}

EncoderState KernelEncoder::Read() {
  error_.clear();
  counters_.clear();
  const auto text = kmod::ReadStatus();
  auto status =
      text ? kmod::ParseStatus(*text) : Expected<kmod::ModuleStatus>(tl::unexpect, text.error());
  if (!status) {
    error_ = status.error().message;
    return {};
  }
  counters_ = std::move(status->counters);
  return {.incarnation = status->incarnation, .scheme = status->scheme, .keys = status->keys};
}

EncoderSet KernelEncoder::Set(const EncodeUnder& under) {
  auto request = RequestOf(under);
  if (!request) {
    return {.error = request.error().message +
                     "; a pool of explicit tokens with more bits needs encoder: none",
            .state = Read()};
  }
  const auto written = kmod::WriteScheme(*request);
  crypto::Wipe(*request);
  return {.error = written ? "" : written.error().message, .state = Read()};
}

EncoderSet KernelEncoder::Clear() {
  const auto written = kmod::WriteScheme(kmod::ClearRequest());
  return {.error = written ? "" : written.error().message, .state = Read()};
}

NoKernelEncoder::NoKernelEncoder(Random& random) {
  while (state_.incarnation == 0) state_.incarnation = random.Uint64();
}

EncoderSet NoKernelEncoder::Set(const EncodeUnder& under) {
  state_.scheme = kmod::ActiveScheme{.pool = under.scheme.pool(),
                                     .backend = under.id,
                                     .codepoint = under.generation.codepoint,
                                     .serial = under.generation.serial};
  return {.error = "", .state = state_};
}

EncoderSet NoKernelEncoder::Clear() {
  state_.scheme.reset();
  return {.error = "", .state = state_};
}

}  // namespace joinery::agent
