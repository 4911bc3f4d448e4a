// The request that a session is answering, as its responder sees it.
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "api/net/exchange.h"
#include "api/net/session.h"

namespace joinery::api {

class Session::Pending final : public Responder::Exchange {
 public:
  explicit Pending(Session& session) noexcept : session_(&session) {}

  void Send(Response response) override {
    if (session_ == nullptr || response_) return;
    response_ = std::make_unique<Response>(std::move(response));
    on_gone_ = nullptr;
    session_->Resume();
  }
  void OnGone(std::function<void()> callback) override {
    if (session_ != nullptr && !response_) on_gone_ = std::move(callback);
  }
  void Release() override {
    if (session_ == nullptr || response_) return;
    ++session_->server_->counters.unanswered;
    Send(ErrorResponse(500, "the request was given up"));
  }

  [[nodiscard]] bool answered() const noexcept { return response_ != nullptr; }
  // Once; the responder may live on, and says nothing to the session any more.
  [[nodiscard]] Response Take() {
    session_ = nullptr;
    return std::move(*std::exchange(response_, nullptr));
  }

  // From now on nobody hears what is sent. The callback, if any, is the caller's to call.
  [[nodiscard]] std::function<void()> Detach() {
    session_ = nullptr;
    return std::exchange(on_gone_, nullptr);
  }

 private:
  Session* session_;
  std::unique_ptr<Response> response_{};
  std::function<void()> on_gone_{};
};

}  // namespace joinery::api
