#include "tests/simulator/world.h"

#include <algorithm>

#include <fmt/format.h>

#include "control/model/views.h"
#include "tests/simulator/operator.h"

namespace joinery::simulator {
namespace {

constexpr milliseconds kRenewEvery{3000};
constexpr auto kHeldUp = static_cast<uint32_t>(kHeldUpMax.count());

}  // namespace

World::World(uint64_t seed) : random_(seed), options_(DrawOptions(random_)) {
  for (uint32_t i = 1; i <= options_.balancers; ++i) {
    const int drift = static_cast<int>(random_.Below(2 * options_.clock_drift_permille + 1)) -
                      static_cast<int>(options_.clock_drift_permille);
    balancers_.push_back(std::make_unique<BalancerNode>(fmt::format("lb{}", i), drift, random_));
  }
}

void World::Note(const std::string& text) {
  if (keep_log_)
    log_.push_back(fmt::format(
        "{:9.3f} {}", std::chrono::duration<double>(now_.time_since_epoch()).count(), text));
}

void World::At(Instant at, std::function<void()> what) {
  events_.push_back({at, ++order_, std::move(what)});
  std::push_heap(events_.begin(), events_.end());
}

World::Event World::TakeNext() {
  std::pop_heap(events_.begin(), events_.end());
  Event next = std::move(events_.back());
  events_.pop_back();
  return next;
}

void World::Carry(Instant cut_until, std::function<void()> deliver) {
  if (healed_) return At(now_ + milliseconds(2), std::move(deliver));
  if (now_ < cut_until) return;
  const int copies = Chance(options_.twice_percent) ? 2 : 1;
  for (int i = 0; i < copies; ++i) {
    if (Chance(options_.loss_percent)) continue;
    const auto most = static_cast<uint32_t>(options_.delay_max.count());
    const uint32_t delay = random_.Below(Chance(options_.held_up_percent) ? kHeldUp : most);
    At(now_ + milliseconds(1 + delay), deliver);
  }
}

void World::Send(const std::string& peer, std::function<void()> deliver) {
  Carry(cut_off_[peer].from_control_until, std::move(deliver));
}

void World::SendToControl(const std::string& peer, std::function<void()> deliver) {
  Carry(cut_off_[peer].to_control_until, [this, run = control_run_, deliver = std::move(deliver)] {
    if (control_up_ && run == control_run_) deliver();
  });
}

// One step. What is durable is on disk before anything follows; control may die right after.
control::Actions World::Do(const control::Event& event) {
  const Instant clock = control_clock_ + now_.time_since_epoch();
  control::Actions actions = Step(model_, event, clock, random_);
  for (const control::LogEntry& entry : actions.log) Note("  " + entry.text);
  if (!actions.result) Note("  refused: " + actions.result.error().message);
  const bool changed = actions.durable || actions.scheme || actions.load || !actions.agents.empty();
  if (changed) {
    truth_.AfterStep(model_, clock, now_, balancers_, actions.scheme);
    Heed();
  } else if (std::holds_alternative<control::BalancerReported>(event)) {
    truth_.AfterRenewal(model_, clock);
  }
  if (actions.durable) disk_ = model_.durable;
  if (actions.durable && !healed_ && Rarely(options_.restart_permille / 4)) {
    Note("control dies after it has written");
    control_up_ = false;
    At(now_ + milliseconds(random_.Below(5000)), [this] { StartControl(); });
    return {};
  }
  if (actions.scheme) scheme_ = std::make_shared<api::SchemePart>(*SchemeView(model_));
  if (actions.load) load_ = std::make_shared<api::LoadPart>(*LoadView(model_));
  Spread(actions);
  return actions;
}

void World::Spread(const control::Actions& actions) {
  for (const auto& balancer : balancers_) {
    if (!model_.durable.balancers.contains(balancer->name())) continue;
    if (actions.scheme) SendScheme(*balancer);
    if (actions.load) SendLoad(*balancer);
  }
  for (const control::BackendRef& who : actions.agents) SendView(*agents_.at(who.backend));
}

void World::SendScheme(BalancerNode& balancer) {
  if (!scheme_) return;
  Send(balancer.name(), [this, &balancer, scheme = scheme_] {
    const bool garbled = !healed_ && Chance(options_.foreign_percent);
    if (!balancer.Take(scheme, garbled, now_, random_)) return;
    truth_.AfterBalancer(balancer, agents_, now_);
    At(now_ + milliseconds(400), [this, &balancer] {
      if (balancer.Write(now_)) ReportOf(balancer);
    });
  });
}

void World::SendLoad(BalancerNode& balancer) {
  if (!load_) return;
  Send(balancer.name(), [this, &balancer, load = load_] {
    if (!balancer.Take(load)) return;
    truth_.AfterBalancer(balancer, agents_, now_);
    ReportOf(balancer);
  });
}

void World::SendView(AgentNode& agent) {
  const auto view = AgentViewOf(model_, {"web", agent.name()});
  if (!view) return;
  Send(agent.name(), [this, &agent, view = std::make_shared<const api::AgentView>(*view)] {
    if (agent.Take(view, now_, random_)) ReportOf(agent);
  });
}

// A watch that was answered with something old asks again.
void World::OfferTo(BalancerNode& balancer, const api::BalancerReport& report) {
  if (model_.now.recovery.waiting || !model_.durable.balancers.contains(balancer.name())) return;
  if (report.scheme.at != scheme_->at || balancer.foreign()) SendScheme(balancer);
  if (report.load != load_->at) SendLoad(balancer);
}

void World::OfferTo(AgentNode& agent, const api::AgentReport& report) {
  const auto view = AgentViewOf(model_, {"web", agent.name()});
  if (!view) return;
  truth_.Confirmed(agent, report, *view);
  if (view->at != report.view.at) SendView(agent);
}

void World::ReportOf(BalancerNode& balancer) {
  if (!balancer.up()) return;
  SendToControl(balancer.name(), [this, &balancer, sent = now_, trusted = !balancer.foreign(),
                                  report = balancer.Report(now_)] {
    const control::Actions actions = Do(control::BalancerReported{
        .balancer = balancer.name(), .report = report, .trusted_bytes = trusted});
    if (!control_up_ || !actions.balancer_reply) return;
    OfferTo(balancer, report);
    Send(balancer.name(),
         [this, &balancer, sent, to = report.sequence, reply = *actions.balancer_reply] {
           const bool had_lease = balancer.HasLease(now_);
           balancer.Hear(reply, to, sent, now_);
           if (!had_lease) truth_.AfterBalancer(balancer, agents_, now_);
           if (reply.send_scheme) ReportOf(balancer);
         });
  });
}

void World::ReportOf(AgentNode& agent) {
  if (!agent.up()) return;
  agent.Pass(now_);
  SendToControl(agent.name(), [this, &agent, report = agent.Report(now_)] {
    const control::Actions actions =
        Do(control::AgentReported{.from = {"web", agent.name()}, .report = report});
    if (!control_up_ || !actions.agent_reply) return;
    OfferTo(agent, report);
    Send(agent.name(), [this, &agent, reply = *actions.agent_reply] {
      if (agent.Hear(reply, now_, random_)) truth_.AfterEncoding(agent);
    });
  });
}

void World::Renew(BalancerNode& balancer) {
  ReportOf(balancer);
  At(now_ + kRenewEvery, [this, &balancer] { Renew(balancer); });
}

void World::Renew(AgentNode& agent) {
  ReportOf(agent);
  At(now_ + kRenewEvery, [this, &agent] { Renew(agent); });
}

// Some balancer places a connection by what it holds; a token may be the result.
void World::Place() {
  BalancerNode& balancer = *balancers_[random_.Below(static_cast<uint32_t>(balancers_.size()))];
  if (!balancer.up() || balancer.load() == nullptr || balancer.load()->pools.empty()) return;
  std::vector<BackendId> up;
  for (const api::MemberLoad& member : balancer.load()->pools.front().members) {
    if (member.state == settings::BackendState::kUp) up.push_back(member.id);
  }
  if (up.empty() || balancer.scheme().pools.empty()) return;
  const BackendId id = up[random_.Below(static_cast<uint32_t>(up.size()))];
  for (const api::Member& member : balancer.scheme().pools.front().members) {
    if (member.id != id) continue;
    if (balancer.HasLease(now_) && control_up_) {
      truth_.AfterPlacement(model_, balancer, member.name);
    }
    return Connect(*agents_.at(member.name));
  }
}

// A SYN takes a key; when the handshake is over, clients know a token.
void World::Connect(AgentNode& agent) {
  const auto longest = static_cast<uint32_t>(milliseconds(options_.handshake_max).count());
  const Instant begins = now_ + milliseconds(longest == 0 ? 0 : random_.Below(longest));
  const auto most = static_cast<uint32_t>(options_.connection_max.count());
  LiveToken* token = agent.Accept(now_, begins, begins + seconds(1 + random_.Below(most)));
  if (token == nullptr) return;
  token->lost = IsGivenUp(agent.name(), token->serial);
  if (!token->slow) return truth_.AfterToken(agent, *token, balancers_, now_);
  At(begins, [this, &agent] {
    for (const LiveToken& begun : agent.tokens()) {
      if (begun.slow && begun.begins == now_) truth_.AfterToken(agent, begun, balancers_, now_);
    }
  });
}

void World::StartControl() {
  if (control_up_) return;
  control_up_ = control_started_ = true;
  ++control_run_;
  model_ = {.durable = disk_, .now = {}};
  if (Chance(30)) control_clock_ = Instant() + seconds(random_.Below(100'000));  // another machine
  truth_.ControlStarts();
  Note("control starts");
  Do(control::Started{.store_is_current = options_.store_vouches});
  if (control_up_) Do(control::ConfigApplied{.desired = desired_});
}

std::optional<std::string> World::Run() {
  Operator boss(*this);
  boss.Install();
  StartControl();
  for (const auto& balancer : balancers_) Renew(*balancer);
  for (const auto& [name, agent] : agents_) Renew(*agent);
  const Instant healed_at = now_ + options_.faults;
  const Instant end = healed_at + options_.heals;
  for (Instant at = now_; at <= end; at += seconds(1)) {
    At(at, [this, &boss, at, healed_at] {
      if (at == healed_at) Heal();
      boss.EachSecond();
      EachSecond();
    });
  }
  while (!events_.empty() && !truth_.failure()) {
    const Event event = TakeNext();
    if (event.at > end) break;
    now_ = event.at;
    event.what();
  }
  truth_.Converged(model_, balancers_, agents_, now_);
  return truth_.failure();
}

}  // namespace joinery::simulator
