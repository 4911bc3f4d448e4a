#include "wire/tcp.h"

#include <cstring>

namespace joinery::wire {

TcpFields TcpView::fields() const noexcept {
  return {.source_port = source_port(),
          .destination_port = destination_port(),
          .sequence_number = sequence_number(),
          .acknowledgment_number = acknowledgment_number(),
          .reserved = reserved(),
          .flags = flags(),
          .window = window(),
          .checksum = checksum(),
          .urgent_pointer = urgent_pointer(),
          .options = options()};
}

void TcpView::Emit(const TcpFields& fields, std::span<uint8_t> out) noexcept {
  StoreBe16(&out[kSourcePort], fields.source_port.value());
  StoreBe16(&out[kDestinationPort], fields.destination_port.value());
  StoreBe32(&out[kSequenceNumber], fields.sequence_number.value());
  StoreBe32(&out[kAcknowledgmentNumber], fields.acknowledgment_number.value());
  out[kDataOffset] =
      static_cast<uint8_t>(EncodedLength(fields) / 4 << 4 | (fields.reserved & 0x0f));
  out[kFlags] = fields.flags;
  StoreBe16(&out[kWindow], fields.window);
  StoreBe16(&out[kChecksum], fields.checksum);
  StoreBe16(&out[kUrgentPointer], fields.urgent_pointer);
  if (!fields.options.empty()) {
    std::memcpy(&out[kMinLength], fields.options.data(), fields.options.size());
  }
}

}  // namespace joinery::wire
