// A backend: its agent, its kernel module and its connections. The agent keeps its view on disk;
// the module makes tokens from a pool of keys that takes time to flush. It obeys the receivers'
// rules of docs/protocol.md section 3.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/agent_view.h"
#include "api/reports.h"
#include "base/clock.h"
#include "base/random.h"

namespace joinery::simulator {

using std::chrono::milliseconds;
using std::chrono::seconds;

using View = std::shared_ptr<const api::AgentView>;

// What a token says, in clear.
struct LiveToken {
  Codepoint codepoint;
  Serial serial;
  BackendId id;
  Instant begins;     // the connection does: its handshake is over, the agent counts it
  Instant ends;       // the connection does
  bool slow = false;  // the handshake took time: the key was taken before
  bool lost = false;  // the operator gave it up: forced retirement, failed, removed by force
};

class AgentNode {
 public:
  AgentNode(std::string name, Random& random);

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] bool up() const noexcept { return up_; }
  [[nodiscard]] uint64_t incarnation() const noexcept { return incarnation_; }
  [[nodiscard]] const api::AgentView& view() const noexcept { return *view_; }
  [[nodiscard]] std::optional<Serial> encoding() const noexcept;
  [[nodiscard]] std::vector<LiveToken>& tokens() noexcept { return tokens_; }

  // True: it is the agent's view from now on.
  bool Take(const View& view, Instant now, Random& random);
  [[nodiscard]] api::AgentReport Report(Instant now);
  // True: the module was told to encode under another generation.
  bool Hear(const api::AgentReply& reply, Instant now, Random& random);

  // A SYN comes and takes a key; under the reserved codepoint it leaves no token.
  [[nodiscard]] LiveToken* Accept(Instant now, Instant begins, Instant ends);
  // The server has gone to its end: what was only half connected comes to nothing.
  void HangUp() noexcept;
  // Time passes: keys are flushed, connections end.
  void Pass(Instant now);

  void Crash() noexcept { up_ = false; }  // the agent; the kernel goes on
  // True: the module was told to encode by the agent's own word.
  bool Start(Instant now, Random& random);
  void LoseKernel(Random& random);  // the machine: connections, keys, module
  void RestoreDisk();

 private:
  struct Encoder {
    Codepoint codepoint;
    Serial serial;
    BackendId id;
  };
  void Encode(std::optional<Encoder> next, Instant now, Random& random);
  [[nodiscard]] std::optional<Encoder> FromView() const;

  std::string name_;
  bool up_ = true;
  View view_ = std::make_shared<const api::AgentView>();
  std::vector<View> former_;
  uint64_t incarnation_ = 0;
  std::optional<Encoder> encoder_;  // what new keys are made for
  std::optional<Encoder> pool_;     // what the keys in the pool are for: it lags behind
  std::optional<Instant> flushed_at_;
  std::vector<LiveToken> tokens_;
  api::Sequence sequence_;
};

}  // namespace joinery::simulator
