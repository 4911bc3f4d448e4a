// What needs no module.
#include "backend/agent/encoder/encoder.h"

#include <gtest/gtest.h>

namespace joinery::agent {
namespace {

EncodeUnder Under(uint8_t id_bits) {
  return {
      .scheme = tokenmap::Scheme::Create(tokenmap::Algorithm::kFf1, PoolId(7), 2, id_bits).value(),
      .id = BackendId(5),
      .generation = {.codepoint = Codepoint(1), .serial = Serial(9), .key = {}}};
}

TEST(NoKernelEncoder, RemembersWhatItIsTold) {
  SeededRandom random(1);
  NoKernelEncoder encoder(random);
  const EncoderState before = encoder.Load();
  EXPECT_NE(before.incarnation, 0U);
  EXPECT_FALSE(before.scheme);
  const EncoderSet set = encoder.Set(Under(8));
  EXPECT_TRUE(set.error.empty());
  EXPECT_EQ(set.state.scheme, (kmod::ActiveScheme{.pool = PoolId(7),
                                                  .backend = BackendId(5),
                                                  .codepoint = Codepoint(1),
                                                  .serial = Serial(9)}));
  EXPECT_EQ(encoder.Read().incarnation, before.incarnation);
  EXPECT_FALSE(encoder.Clear().state.scheme);
}

TEST(KernelEncoder, SaysWhyItIsNotThere) {
  KernelEncoder encoder("/no/such/module.ko");
  EXPECT_EQ(encoder.Load().incarnation, 0U);
  EXPECT_FALSE(encoder.error().empty());
  const EncoderSet set = encoder.Set(Under(8));
  EXPECT_NE(set.error.find("not loaded"), std::string::npos) << set.error;
  EXPECT_EQ(set.state.incarnation, 0U);
}

TEST(KernelEncoder, SaysWhatItCannotEncode) {
  KernelEncoder encoder("/no/such/module.ko");
  EXPECT_NE(encoder.Set(Under(11)).error.find("encoder: none"), std::string::npos);
}

}  // namespace
}  // namespace joinery::agent
