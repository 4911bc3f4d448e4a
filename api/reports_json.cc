#include "api/reports_json.h"

#include "api/json_reader.h"
#include "api/json_writer.h"
#include "api/limits.h"
#include "api/view_json.h"

namespace joinery::api {
namespace {

// Cut off where a character ends.
std::string_view Clip(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

void WriteStamp(JsonWriter& out, const Stamp& stamp) {
  out.BeginObject().Member("at");
  WritePosition(out, stamp.at);
  out.Member("digest").Hex(stamp.digest).EndObject();
}

Stamp ReadStamp(const JsonValue& value) {
  return {.at = ReadPosition(value["at"]), .digest = value["digest"].Sha256()};
}

void WriteSequence(JsonWriter& out, const Sequence& sequence) {
  out.BeginObject().Member("session").Integer(sequence.session);
  out.Member("number").Integer(sequence.number).EndObject();
}

Sequence ReadSequence(const JsonValue& value) {
  return {.session = value["session"].Integer<uint64_t>(),
          .number = value["number"].Integer<uint64_t>()};
}

void WriteRejection(JsonWriter& out, const std::optional<Rejection>& rejected) {
  out.Member("rejected");
  if (!rejected) {
    out.Null();
    return;
  }
  out.BeginObject().Member("at");
  WritePosition(out, rejected->at);
  out.Member("reason").String(Clip(rejected->reason, kMaxReasonBytes)).EndObject();
}

std::optional<Rejection> ReadRejection(const JsonValue& value) {
  if (!value.HasValue()) return std::nullopt;
  // A byte that was not UTF-8 became three.
  return Rejection{.at = ReadPosition(value["at"]),
                   .reason = value["reason"].Text(3 * kMaxReasonBytes)};
}

BalancerReport ReadBalancerReport(const JsonValue& value) {
  BalancerReport report;
  report.sequence = ReadSequence(value["sequence"]);
  report.scheme = ReadStamp(value["scheme"]);
  report.load = ReadPosition(value["load"]);
  report.rejected = ReadRejection(value["rejected"]);
  report.tables = value["tables"].Sha256();
  report.ready = value["ready"].Bool();
  if (value["held"].HasValue()) report.held = ReadSchemePart(value["held"]);
  return report;
}

BalancerReply ReadBalancerReply(const JsonValue& value) {
  return {.lease = value["lease"].Bool(),
          .lease_ms = value["lease_ms"].Integer<uint32_t>(),
          .behind = value["behind"].Bool(),
          .send_scheme = value["send_scheme"].Bool()};
}

AgentReport ReadAgentReport(const JsonValue& value) {
  AgentReport report;
  report.sequence = ReadSequence(value["sequence"]);
  report.view = ReadStamp(value["view"]);
  report.rejected = ReadRejection(value["rejected"]);
  report.incarnation = value["incarnation"].Integer<uint64_t>();
  const JsonValue encoding = value["encoding"];
  if (encoding.HasValue()) report.encoding = Serial(encoding.Integer<uint64_t>());
  value["uses"].Each(kMaxGenerationUses, [&](const JsonValue& use) {
    report.uses.push_back({.serial = Serial(use["serial"].Integer<uint64_t>()),
                           .tokens = use["tokens"].Integer<uint32_t>(),
                           .keys = use["keys"].Integer<uint32_t>()});
  });
  report.connections = value["connections"].Integer<uint32_t>();
  report.oldest_connection_s = value["oldest_connection_s"].Integer<uint64_t>();
  value["findings"].Each(kMaxFindings, [&](const JsonValue& finding) {
    report.findings.push_back({.name = finding["name"].Name(),
                               .ok = finding["ok"].Bool(),
                               .detail = finding["detail"].Text(3 * kMaxDetailBytes)});
  });
  return report;
}

AgentReply ReadAgentReply(const JsonValue& value) {
  return {.may_encode = value["may_encode"].Bool(),
          .view = ReadPosition(value["view"]),
          .incarnation = value["incarnation"].Integer<uint64_t>()};
}

}  // namespace

std::string ToJson(const BalancerReport& report) {
  JsonWriter out;
  BeginMessage(out).Member("sequence");
  WriteSequence(out, report.sequence);
  out.Member("scheme");
  WriteStamp(out, report.scheme);
  out.Member("load");
  WritePosition(out, report.load);
  WriteRejection(out, report.rejected);
  out.Member("tables").Hex(report.tables).Member("ready").Bool(report.ready);
  out.Member("held");
  if (report.held) {
    WriteSchemePart(out, *report.held);
  } else {
    out.Null();
  }
  return out.EndObject().Take();
}

std::string ToJson(const BalancerReply& reply) {
  JsonWriter out;
  BeginMessage(out).Member("lease").Bool(reply.lease).Member("lease_ms").Integer(reply.lease_ms);
  out.Member("behind").Bool(reply.behind);
  out.Member("send_scheme").Bool(reply.send_scheme).EndObject();
  return out.Take();
}

std::string ToJson(const AgentReport& report) {
  JsonWriter out;
  BeginMessage(out).Member("sequence");
  WriteSequence(out, report.sequence);
  out.Member("view");
  WriteStamp(out, report.view);
  WriteRejection(out, report.rejected);
  out.Member("incarnation").Integer(report.incarnation).Member("encoding");
  if (report.encoding) {
    out.Integer(report.encoding->value());
  } else {
    out.Null();
  }
  out.Member("uses").BeginArray();
  for (const GenerationUse& use : report.uses) {
    out.BeginObject().Member("serial").Integer(use.serial.value());
    out.Member("tokens").Integer(use.tokens).Member("keys").Integer(use.keys).EndObject();
  }
  out.EndArray().Member("connections").Integer(report.connections);
  out.Member("oldest_connection_s").Integer(report.oldest_connection_s);
  out.Member("findings").BeginArray();
  for (const Finding& finding : report.findings) {
    out.BeginObject().Member("name").String(finding.name).Member("ok").Bool(finding.ok);
    out.Member("detail").String(Clip(finding.detail, kMaxDetailBytes)).EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

std::string ToJson(const AgentReply& reply) {
  JsonWriter out;
  BeginMessage(out).Member("may_encode").Bool(reply.may_encode).Member("view");
  WritePosition(out, reply.view);
  out.Member("incarnation").Integer(reply.incarnation).EndObject();
  return out.Take();
}

Expected<BalancerReport> ParseBalancerReport(std::string_view json) {
  return ReadMessage(json, ReadBalancerReport);
}

Expected<BalancerReply> ParseBalancerReply(std::string_view json) {
  return ReadMessage(json, ReadBalancerReply);
}

Expected<AgentReport> ParseAgentReport(std::string_view json) {
  return ReadMessage(json, ReadAgentReport);
}

Expected<AgentReply> ParseAgentReply(std::string_view json) {
  return ReadMessage(json, ReadAgentReply);
}

}  // namespace joinery::api
