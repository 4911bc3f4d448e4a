#include "tools/pcap/replay.h"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ostream.h>

#include "lb/forward/forward.h"
#include "lb/steer/steer.h"
#include "lb/steer/verdict_json.h"
#include "lb/steer/verdict_text.h"
#include "wire/packet_text.h"

namespace joinery::pcap {
namespace {

using steer::Action;
using steer::Verdict;

using Parsed = Expected<wire::PacketView, wire::ParseError>;

std::string PacketText(const Parsed& packet) {
  return packet ? wire::ToString(*packet) : "malformed: " + wire::ToString(packet.error());
}

forward::LinkAddresses MadeUpLink(uint16_t next_hop) {
  const auto high = static_cast<uint8_t>(next_hop >> 8);
  const auto low = static_cast<uint8_t>(next_hop & 0xff);
  return {.source = {{0x02, 0, 0, 0, 0, 0}}, .destination = {{0x02, 0, 0, 0x01, high, low}}};
}

std::vector<uint8_t> Forwarded(const steer::Snapshot& snapshot, const Verdict& verdict,
                               std::span<const uint8_t> frame) {
  std::vector<uint8_t> sent(forward::Headroom(snapshot, verdict));
  sent.insert(sent.end(), frame.begin(), frame.end());
  const uint16_t next_hop = snapshot.backends()[verdict.backend].next_hop;
  forward::Rewrite(snapshot, verdict, MadeUpLink(next_hop), sent);
  return sent;
}

double Seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

Expected<void> Replay(const settings::Config& config, const steer::Snapshot& snapshot,
                      Reader& capture, Format format, std::ostream& out, Writer* forwarded) {
  steer::LcoreState state(config.lb.cache_flows);
  std::chrono::nanoseconds start{};
  Instant now{};
  uint64_t number = 0;
  for (;;) {
    const auto next = capture.Next();
    if (!next) return tl::unexpected(next.error());
    const std::optional<Record>& record = *next;
    if (!record) break;
    if (++number == 1) start = record->time;
    now = std::max(now, Instant(record->time - start));  // captures of several ports may go back
    const std::span<const uint8_t> frames[] = {record->bytes};
    Verdict verdict;
    steer::DecideBurst(snapshot, state, frames, now, {&verdict, 1});
    const Parsed parsed = wire::ParseFrame(record->bytes);
    const std::string packet = PacketText(parsed);
    const std::string why =
        parsed ? steer::ToString(verdict, snapshot, *parsed) : steer::ToString(verdict, snapshot);
    if (format == Format::kText) {
      fmt::print(out, "{:>6} {:>12.6f}  {}\n{:>21}{}\n", number, Seconds(record->time - start),
                 packet, "", why);
    } else {
      fmt::print(out, "{{\"number\":{},\"time\":{:.9f},\"packet\":{},\"verdict\":{},{}}}\n", number,
                 Seconds(record->time - start), steer::Quoted(packet), steer::Quoted(why),
                 steer::VerdictMembers(verdict, snapshot));
    }
    if (forwarded != nullptr && verdict.action == Action::kForward) {
      forwarded->Write(record->time, Forwarded(snapshot, verdict, record->bytes));
    }
  }
  const steer::Counters* const lcores[] = {&state.counters()};
  const std::string counters =
      steer::CountersToJson(steer::SumCounters(lcores, snapshot), snapshot);
  out << (format == Format::kText ? "counters " + counters : "{\"counters\":" + counters + "}")
      << '\n';
  return {};
}

}  // namespace joinery::pcap
