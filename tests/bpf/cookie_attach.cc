// cookie-attach: loads the tc programs of the timestamp cookie, tells them of one pool and attaches
// them to a device of its network namespace, for scenarios that need real traffic. Run again it is
// an agent that has been restarted. It prints the counters as JSON.
#include <cstdint>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "backend/bpf/cookie_programs.h"
#include "base/hex.h"

namespace {

using namespace joinery;

struct Options {
  std::string pins;
  std::string device;
  std::vector<std::string> vips;
  uint16_t port = 80;
  uint16_t id = 0;
  std::vector<std::string> epochs;  // SERIAL=KEY
  uint64_t writing = 0;
  bool detach = false;
  bool only_count = false;
};

Expected<tokenmap::CookieEpoch> ParseEpoch(const std::string& text) {
  const size_t sign = text.find('=');
  const auto bytes = FromHex(sign == std::string::npos ? "" : text.substr(sign + 1));
  if (!bytes || bytes->size() != crypto::Key128::kBytes) {
    return Fail(fmt::format("--epoch {}: expected SERIAL=32 hexadecimal digits", text));
  }
  crypto::Key128::Bytes key{};
  std::copy(bytes->begin(), bytes->end(), key.begin());
  return tokenmap::CookieEpoch{.serial = Serial(std::stoull(text)), .key = key};
}

Expected<bpf::CookieSettings> Settings(const Options& options) {
  const PoolId pool(1);
  bpf::CookieSettings settings{.pools = {{.pool = pool, .id = BackendId(options.id)}}};
  settings.pools[0].writing = Serial(options.writing);
  for (const std::string& text : options.epochs) {
    const auto epoch = ParseEpoch(text);
    if (!epoch) return unexpected(epoch.error());
    settings.pools[0].live.push_back(*epoch);
  }
  for (const std::string& text : options.vips) {
    const auto address = IpAddress::Parse(text);
    if (!address) return Fail(fmt::format("--vip {}: not an address", text));
    settings.vips.push_back(
        {.address = *address, .ports = {PortRange::One(Port(options.port))}, .pool = pool});
  }
  return settings;
}

Expected<void> Run(const Options& options) {
  if (options.detach) return bpf::CookiePrograms::Detach(options.device);
  auto programs = bpf::CookiePrograms::Load(options.pins);
  if (!programs) return unexpected(programs.error());
  if (!options.only_count) {
    const auto settings = Settings(options);
    if (!settings) return unexpected(settings.error());
    if (auto applied = programs->Apply(*settings); !applied) return applied;
    if (auto attached = programs->Attach(options.device); !attached) return attached;
  }
  const auto counts = programs->Counts();
  if (!counts) return unexpected(counts.error());
  std::string text;
  for (size_t i = 0; i < counts->size(); ++i) {
    text +=
        fmt::format("{}\"{}\": {}", i == 0 ? "" : ", ", bpf::CookieCounterName(i), (*counts)[i]);
  }
  fmt::print("{{{}}}\n", text);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Attaches the tc programs of the timestamp cookie.", "cookie-attach");
  app.add_option("--pins", options.pins, "directory of a bpffs")->required();
  app.add_option("--device", options.device, "where the VIPs' packets come and go")->required();
  app.add_option("--vip", options.vips, "address; may be given again");
  app.add_option("--port", options.port, "TCP port of the VIPs");
  app.add_option("--id", options.id, "of this backend, 0..255");
  app.add_option("--epoch", options.epochs, "SERIAL=KEY of a live epoch; may be given again");
  app.add_option("--writing", options.writing, "serial of the epoch to write");
  app.add_flag("--detach", options.detach, "take the programs off");
  app.add_flag("--count", options.only_count, "print the counters, change nothing");
  CLI11_PARSE(app, argc, argv);
  const auto done = Run(options);
  if (done) return 0;
  fmt::print(stderr, "cookie-attach: {}\n", done.error().message);
  return 1;
}
