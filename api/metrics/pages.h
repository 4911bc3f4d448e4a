// The three pages that a program has for Prometheus and for probes: /metrics, /healthz, /readyz.
#pragma once

#include <functional>
#include <string>

#include "api/net/page_server.h"

namespace joinery::api {

struct ObservedPages {
  std::function<std::string()> metrics;  // text of api/metrics/families.h
  std::function<Page()> health;          // 200, or 503 when only a restart helps
  std::function<Page()> ready;           // 200, or 503 and what it waits for
};

// Any other path is a 404 that names the three.
[[nodiscard]] PageServer::Pages PagesOf(ObservedPages observed);

// 503 with this line.
[[nodiscard]] Page Unavailable(std::string line);

}  // namespace joinery::api
