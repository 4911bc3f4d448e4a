#include "api/metrics/server_families.h"

#include <gtest/gtest.h>

namespace joinery::api {
namespace {

TEST(ServerFamilies, LabelsAreRoutesAndNotPaths) {
  ServerCounters counters;
  counters.accepted = 4;
  const std::vector<RouteAnswers> answers = {
      {.method = "", .pattern = "", .by_status = {{404, 2}}},
      {.method = "GET", .pattern = "/v1/tokens/{token}", .by_status = {{200, 3}, {400, 1}}}};
  Families families("j_");
  AddServers(families, std::vector<ObservedServer>{{.name = "admin",
                                                    .counters = counters,
                                                    .answers = answers,
                                                    .connections = 5,
                                                    .waiting = 1}});
  const std::string text = families.Text();
  for (
      const char* line :
      {R"(j_requests_total{server="admin",method="none",route="none",status="404"} 2)",
       R"(j_requests_total{server="admin",method="GET",route="/v1/tokens/{token}",status="200"} 3)",
       R"(j_requests_total{server="admin",method="GET",route="/v1/tokens/{token}",status="400"} 1)",
       R"(j_server_events_total{server="admin",event="accepted"} 4)",
       R"(j_server_events_total{server="admin",event="no_route"} 0)",
       R"(j_connections{server="admin"} 5)", R"(j_requests_waiting{server="admin"} 1)"}) {
    EXPECT_NE(text.find("\n" + std::string(line) + "\n"), std::string::npos) << line << "\n"
                                                                             << text;
  }
}

}  // namespace
}  // namespace joinery::api
