// joinery-token: makes tokens and explains them. Reads the command line and calls explain.h.
#include <cstdlib>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "base/random.h"
#include "settings/load.h"
#include "tools/token/explain.h"
#include "tools/token/pool_view.h"

namespace joinery::token {
namespace {

struct Source {
  std::string config;
  std::string pool;
  SchemeFlags flags;
};

void AddSource(CLI::App& command, Source& source) {
  auto* config = command
                     .add_option("--config", source.config,
                                 "The pool's scheme, as a balancer "
                                 "reads it")
                     ->type_name("FILE");
  command.add_option("--pool", source.pool, "Which pool; needed when there are several")
      ->type_name("NAME")
      ->needs(config);
  auto* by_hand = command.add_option_group("a scheme without a configuration");
  by_hand->add_option("--algorithm", source.flags.algorithm, "ff1 (default) or plain");
  by_hand->add_option("--generation-bits", source.flags.generation_bits, "2 (default) or 3");
  by_hand->add_option("--id-bits", source.flags.id_bits, "1 + ceil(log2(max_backends)); default 8");
  by_hand->add_option("--pool-id", source.flags.pool_id, "The pool's number; default 0");
  by_hand
      ->add_option("--generation", source.flags.generations,
                   "CODEPOINT:SERIAL:KEYFILE, or CODEPOINT:SERIAL for plain; may be repeated")
      ->type_name("TEXT")
      ->allow_extra_args(false);  // what follows it is a token
  by_hand->excludes(config);
}

Expected<PoolView> Load(const Source& source) {
  if (source.config.empty()) return FromFlags(source.flags);
  const auto config = settings::LoadFile(source.config);
  if (config) return FromConfig(*config, source.pool);
  std::string text = "the configuration is not valid:";
  for (const settings::Diagnostic& diagnostic : config.error()) {
    text += "\n" + ToString(diagnostic);
  }
  return Fail(text);
}

int Refuse(const std::string& message) {
  fmt::print(stderr, "joinery-token: {}\n", message);
  return EXIT_FAILURE;
}

int DecodeAll(const Source& source, const std::vector<std::string>& tokens) {
  const auto pool = Load(source);
  if (!pool) return Refuse(pool.error().message);
  for (const std::string& text : tokens) {
    const auto token = ParseToken(text);
    if (!token) return Refuse(fmt::format("\"{}\" is no token; give 1 to 8 hex digits", text));
    fmt::print("{}", Explain(*pool, *token));
  }
  return EXIT_SUCCESS;
}

int EncodeOne(const Source& source, EncodeRequest request, bool random_nonce) {
  const auto pool = Load(source);
  if (!pool) return Refuse(pool.error().message);
  if (random_nonce) request.nonce = SystemRandom().Below(1U << pool->scheme.nonce_bits());
  const auto token = Encode(*pool, request);
  if (!token) return Refuse(token.error().message);
  fmt::print("{}", Explain(*pool, *token));
  return EXIT_SUCCESS;
}

int Main(int argc, char** argv) {
  CLI::App app("Makes MPTCP tokens that carry a backend's ID, and explains them bit by bit.",
               "joinery-token");
  app.require_subcommand(1);
  Source source;

  std::vector<std::string> tokens;
  auto* decode = app.add_subcommand("decode", "Explain tokens");
  AddSource(*decode, source);
  decode->add_option("TOKEN", tokens, "Tokens in hex, as in an MP_JOIN")->required();

  EncodeRequest request;
  auto* encode = app.add_subcommand("encode", "Make a token and explain it");
  AddSource(*encode, source);
  encode->add_option("--id", request.id, "The backend's ID")->required();
  auto* nonce = encode->add_option("--nonce", request.nonce, "Default: a random one");
  encode->add_option("--codepoint", request.codepoint, "Default: the active generation's");
  CLI11_PARSE(app, argc, argv);

  if (decode->parsed()) return DecodeAll(source, tokens);
  return EncodeOne(source, request, nonce->count() == 0);
}

}  // namespace
}  // namespace joinery::token

int main(int argc, char** argv) { return joinery::token::Main(argc, argv); }
