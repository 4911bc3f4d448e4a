// How long a token takes: alone, in bursts, and sampled.
//   bazel run -c opt //tokenmap:ff1_benchmark
// Times are for each token or key (the "items" of the report); engines that this CPU lacks are
// left out.
#include <vector>

#include <benchmark/benchmark.h>

#include "base/random.h"
#include "tokenmap/ff1_radix2.h"
#include "tokenmap/key_sampler.h"
#include "tokenmap/token_decoder.h"

namespace joinery::tokenmap {
namespace {

using crypto::AesEngine;

constexpr crypto::Key128::Bytes kKey = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr size_t kTokens = 4096;  // so many that no branch predictor learns them

Scheme BenchScheme() { return Scheme::Create(Algorithm::kFf1, PoolId(1), 2, 8).value(); }

// Random bodies under codepoint 0, or under 0 and 1 by turns.
std::vector<Token> RandomTokens(uint32_t codepoints) {
  SeededRandom random(1);
  std::vector<Token> tokens(kTokens);
  for (size_t i = 0; i < kTokens; ++i) {
    const auto codepoint = static_cast<uint32_t>(i) % codepoints;
    tokens[i] = Token(codepoint << 30 | random.Uint32() >> 2);
  }
  return tokens;
}

void CountItems(benchmark::State& state, int64_t items_in_iteration) {
  const int64_t items = static_cast<int64_t>(state.iterations()) * items_in_iteration;
  state.SetItemsProcessed(items);
  state.counters["ns_each"] = benchmark::Counter(
      static_cast<double>(items) * 1e-9, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Encrypt(benchmark::State& state, AesEngine engine) {
  const Ff1Radix2 ff1(kKey, PoolId(1), Serial(1), 30, engine);
  uint32_t body = 1;
  for (auto _ : state) body = ff1.Encrypt(body);
  benchmark::DoNotOptimize(body);
  CountItems(state, 1);
}

void DecodeSingle(benchmark::State& state, AesEngine engine) {
  const GenerationKey generation = {.codepoint = Codepoint(0), .serial = Serial(1), .key = kKey};
  const auto decoder = TokenDecoder::Create(BenchScheme(), {&generation, 1}, engine).value();
  const auto tokens = RandomTokens(1);
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(decoder.Decode(tokens[at]));
    at = (at + 1) % kTokens;
  }
  CountItems(state, 1);
}

// range(0): tokens in a burst; range(1): generations that they stand under.
void DecodeBurst(benchmark::State& state, AesEngine engine) {
  const GenerationKey generations[] = {
      {.codepoint = Codepoint(0), .serial = Serial(1), .key = kKey},
      {.codepoint = Codepoint(1), .serial = Serial(2), .key = kKey}};
  const auto decoder = TokenDecoder::Create(BenchScheme(), generations, engine).value();
  const auto tokens = RandomTokens(static_cast<uint32_t>(state.range(1)));
  const auto burst = static_cast<size_t>(state.range(0));
  std::vector<Decoded> out(burst);
  size_t at = 0;
  for (auto _ : state) {
    decoder.DecodeBurst(std::span(tokens).subspan(at, burst), out);
    benchmark::DoNotOptimize(out.data());
    benchmark::ClobberMemory();
    at = (at + burst) % (kTokens - burst);
  }
  CountItems(state, state.range(0));
}

// range(0): s; r is 2.
void SampleKey(benchmark::State& state) {
  const auto scheme =
      Scheme::Create(Algorithm::kFf1, PoolId(1), 2, static_cast<uint8_t>(state.range(0))).value();
  const GenerationKey generation = {.codepoint = Codepoint(0), .serial = Serial(1), .key = kKey};
  SystemRandom random;
  auto sampler = KeySampler::Create(scheme, generation, BackendId(1), 1, random).value();
  for (auto _ : state) benchmark::DoNotOptimize(sampler.Draw());
  CountItems(state, 1);
  state.counters["tries_each"] =
      static_cast<double>(sampler.counters().tries) / static_cast<double>(sampler.counters().keys);
}

void HashKey(benchmark::State& state) {
  uint64_t key = 0;
  for (auto _ : state) benchmark::DoNotOptimize(DerivedToken(++key, 1));
  CountItems(state, 1);
}

void RegisterAll() {
  for (const AesEngine engine : crypto::kAesEngines) {
    if (!crypto::IsSupported(engine)) continue;
    const std::string name(crypto::Name(engine));
    benchmark::RegisterBenchmark(("Encrypt/" + name).c_str(), Encrypt, engine);
    benchmark::RegisterBenchmark(("DecodeSingle/" + name).c_str(), DecodeSingle, engine);
    benchmark::RegisterBenchmark(("DecodeBurst/" + name).c_str(), DecodeBurst, engine)
        ->ArgNames({"tokens", "generations"})
        ->Args({1, 1})
        ->Args({8, 1})
        ->Args({32, 1})
        ->Args({32, 2});
  }
  benchmark::RegisterBenchmark("HashKey", HashKey);
  benchmark::RegisterBenchmark("SampleKey", SampleKey)->ArgName("id_bits")->Arg(4)->Arg(8);
}

}  // namespace
}  // namespace joinery::tokenmap

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  joinery::tokenmap::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
