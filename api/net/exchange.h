// The server's side of a Responder.
#pragma once

#include <functional>

#include "api/net/message.h"

namespace joinery::api {

class Responder::Exchange {
 public:
  Exchange() = default;
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  virtual void Send(Response response) = 0;
  virtual void OnGone(std::function<void()> callback) = 0;
  // The responder is gone, whether it answered or not.
  virtual void Release() = 0;
};

}  // namespace joinery::api
