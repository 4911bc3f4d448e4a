#include "control/daemon/admin_routes.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/view_json.h"
#include "control/daemon/command_json.h"
#include "control/daemon/desired_from_config.h"
#include "control/daemon/status_json.h"
#include "control/daemon/token_json.h"
#include "settings/load_control.h"

namespace joinery::control {
namespace {

constexpr unsigned kBadRequest = 400;
constexpr unsigned kConflict = 409;
constexpr unsigned kUnprocessable = 422;
constexpr size_t kMaxConfigBytes = size_t{4} << 20;
constexpr size_t kMaxPathBytes = 4096;

using api::ErrorResponse;
using api::Request;
using api::Responder;
using api::Response;

// {"schema":1,"log":["..."]}: what happened, in sentences.
std::string LogJson(const Actions& actions) {
  api::JsonWriter out;
  api::BeginMessage(out).Member("log").BeginArray();
  for (const LogEntry& entry : actions.log) out.String(entry.text);
  out.EndArray().EndObject();
  return out.Take();
}

Response ResponseOf(const Actions& actions, std::string body) {
  if (actions.result) return api::JsonResponse(std::move(body));
  const Refusal& refusal = actions.result.error();
  return ErrorResponse(kConflict, refusal.message, refusal.retry_after_s);
}

// {"schema":1,"error":"2 errors ...","diagnostics":["file:line:col: ..."]}
Response DiagnosticsResponse(const std::vector<settings::Diagnostic>& diagnostics) {
  api::JsonWriter out;
  api::BeginMessage(out).Member("error").String(
      fmt::format("{}; {} error{}; the running configuration stays", ToString(diagnostics.front()),
                  diagnostics.size(), diagnostics.size() == 1 ? "" : "s"));
  out.Member("diagnostics").BeginArray();
  for (const settings::Diagnostic& diagnostic : diagnostics) out.String(ToString(diagnostic));
  out.EndArray().EndObject();
  return api::JsonResponse(out.Take(), kUnprocessable);
}

bool HasFlag(const Request& request, std::string_view name) {
  const std::string* value = request.Find(name);
  return value != nullptr && *value != "0" && *value != "false";
}

struct ConfigText {
  std::string name;
  std::string text;
};

ConfigText ReadConfigText(const api::JsonValue& value) {
  return {.name = value["name"].Text(kMaxPathBytes), .text = value["text"].Text(kMaxConfigBytes)};
}

}  // namespace

Admin::Admin(Parts parts, settings::ControlConfig running)
    : parts_(std::move(parts)), running_(std::move(running)) {}

void Admin::AddRoutes(api::Server& server) {
  server.Route("GET", "/v1/status",
               [this](const Request& /*request*/, Responder to) { GetStatus(std::move(to)); });
  server.Route("GET", "/v1/events", [this](const Request& request, Responder to) {
    parts_.driver->hub().Watch(kEventsResource, request, std::move(to));
  });
  server.Route("POST", "/v1/commands/{command}",
               [this](const Request& request, Responder to) { Run(request, std::move(to)); });
  server.Route("POST", "/v1/config/apply",
               [this](const Request& request, Responder to) { Apply(request, std::move(to)); });
  server.Route("POST", "/v1/config/diff",
               [this](const Request& request, Responder to) { Diff(request, std::move(to)); });
  server.Route("GET", "/v1/tokens/{token}", [this](const Request& request, Responder to) {
    DecodeToken(request, std::move(to));
  });
}

void Admin::GetStatus(Responder to) {
  to.Send(api::JsonResponse(StatusJson(running_.control.name, parts_.driver->model(),
                                       parts_.health->Read(), parts_.driver->Now())));
}

void Admin::Run(const Request& request, Responder to) {
  const std::string name = *request.Find("command");
  const std::string who = ToString(request.peer);
  const auto event = ParseCommand(name, request.body);
  if (!event) {
    Audit({.who = who, .what = name, .detail = request.body, .result = event.error().message});
    to.Send(ErrorResponse(kBadRequest, event.error().message));
    return;
  }
  auto way_back = std::make_shared<Responder>(std::move(to));
  parts_.driver->Submit(*event,
                        [this, name, who, detail = request.body, way_back](const Actions& actions) {
                          Audit(who, name, detail, actions);
                          way_back->Send(ResponseOf(actions, LogJson(actions)));
                        });
}

void Admin::ApplyConfig(const std::string& who, bool force, Applied done) {
  const std::string what = force ? "config apply --force" : "config apply";
  const auto config = settings::LoadControlFile(parts_.config_path);
  if (!config) {
    for (const settings::Diagnostic& diagnostic : config.error()) {
      parts_.log({.severity = Severity::kWarning, .text = ToString(diagnostic)});
    }
    Audit({.who = who,
           .what = what,
           .detail = parts_.config_path,
           .result = ToString(config.error().front())});
    if (done) done(DiagnosticsResponse(config.error()));
    return;
  }
  const ConfigPlan plan = Plan(*config, force);
  parts_.driver->Submit(
      ConfigApplied{.desired = DesiredFrom(*config), .force = force},
      [this, who, what, config = *config, body = ToJson(plan),
       done = std::move(done)](const Actions& actions) {
        Audit(who, what, parts_.config_path, actions);
        if (actions.result) {
          parts_.health->Configure(config);
        } else {
          parts_.log({.severity = Severity::kWarning,
                      .text = fmt::format("{}: not applied: {}", parts_.config_path,
                                          actions.result.error().message)});
        }
        if (done) done(ResponseOf(actions, body));
      });
}

ConfigPlan Admin::Plan(const settings::ControlConfig& wanted, bool force) const {
  return PlanOf(
      {.model = parts_.driver->model(), .started = running_, .checked = parts_.health->config()},
      wanted, force);
}

void Admin::Apply(const Request& request, Responder to) {
  auto way_back = std::make_shared<Responder>(std::move(to));
  ApplyConfig(ToString(request.peer), HasFlag(request, "force"),
              [way_back](Response response) { way_back->Send(std::move(response)); });
}

// With a body: of that text; without: of the daemon's own file.
void Admin::Diff(const Request& request, Responder to) {
  Expected<settings::ControlConfig, std::vector<settings::Diagnostic>> config;
  if (request.body.empty()) {
    config = settings::LoadControlFile(parts_.config_path);
  } else {
    const auto text = api::ReadMessage<ConfigText>(request.body, ReadConfigText);
    if (!text) {
      to.Send(ErrorResponse(kBadRequest, text.error().message));
      return;
    }
    config = settings::LoadControlText(text->name, text->text);
  }
  if (!config) {
    to.Send(DiagnosticsResponse(config.error()));
    return;
  }
  to.Send(api::JsonResponse(ToJson(Plan(*config, HasFlag(request, "force")))));
}

void Admin::DecodeToken(const Request& request, Responder to) {
  const std::string* pool = request.Find("pool");
  const auto decoded = TokenJson(parts_.driver->model().durable, *request.Find("token"),
                                 pool == nullptr ? "" : *pool);
  to.Send(decoded ? api::JsonResponse(*decoded)
                  : ErrorResponse(kBadRequest, decoded.error().message));
}

void Admin::Audit(const std::string& who, std::string_view what, std::string_view detail,
                  const Actions& actions) {
  Audit({.who = who,
         .what = std::string(what),
         .detail = std::string(detail),
         .result = actions.result ? "done" : "refused: " + actions.result.error().message});
}

void Admin::Audit(const AuditEntry& entry) {
  if (const auto added = parts_.audit->Add(TimeOfDay(), entry); !added) {
    parts_.log({.severity = Severity::kAlarm, .text = added.error().message});
  }
}

}  // namespace joinery::control
