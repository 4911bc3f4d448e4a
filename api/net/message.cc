#include "api/net/message.h"

#include <fmt/format.h>

#include "api/json_writer.h"
#include "api/net/exchange.h"

namespace joinery::api {

const std::string* Request::Find(std::string_view name) const noexcept {
  for (const auto& [key, value] : parameters) {
    if (key == name) return &value;
  }
  return nullptr;
}

Response JsonResponse(std::string body, unsigned status) {
  return {.status = status, .body = std::make_shared<const std::string>(std::move(body))};
}

Response ErrorResponse(unsigned status, std::string_view message,
                       std::optional<uint32_t> retry_after_s) {
  JsonWriter out;
  out.BeginObject().Member("error").String(message);
  if (retry_after_s) out.Member("retry_after_s").Integer(*retry_after_s);
  out.EndObject();
  Response response = JsonResponse(out.Take(), status);
  if (retry_after_s) {
    response.headers.emplace_back("Retry-After", fmt::format("{}", *retry_after_s));
  }
  return response;
}

Responder::Responder(std::shared_ptr<Exchange> exchange) noexcept
    : exchange_(std::move(exchange)) {}

Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    if (exchange_) exchange_->Release();
    exchange_ = std::move(other.exchange_);
  }
  return *this;
}

Responder::~Responder() {
  if (exchange_) exchange_->Release();
}

void Responder::Send(Response response) {
  if (exchange_) exchange_->Send(std::move(response));
}

void Responder::OnGone(std::function<void()> callback) {
  if (exchange_) exchange_->OnGone(std::move(callback));
}

}  // namespace joinery::api
