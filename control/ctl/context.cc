#include "control/ctl/context.h"

#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "api/json_reader.h"
#include "api/net/endpoint.h"
#include "api/view_json.h"

namespace joinery::ctl {
namespace {

constexpr unsigned kUnprocessable = 422;
constexpr size_t kMaxDiagnostics = 1024;
constexpr size_t kMaxText = 65'536;

// A configuration's mistakes, each on a line of its own; nothing when the body has none.
std::string DiagnosticsOf(const std::string& body) {
  std::string text;
  const auto read = api::ReadJson(body, [&](const api::JsonValue& value) {
    value["diagnostics"].Each(
        kMaxDiagnostics, [&](const api::JsonValue& line) { text += line.Text(kMaxText) + "\n"; });
  });
  return read ? text : "";
}

std::string WhyNot(const api::Answer& answer) {
  std::string text = answer.ErrorText();
  if (answer.retry_after_s) text += fmt::format(" (again in {} s)", *answer.retry_after_s);
  return text;
}

}  // namespace

void Complain(Context& context, Exit exit, const std::string& message) {
  *context.err << "joinctl: " << message << "\n";
  context.exit = exit;
}

std::optional<api::Answer> Ask(Context& context, const std::string& method,
                               const std::string& target, std::string body,
                               std::chrono::seconds timeout) {
  return AskAt(
      context, context.socket,
      {.method = method, .target = target, .body = std::move(body), .timeout = timeout},
      "is joinery-control running, and may you use its admin socket (control.admin_group)?");
}

std::optional<api::Answer> AskAt(Context& context, const std::string& socket, api::Call call,
                                 const std::string& hint) {
  const auto answer = api::CallOnce({.unix_path = socket}, std::move(call));
  if (!answer) {
    Complain(context, Exit::kUnreachable, fmt::format("{}; {}", answer.error().message, hint));
    return std::nullopt;
  }
  if (answer->ok()) return *answer;
  if (context.json) {
    *context.out << answer->body << "\n";
    context.exit = Exit::kRefused;
    return std::nullopt;
  }
  const std::string diagnostics =
      answer->status == kUnprocessable ? DiagnosticsOf(answer->body) : "";
  *context.err << diagnostics;
  Complain(context, Exit::kRefused,
           diagnostics.empty() ? WhyNot(*answer) : "the running configuration stays");
  return std::nullopt;
}

std::optional<StatusView> AskStatus(Context& context) {
  const auto answer = Ask(context, "GET", "/v1/status");
  if (!answer) return std::nullopt;
  auto status = ParseStatus(answer->body);
  if (!status) {
    Complain(context, Exit::kRefused,
             fmt::format("control's status is not understood: {}", status.error().message));
    return std::nullopt;
  }
  return *std::move(status);
}

std::string Body(const std::function<void(api::JsonWriter&)>& write) {
  api::JsonWriter out;
  api::BeginMessage(out);
  write(out);
  out.EndObject();
  return out.Take();
}

std::optional<Ref> ParseRef(Context& context, const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == 0 || slash == std::string::npos || slash + 1 == text.size()) {
    Complain(context, Exit::kUsage,
             fmt::format("\"{}\" names no backend; expected POOL/BACKEND, such as web/b1", text));
    return std::nullopt;
  }
  return Ref{.pool = text.substr(0, slash), .backend = text.substr(slash + 1)};
}

}  // namespace joinery::ctl
