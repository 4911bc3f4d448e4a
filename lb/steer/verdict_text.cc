#include "lb/steer/verdict_text.h"

#include <algorithm>

#include <fmt/format.h>

namespace joinery::steer {
namespace {

// "token gen 1 (serial 7) id 5 -> web/b2"
std::string Answer(const Verdict& verdict, const Snapshot& snapshot) {
  std::string text(Name(verdict.rule));
  const PoolEntry& pool = snapshot.pools()[verdict.pool];
  if (verdict.backend == kNoIndex) return fmt::format("{} -> {}", text, pool.name);
  const BackendEntry& backend = snapshot.backends()[verdict.backend];
  if (verdict.rule == Rule::kToken || verdict.rule == Rule::kHandshake) {
    text += fmt::format(" gen {} (serial {}) id {}", verdict.codepoint.value(),
                        pool.serials[verdict.codepoint.value()].value(), backend.id.value());
  }
  if (verdict.rule == Rule::kCookie) {
    text += fmt::format(" epoch {} id {}", pool.epochs[verdict.cookie_epoch].value(),
                        backend.id.value());
  }
  return fmt::format("{} -> {}/{}", text, pool.name, backend.name);
}

std::string Drop(const Verdict& verdict, const Snapshot& snapshot) {
  const std::string text = fmt::format("drop {}", Name(verdict.reason));
  if (verdict.reason == DropReason::kMalformed) {
    return fmt::format("{}: {}", text, wire::Name(verdict.parse_reason));
  }
  if (verdict.pool == kNoIndex) return text;
  return fmt::format("{}: {}", text, Answer(verdict, snapshot));
}

// What the packet's address serves on the packet's protocol.
std::string Served(const Snapshot& snapshot, const wire::PacketView& packet) {
  constexpr size_t kMaxShown = 16;
  const std::string address = ToString(packet.destination);
  const bool tcp = packet.kind == wire::PacketKind::kTcp;
  if (!tcp && packet.kind != wire::PacketKind::kUdp) {
    return fmt::format("{} serves tcp and udp, not protocol {}", address, packet.protocol);
  }
  const auto services = snapshot.vips().ServicesOf(packet.destination, packet.protocol);
  const char* protocol = tcp ? "tcp" : "udp";
  if (services.empty()) return fmt::format("{} serves no {}", address, protocol);
  std::string ports;
  for (const VipTable::Service& service : services.first(std::min(kMaxShown, services.size()))) {
    ports += (ports.empty() ? "" : ", ") + ToString(service.ports);
  }
  if (services.size() > kMaxShown)
    ports += fmt::format(" and {} more", services.size() - kMaxShown);
  return fmt::format("{} serves {} {}", address, protocol, ports);
}

}  // namespace

std::string ToString(const Verdict& verdict, const Snapshot& snapshot,
                     const wire::PacketView& packet) {
  const std::string text = ToString(verdict, snapshot);
  const bool no_service =
      verdict.action == Action::kDrop && verdict.reason == DropReason::kNoService;
  return no_service ? text + ": " + Served(snapshot, packet) : text;
}

std::string ToString(const Verdict& verdict, const Snapshot& snapshot) {
  std::string text;
  switch (verdict.action) {
    case Action::kForward:
      text = Answer(verdict, snapshot);
      break;
    case Action::kDrop:
      text = Drop(verdict, snapshot);
      break;
    case Action::kLocal:
      text = "local";
      break;
    case Action::kCopy:
      text = fmt::format("copy -> {}", snapshot.pools()[verdict.pool].name);
      break;
  }
  std::string notes;
  for (size_t i = 0; i < kNoteCount; ++i) {
    const Note note = static_cast<Note>(i);
    if ((verdict.notes & Bit(note)) == 0) continue;
    notes += notes.empty() ? "" : " ";
    notes += Name(note);
  }
  return notes.empty() ? text : fmt::format("{} [{}]", text, notes);
}

}  // namespace joinery::steer
