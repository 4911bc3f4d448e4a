#include "api/net/router.h"

#include <algorithm>

namespace joinery::api {
namespace {

bool IsName(std::string_view segment) noexcept {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> Split(std::string_view pattern) {
  std::vector<std::string> segments;
  while (!pattern.empty()) {
    const size_t end = pattern.find('/');
    if (end != 0) segments.emplace_back(pattern.substr(0, end));
    pattern.remove_prefix(end == std::string_view::npos ? pattern.size() : end + 1);
  }
  return segments;
}

bool Fits(const std::vector<std::string>& pattern, const std::vector<std::string>& segments) {
  return std::ranges::equal(pattern, segments, [](const std::string& a, const std::string& b) {
    return IsName(a) || a == b;
  });
}

}  // namespace

void Router::Add(std::string_view method, std::string_view pattern, size_t number,
                 Handler handler) {
  Route route{.method = std::string(method),
              .pattern = Split(pattern),
              .number = number,
              .handler = std::move(handler)};
  route.names = static_cast<size_t>(std::ranges::count_if(route.pattern, IsName));
  const auto place = std::ranges::upper_bound(routes_, route.names, {}, &Route::names);
  routes_.insert(place, std::move(route));
}

Router::Match Router::Find(std::string_view method,
                           const std::vector<std::string>& segments) const {
  Match match;
  for (const Route& route : routes_) {
    if (!Fits(route.pattern, segments)) continue;
    if (route.method != method) {
      match.allowed += match.allowed.empty() ? route.method : ", " + route.method;
      continue;
    }
    match.handler = &route.handler;
    match.number = route.number;
    match.allowed.clear();
    for (size_t i = 0; i < segments.size(); ++i) {
      const std::string_view name = route.pattern[i];
      if (IsName(name)) match.parameters.emplace_back(name.substr(1, name.size() - 2), segments[i]);
    }
    return match;
  }
  return match;
}

}  // namespace joinery::api
