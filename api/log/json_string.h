// Text of any bytes in a line of JSON.
#pragma once

#include <string>
#include <string_view>

namespace joinery::api {

// As a JSON string, whatever the bytes are: what is not printable ASCII is escaped byte by byte.
[[nodiscard]] std::string JsonString(std::string_view text);

// A line of the log for spdlog, in UTC; the text brings its quotes:
// {"time":"2026-01-02T03:04:05.678Z","level":"info","program":"joinery-lb","text":"..."}
inline constexpr const char* kJsonLine =
    R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n","text":%v})";

}  // namespace joinery::api
