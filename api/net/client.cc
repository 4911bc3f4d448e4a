#include "api/net/client.h"

#include <deque>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

#include "api/net/client_connection.h"

namespace joinery::api {

std::string Answer::ErrorText() const {
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(body, failed);
  const auto* object = failed ? nullptr : value.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains("error");
  const auto* text = found == nullptr ? nullptr : found->if_string();
  if (text == nullptr) return fmt::format("status {}", status);
  return {text->data(), text->size()};
}

class Client::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(Loop& loop, Endpoint endpoint)
      : context_(loop.impl().context),
        connection_(std::make_shared<ClientConnection>(loop, std::move(endpoint))) {}

  void Send(Call call, Done done) {
    queue_.push_back({std::move(call), std::move(done)});
    if (running_) return;
    running_ = true;
    asio::co_spawn(context_, Run(), [self = shared_from_this()](const std::exception_ptr& error) {
      if (error) std::rethrow_exception(error);
    });
  }
  void Stop() {
    queue_.clear();
    connection_->Stop();
  }

 private:
  struct Job {
    Call call;
    Done done;
  };

  asio::awaitable<void> Run() {
    while (!queue_.empty()) {
      const Job job = std::move(queue_.front());
      queue_.pop_front();
      Expected<Answer> answer = co_await connection_->Perform(job.call);
      if (connection_->stopped()) break;
      job.done(std::move(answer));
    }
    running_ = false;
  }

  asio::io_context& context_;
  std::shared_ptr<ClientConnection> connection_;
  std::deque<Job> queue_;
  bool running_ = false;
};

Client::Client(Loop& loop, Endpoint endpoint)
    : impl_(std::make_shared<Impl>(loop, std::move(endpoint))) {}

Client::~Client() { impl_->Stop(); }

void Client::Send(Call call, Done done) { impl_->Send(std::move(call), std::move(done)); }

Expected<Answer> CallOnce(const Endpoint& endpoint, Call call) {
  Loop loop;
  Client client(loop, endpoint);
  std::optional<Expected<Answer>> answer;
  // The call's own timeout ends it; resolving a name can not be cancelled, so that has some more.
  const Nanoseconds limit = call.timeout + std::chrono::seconds(1);
  client.Send(std::move(call), [&](Expected<Answer> got) { answer = std::move(got); });
  static_cast<void>(loop.RunUntil([&] { return answer.has_value(); }, limit));
  if (!answer) return Fail(fmt::format("{}: took too long", ToString(endpoint)));
  return std::move(*answer);
}

}  // namespace joinery::api
