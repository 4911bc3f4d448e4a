#include "control/ctl/send.h"

#include <ostream>

#include "api/json_reader.h"

namespace joinery::ctl {

bool Send(Context& context, const std::string& command,
          const std::function<void(api::JsonWriter&)>& write) {
  constexpr size_t kMany = 65'536;
  const auto answer = Ask(context, "POST", "/v1/commands/" + command, Body(write));
  if (!answer) return false;
  if (context.json) {
    *context.out << answer->body << "\n";
    return true;
  }
  const auto read = api::ReadJson(answer->body, [&](const api::JsonValue& value) {
    value["log"].Each(
        kMany, [&](const api::JsonValue& line) { *context.out << line.Text(kMany) << "\n"; });
  });
  if (!read) Complain(context, Exit::kRefused, read.error().message);
  return read.has_value();
}

}  // namespace joinery::ctl
