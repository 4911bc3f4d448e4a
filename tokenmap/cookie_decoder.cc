#include "tokenmap/cookie_decoder.h"

#include <fmt/format.h>

namespace joinery::tokenmap {

Expected<CookieDecoder> CookieDecoder::Create(uint8_t id_bits, std::span<const CookieEpoch> live) {
  CookieDecoder decoder(joinery_cookie_code_bits(id_bits));
  for (const CookieEpoch& epoch : live) {
    auto cookie = TimestampCookie::Create(epoch, id_bits);
    if (!cookie) return tl::unexpected(cookie.error());
    std::optional<TimestampCookie>& place = decoder.epochs_[CookieResidue(epoch.serial)];
    if (place) {
      return Fail(fmt::format("epoch serials {} and {} look alike; live ones differ modulo {}",
                              place->serial().value(), epoch.serial.value(), kCookieResidues));
    }
    place = *cookie;
  }
  return decoder;
}

DecodedCookie CookieDecoder::Decode(CookieFlow flow, uint32_t tsecr) const noexcept {
  const auto& epoch = epochs_[joinery_cookie_residue(code_bits_, tsecr)];
  if (!epoch) return {};
  const uint64_t hash = epoch->Hash(flow);
  const std::optional<BackendId> id = epoch->Decode(hash, tsecr);
  DecodedCookie decoded{
      .status = CookieStatus::kCheckBits, .serial = epoch->serial(), .id = {}, .hash = hash};
  if (!id) return decoded;
  decoded.status = CookieStatus::kOk;
  decoded.id = *id;
  return decoded;
}

}  // namespace joinery::tokenmap
