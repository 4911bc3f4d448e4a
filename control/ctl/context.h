// What every command of joinctl needs: where control is, how to print, and what to exit with.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "api/json_writer.h"
#include "api/net/client.h"
#include "control/ctl/exit.h"
#include "control/ctl/status_view.h"

namespace joinery::ctl {

struct Context {
  std::string socket = "/run/joinery/control.sock";
  bool json = false;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  Exit exit = Exit::kDone;
};

// "joinctl: ..." on `err`; sets what to exit with.
void Complain(Context& context, Exit exit, const std::string& message);

// One request to control's admin socket. Nothing: it was complained about, unless the answer's
// status is 204.
[[nodiscard]] std::optional<api::Answer> Ask(
    Context& context, const std::string& method, const std::string& target, std::string body = {},
    std::chrono::seconds timeout = std::chrono::seconds(30));

// The same to a balancer's socket, by its path.
[[nodiscard]] std::optional<api::Answer> AskAt(Context& context, const std::string& socket,
                                               api::Call call, const std::string& hint);

[[nodiscard]] std::optional<StatusView> AskStatus(Context& context);

// {"schema":1, ...}: `write` adds the members.
[[nodiscard]] std::string Body(const std::function<void(api::JsonWriter&)>& write);

struct Ref {
  std::string pool;
  std::string backend;
};

// "web/b1"; complains about anything else.
[[nodiscard]] std::optional<Ref> ParseRef(Context& context, const std::string& text);

}  // namespace joinery::ctl
