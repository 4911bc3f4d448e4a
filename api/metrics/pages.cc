#include "api/metrics/pages.h"

#include <utility>

#include "api/metrics/families.h"

namespace joinery::api {

PageServer::Pages PagesOf(ObservedPages observed) {
  return [observed = std::move(observed)](std::string_view path) -> Page {
    if (path == "/metrics") {
      return {.content_type = kMetricsContentType, .body = observed.metrics()};
    }
    if (path == "/healthz") return observed.health();
    if (path == "/readyz") return observed.ready();
    return {.status = 404, .body = "pages: /metrics /healthz /readyz\n"};
  };
}

Page Unavailable(std::string line) { return {.status = 503, .body = std::move(line) + "\n"}; }

}  // namespace joinery::api
