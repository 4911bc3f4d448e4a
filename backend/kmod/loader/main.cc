// joinery-kmod: brings the module joinery_token into the kernel, gives it a scheme, shows what it
// does. Wires things together and decides nothing.

#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <sys/utsname.h>

#include "backend/kmod/loader/layout.h"
#include "backend/kmod/loader/scheme_request.h"
#include "backend/kmod/loader/token_module.h"
#include "crypto/wipe.h"
#include "settings/diagnostic.h"
#include "settings/key_file.h"
#include "settings/load.h"

namespace joinery::kmod {
namespace {

struct Options {
  std::string module;
  std::string btf = "/sys/kernel/btf/vmlinux";
  bool selftest = false;
  SchemeFlags scheme;
  std::string key_file;
  std::string config;
  std::string backend;
};

std::string DefaultModule() {
  utsname name{};
  uname(&name);
  return fmt::format("/lib/modules/{}/extra/{}.ko", name.release, kModuleName);
}

Expected<joinery_token_scheme> FromConfig(const Options& options) {
  const auto config = settings::LoadFile(options.config);
  if (config) return SchemeFromConfig(*config, options.backend);
  std::string all;
  for (const auto& diagnostic : config.error()) all += "\n" + settings::ToString(diagnostic);
  return Fail(options.config + " is not valid:" + all);
}

Expected<joinery_token_scheme> FromFlags(const Options& options) {
  if (options.scheme.algorithm == "plain") return SchemeFromFlags(options.scheme, {});
  if (options.key_file.empty()) return Fail("ff1 needs --key-file");
  const auto key = settings::ReadKeyFile(options.key_file);
  if (!key) return Fail(key.error().message);
  return SchemeFromFlags(options.scheme, *key);
}

Expected<void> RunLoad(const Options& options) {
  const auto layout = ReadLayout(options.btf);
  if (!layout) return Fail(layout.error().message);
  return Load(options.module, *layout, options.selftest);
}

Expected<void> RunScheme(const Options& options) {
  auto scheme = options.config.empty() ? FromFlags(options) : FromConfig(options);
  if (!scheme) return Fail(scheme.error().message);
  const auto written = WriteScheme(*scheme);
  crypto::Wipe(*scheme);
  return written;
}

Expected<void> RunStatus() {
  const auto status = ReadStatus();
  if (!status) return Fail(status.error().message);
  fmt::print("{}", *status);
  return {};
}

void AddLoad(CLI::App& app, Options& options) {
  CLI::App* load = app.add_subcommand("load", "find the kernel's layout and load the module");
  load->add_option("--module", options.module, "the module")->capture_default_str();
  load->add_option("--btf", options.btf, "the kernel's BTF")->capture_default_str();
  load->add_flag("--selftest", options.selftest, "run the shared vectors in the kernel first");
}

void AddScheme(CLI::App& app, Options& options) {
  CLI::App* scheme = app.add_subcommand("scheme",
                                        "set the scheme: by flags, or from a balancer's "
                                        "configuration (--config, --backend)");
  auto* config = scheme->add_option("--config", options.config, "the balancer's YAML file");
  auto* backend = scheme->add_option("--backend", options.backend, "this host's name in it");
  config->needs(backend);
  backend->needs(config);
  scheme->add_option("--pool", options.scheme.pool, "the pool's ID")->excludes(config);
  scheme->add_option("--id", options.scheme.id, "this backend's ID")->excludes(config);
  scheme->add_option("--r", options.scheme.r, "generation bits")->excludes(config);
  scheme->add_option("--s", options.scheme.s, "ID bits")->excludes(config);
  scheme->add_option("--serial", options.scheme.serial, "of the generation")->excludes(config);
  scheme->add_option("--codepoint", options.scheme.codepoint, "of the generation")
      ->excludes(config);
  scheme->add_option("--algorithm", options.scheme.algorithm, "ff1 or plain")->excludes(config);
  scheme->add_option("--key-file", options.key_file, "32 hexadecimal digits, mode 0600")
      ->excludes(config);
}

Expected<void> Run(const CLI::App& app, const Options& options) {
  if (app.got_subcommand("load")) return RunLoad(options);
  if (app.got_subcommand("scheme")) return RunScheme(options);
  if (app.got_subcommand("clear")) return WriteScheme(ClearRequest());
  if (app.got_subcommand("status")) return RunStatus();
  return Unload();
}

int Main(int argc, char** argv) {
  CLI::App app(
      "Server keys whose MPTCP tokens carry this backend's ID: the kernel module's loader");
  Options options;
  options.module = DefaultModule();
  app.require_subcommand(1);
  AddLoad(app, options);
  AddScheme(app, options);
  app.add_subcommand("clear", "take the scheme back: tokens name no backend from now on");
  app.add_subcommand("status", "show the module's state and counters");
  app.add_subcommand("unload", "remove the module; connections go on");
  CLI11_PARSE(app, argc, argv);
  const auto done = Run(app, options);
  if (done) return 0;
  fmt::print(stderr, "joinery-kmod: {}\n", done.error().message);
  return 1;
}

}  // namespace
}  // namespace joinery::kmod

int main(int argc, char** argv) { return joinery::kmod::Main(argc, argv); }
