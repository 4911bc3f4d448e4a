#include "control/health/scripted_transport.h"

#include <utility>

namespace joinery::health {

class ScriptedTransport final : public Transport {
 public:
  explicit ScriptedTransport(std::shared_ptr<Script> script) : script_(std::move(script)) {}

  Expected<void> Adopt(const std::vector<Target>& targets) override {
    const std::lock_guard lock(script_->mutex_);
    if (!script_->refusal_.empty()) return Fail(script_->refusal_);
    script_->targets_.clear();
    for (const Target& target : targets) script_->targets_.push_back(target.name);
    return {};
  }

  boost::asio::awaitable<Outcome> Run(size_t number, Target target,
                                      std::function<TokenOwner(Token)> owner) override {
    static_cast<void>(number);
    static_cast<void>(owner);
    const std::lock_guard lock(script_->mutex_);
    ++script_->checks_[target.name];
    const auto found = script_->answers_.find(target.name);
    co_return found == script_->answers_.end() ? Outcome{.ok = true, .detail = "connected"}
                                               : found->second;
  }

 private:
  std::shared_ptr<Script> script_;
};

void Script::Answer(const std::string& target, Outcome outcome) {
  const std::lock_guard lock(mutex_);
  answers_.insert_or_assign(target, std::move(outcome));
}

void Script::Refuse(std::string why) {
  const std::lock_guard lock(mutex_);
  refusal_ = std::move(why);
}

std::vector<std::string> Script::Targets() const {
  const std::lock_guard lock(mutex_);
  return targets_;
}

size_t Script::Checks(const std::string& target) const {
  const std::lock_guard lock(mutex_);
  const auto found = checks_.find(target);
  return found == checks_.end() ? 0 : found->second;
}

std::unique_ptr<Transport> Script::Play(std::shared_ptr<Script> script) {
  return std::make_unique<ScriptedTransport>(std::move(script));
}

}  // namespace joinery::health
