// joinery-pcap: what a balancer with this configuration would do with the packets of a capture.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "lb/steer/snapshot.h"
#include "settings/load.h"
#include "tools/pcap/pcap_file.h"
#include "tools/pcap/replay.h"

namespace joinery::pcap {
namespace {

struct Arguments {
  std::string in;
  std::string config;
  std::string out;
  bool json = false;
};

int Refuse(const std::string& what, const std::string& why) {
  fmt::print(stderr, "joinery-pcap: {}: {}\n", what, why);
  return EXIT_FAILURE;
}

int Run(const Arguments& arguments) {
  const auto config = settings::LoadFile(arguments.config);
  if (!config) {
    static_cast<void>(settings::Check(arguments.config, std::cerr));
    return EXIT_FAILURE;
  }
  constexpr uint64_t kVersion = 1;
  const auto snapshot = steer::Snapshot::Build(*config, kVersion);
  if (!snapshot) return Refuse(arguments.config, snapshot.error().message);

  std::ifstream in(arguments.in, std::ios::binary);
  if (!in) return Refuse(arguments.in, "can not be opened");
  auto capture = Reader::Open(in);
  if (!capture) return Refuse(arguments.in, capture.error().message);

  std::ofstream out;
  std::unique_ptr<Writer> forwarded;
  if (!arguments.out.empty()) {
    out.open(arguments.out, std::ios::binary);
    forwarded = std::make_unique<Writer>(out);
  }
  const Format format = arguments.json ? Format::kJson : Format::kText;
  const auto done = Replay(*config, **snapshot, *capture, format, std::cout, forwarded.get());
  if (!done) return Refuse(arguments.in, done.error().message);
  out.flush();
  if (!out) return Refuse(arguments.out, "can not be written");
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  CLI::App app("Decides about the packets of a capture as joinery-lb would, and says why.",
               "joinery-pcap");
  Arguments arguments;
  app.add_option("IN", arguments.in, "The capture (pcap, Ethernet)")->required();
  app.add_option("--config", arguments.config, "The balancer's configuration")
      ->type_name("FILE")
      ->required();
  app.add_option("--out", arguments.out, "Write the packets that it would forward, as they leave")
      ->type_name("OUT");
  app.add_flag("--json", arguments.json, "One JSON object a line instead of text");
  CLI11_PARSE(app, argc, argv);
  return Run(arguments);
}

}  // namespace
}  // namespace joinery::pcap

int main(int argc, char** argv) { return joinery::pcap::Main(argc, argv); }
