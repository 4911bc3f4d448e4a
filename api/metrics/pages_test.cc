#include "api/metrics/pages.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(Pages, AreThree) {
  const auto pages = PagesOf({.metrics = [] { return std::string("a 1\n"); },
                              .health = [] { return Page{.body = "ok\n"}; },
                              .ready = [] { return Unavailable("not ready: it starts"); }});
  EXPECT_EQ(pages("/metrics").body, "a 1\n");
  EXPECT_EQ(pages("/metrics").content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(pages("/healthz").status, 200U);
  EXPECT_EQ(pages("/readyz").status, 503U);
  EXPECT_EQ(pages("/readyz").body, "not ready: it starts\n");
  EXPECT_EQ(pages("/").status, 404U);
  EXPECT_EQ(pages("/").body, "pages: /metrics /healthz /readyz\n");
}

}  // namespace
}  // namespace joinery::api
