#include "control/health/source_addresses.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/big_endian.h"

namespace joinery::health {
namespace {

constexpr uint8_t kCountedBits = 32;  // of an address: its last 4 bytes number the slots

uint8_t AddressBits(IpFamily family) { return family == IpFamily::kIpv4 ? 32 : 128; }

// `address` with `number` added to its last 4 bytes.
IpAddress Plus(const IpAddress& address, uint32_t number) {
  std::array<uint8_t, 16> bytes = address.storage();
  const size_t at = address.bytes().size() - 4;
  StoreBe32(&bytes[at], LoadBe32(&bytes[at]) + number);
  if (address.is_v4()) return IpAddress::V4(std::span(bytes).first<4>());
  return IpAddress::V6(bytes);
}

uint32_t LastWord(const IpAddress& address) { return LoadBe32(&address.bytes().last<4>()[0]); }

// The prefix's own address: host bits cleared.
IpAddress NetworkOf(const IpPrefix& prefix) {
  std::array<uint8_t, 16> bytes = prefix.address.storage();
  const uint8_t bits = AddressBits(prefix.address.family());
  for (uint8_t bit = prefix.length; bit < bits; ++bit) {
    bytes[bit / 8] = static_cast<uint8_t>(bytes[bit / 8] & ~(0x80U >> (bit % 8)));
  }
  if (prefix.address.is_v4()) return IpAddress::V4(std::span(bytes).first<4>());
  return IpAddress::V6(bytes);
}

uint64_t Room(const IpPrefix& prefix) {
  const int host_bits = AddressBits(prefix.address.family()) - prefix.length;
  if (host_bits < 2) return 0;
  return (uint64_t{1} << std::min<int>(host_bits, kCountedBits)) - 2;
}

}  // namespace

Expected<SourceAddresses> SourceAddresses::Create(std::span<const IpPrefix> prefixes,
                                                  size_t slots) {
  SourceAddresses sources(slots);
  for (const IpPrefix& prefix : prefixes) {
    std::optional<IpAddress>& first = prefix.address.is_v4() ? sources.first4_ : sources.first6_;
    if (first) return Fail(fmt::format("{}: a second prefix of this family", ToString(prefix)));
    if (Room(prefix) < slots) {
      return Fail(fmt::format("{}: has room for {} backends, {} are checked; give a larger one",
                              ToString(prefix), Room(prefix), slots));
    }
    first = NetworkOf(prefix);
  }
  return sources;
}

std::optional<IpAddress> SourceAddresses::Of(Slot slot, IpFamily family) const {
  const std::optional<IpAddress>& first = family == IpFamily::kIpv4 ? first4_ : first6_;
  if (!first) return std::nullopt;
  return Plus(*first, static_cast<uint32_t>(slot) + 1);
}

std::optional<Slot> SourceAddresses::SlotOf(const IpAddress& address) const {
  const std::optional<IpAddress>& first = address.is_v4() ? first4_ : first6_;
  if (!first) return std::nullopt;
  const uint32_t number = LastWord(address) - LastWord(*first);
  if (number == 0 || number > slots_ || Plus(*first, number) != address) return std::nullopt;
  return number - 1;
}

}  // namespace joinery::health
