// Which handler a method and a path belong to.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/net/message.h"

namespace joinery::api {

class Router {
 public:
  // api/net/server.h says what a pattern is.
  // `number` is the caller's, for Match.
  void Add(std::string_view method, std::string_view pattern, size_t number, Handler handler);

  struct Match {
    const Handler* handler = nullptr;  // null: none
    size_t number = 0;
    std::vector<std::pair<std::string, std::string>> parameters{};
    std::string allowed{};  // the path's methods, when `method` is not among them: "GET, POST"
  };
  [[nodiscard]] Match Find(std::string_view method, const std::vector<std::string>& segments) const;

 private:
  struct Route {
    std::string method;
    std::vector<std::string> pattern;
    size_t number;
    Handler handler;
    size_t names = 0;  // of segments in braces
  };

  std::vector<Route> routes_;  // those with fewer names first
};

}  // namespace joinery::api
