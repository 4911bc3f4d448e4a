#include "api/metrics/families.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(Families, PrintsThemInTheirOrder) {
  Families families("joinery_x_");
  Families::Family sent = families.Counter("sent_total", "Frames sent.");
  Families::Family up = families.Gauge("up", "1 if it is up.");
  sent.Add({{"port", "a"}}, uint64_t{3});
  up.Add({}, true);
  sent.Add({{"port", "b"}}, uint64_t{4});
  families.One("age_seconds", "Its age.", 1.5);
  EXPECT_EQ(families.Text(),
            "# HELP joinery_x_sent_total Frames sent.\n"
            "# TYPE joinery_x_sent_total counter\n"
            "joinery_x_sent_total{port=\"a\"} 3\n"
            "joinery_x_sent_total{port=\"b\"} 4\n"
            "# HELP joinery_x_up 1 if it is up.\n"
            "# TYPE joinery_x_up gauge\n"
            "joinery_x_up 1\n"
            "# HELP joinery_x_age_seconds Its age.\n"
            "# TYPE joinery_x_age_seconds gauge\n"
            "joinery_x_age_seconds 1.5\n");
}

TEST(Families, EscapesLabels) {
  Families families("j_");
  families.Gauge("a", "A.").Add({{"name", "x\"\n\\"}}, 1.0);
  EXPECT_NE(families.Text().find(R"(j_a{name="x\"\n\\"} 1)"), std::string::npos) << families.Text();
}

}  // namespace
}  // namespace joinery::api
