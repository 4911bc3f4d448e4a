#include "wire/ethernet.h"

#include <fmt/format.h>

namespace joinery::wire {

EthernetFields EthernetView::fields() const noexcept {
  EthernetFields fields{.destination = destination(),
                        .source = source(),
                        .tags = {},
                        .tag_count = tag_count(),
                        .ethertype = ethertype()};
  for (size_t i = 0; i < fields.tag_count; ++i) fields.tags[i] = tag(i);
  return fields;
}

void EthernetView::Emit(const EthernetFields& fields, std::span<uint8_t> out) noexcept {
  std::memcpy(&out[kDestination], fields.destination.bytes.data(), 6);
  std::memcpy(&out[kSource], fields.source.bytes.data(), 6);
  size_t at = kEtherType;
  for (size_t i = 0; i < fields.tag_count; ++i, at += kTagLength) {
    StoreBe16(&out[at], fields.tags[i].tpid);
    StoreBe16(&out[at + 2], fields.tags[i].tci);
  }
  StoreBe16(&out[at], fields.ethertype);
}

std::string ToString(const EthernetView& ethernet) {
  std::string text =
      fmt::format("eth {} > {}", ToString(ethernet.source()), ToString(ethernet.destination()));
  for (size_t i = 0; i < ethernet.tag_count(); ++i) {
    text += fmt::format(" vlan {}", ethernet.tag(i).vlan_id());
  }
  return text + fmt::format(" type 0x{:04x}", ethernet.ethertype());
}

}  // namespace joinery::wire
