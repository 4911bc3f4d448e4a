// Reads a pcap file and prints, for each TCP packet, what our parsers make of its options: a line
// of columns "name=value,value" in the order of the packet's options, named as tshark names them.
// The line begins with what ScanTcpOptions would steer by. option_parser_test.py compares both.
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/big_endian.h"
#include "base/hex.h"
#include "wire/add_addr.h"
#include "wire/dss.h"
#include "wire/mp_capable.h"
#include "wire/mp_fail.h"
#include "wire/mp_fastclose.h"
#include "wire/mp_join.h"
#include "wire/mp_prio.h"
#include "wire/mp_tcprst.h"
#include "wire/packet_view.h"
#include "wire/remove_addr.h"
#include "wire/tcp_option.h"
#include "wire/tcp_options.h"

namespace joinery::wire {
namespace {

using Bytes = std::span<const uint8_t>;

class Columns {
 public:
  template <typename Value>
  void Add(const std::string& name, const Value& value) {
    std::string& column = columns_[name];
    if (!column.empty()) column += ',';
    column += fmt::format("{}", value);
  }
  template <typename Value>
  void AddIf(const std::string& name, const std::optional<Value>& value) {
    if (value) Add(name, *value);
  }
  std::string ToLine() const {
    std::string line;
    for (const auto& [name, values] : columns_) line += fmt::format(" {}={}", name, values);
    return line;
  }

 private:
  std::map<std::string, std::string> columns_;
};

void AddMpCapable(Bytes option, SegmentRole role, Columns& out) {
  const auto view = MpCapable::Parse(option, role);
  if (!view) return;
  out.Add("version", view->version());
  out.AddIf("sendkey", view->sender_key());
  out.AddIf("recvkey", view->receiver_key());
  out.AddIf("datalvllen", view->data_level_length());
  out.AddIf("checksum", view->checksum());
}

void AddMpJoin(Bytes option, Columns& out) {
  if (const auto syn = MpJoinSyn::Parse(option)) {
    out.Add("backup", syn->backup() ? 1 : 0);
    out.Add("addrid", syn->address_id());
    out.Add("recvtok", syn->receiver_token().value());
    out.Add("sendrand", syn->sender_random());
  } else if (const auto syn_ack = MpJoinSynAck::Parse(option)) {
    out.Add("backup", syn_ack->backup() ? 1 : 0);
    out.Add("addrid", syn_ack->address_id());
    out.Add("sendtrunchmac", syn_ack->sender_truncated_hmac());
    out.Add("sendrand", syn_ack->sender_random());
  } else if (const auto ack = MpJoinAck::Parse(option)) {
    out.Add("sendhmac", ToHex(ack->sender_hmac()));
  }
}

void AddDss(Bytes option, Columns& out) {
  const auto view = Dss::Parse(option);
  if (!view) return;
  if (const auto ack = view->data_ack()) out.Add("rawdataack", ack->value);
  const auto mapping = view->mapping();
  if (!mapping) return;
  out.Add("rawdataseqno", mapping->data_sequence_number.value);
  out.Add("subflowseqno", mapping->subflow_sequence_number);
  out.Add("datalvllen", mapping->data_level_length);
  // Not the checksum: tshark 4.0 leaves the one of a DSS option out.
}

void AddAddress(Bytes option, Columns& out) {
  const auto view = AddAddr::Parse(option, 1);
  if (!view) return;
  out.Add("addrid", view->address_id());
  out.Add(view->address().is_v4() ? "ipv4" : "ipv6", ToString(view->address()));
  if (const auto port = view->port()) out.Add("port", port->value());
  out.AddIf("addaddrtrunchmac", view->truncated_hmac());
}

void AddMptcp(Bytes option, SegmentRole role, Columns& out) {
  if (option.size() < kMptcpMinLength) return;
  out.Add("subtype", option[kMptcpSubtype] >> 4);
  switch (SubtypeOf(option)) {
    case MptcpSubtype::kMpCapable:
      return AddMpCapable(option, role, out);
    case MptcpSubtype::kMpJoin:
      return AddMpJoin(option, out);
    case MptcpSubtype::kDss:
      return AddDss(option, out);
    case MptcpSubtype::kAddAddr:
      return AddAddress(option, out);
    case MptcpSubtype::kRemoveAddr:
      if (const auto view = RemoveAddr::Parse(option)) {
        for (const uint8_t id : view->address_ids()) out.Add("addrid", id);
      }
      return;
    case MptcpSubtype::kMpPrio:
      if (const auto view = MpPrio::Parse(option, 1)) out.Add("backup", view->backup() ? 1 : 0);
      return;
    case MptcpSubtype::kMpFail:
      if (const auto view = MpFail::Parse(option)) {
        out.Add("rawdataseqno", view->data_sequence_number());
      }
      return;
    case MptcpSubtype::kMpFastclose:
      if (const auto view = MpFastclose::Parse(option)) out.Add("recvkey", view->receiver_key());
      return;
    case MptcpSubtype::kMpTcpRst:
      if (const auto view = MpTcpRst::Parse(option)) out.Add("rst_reason", view->reason());
      return;
    default:
      return;
  }
}

void AddOption(const TcpOption& option, SegmentRole role, Columns& out) {
  out.Add("kind", option.kind);
  if (option.kind == kOptionTimestamps && option.bytes.size() == 10) {
    out.Add("tsval", LoadBe32(&option.bytes[2]));
    out.Add("tsecr", LoadBe32(&option.bytes[6]));
  } else if (option.kind == kOptionMptcp) {
    AddMptcp(option.bytes, role, out);
  }
}

std::string ScanText(const PacketView& packet) {
  const TcpOptions scan = ScanTcpOptions(packet);
  Columns out;
  if (scan.timestamps) {
    out.Add("scan.tsval", scan.timestamps->value);
    out.Add("scan.tsecr", scan.timestamps->echo_reply);
  }
  if (scan.join_token) out.Add("scan.join", scan.join_token->value());
  constexpr const char* kForms[] = {"none", "opening", "keys", "token"};
  out.Add("scan.capable", kForms[static_cast<size_t>(scan.mp_capable)]);
  if (scan.mp_capable != MpCapableForm::kNone) out.Add("scan.version", scan.mp_version);
  if (scan.mp_capable == MpCapableForm::kKeys) out.Add("scan.key", scan.receiver_key);
  if (scan.mp_capable == MpCapableForm::kExplicitToken) {
    out.Add("scan.token", scan.receiver_token.value());
  }
  out.AddIf("scan.fastclose", scan.fastclose_key);
  out.Add("scan.malformed", scan.malformed ? 1 : 0);
  return out.ToLine();
}

std::string PacketLine(Bytes frame) {
  const auto packet = ParseFrame(frame);
  if (!packet || packet->kind != PacketKind::kTcp) return "not tcp";
  const SegmentRole role = RoleOf(packet->tcp_flags, !packet->payload().empty());
  Columns out;
  TcpOptionCursor cursor(packet->tcp_options());
  while (cursor.Next()) AddOption(cursor.option(), role, out);
  return ScanText(*packet) + out.ToLine();
}

// pcap with microseconds, little endian: a head of 24 bytes, then records with a head of 16 whose
// third word is the length.
int PrintAll(const char* path) {
  constexpr size_t kFileHead = 24;
  constexpr size_t kRecordHead = 16;
  constexpr size_t kCaptured = 8;
  std::ifstream in(path, std::ios::binary);
  const std::vector<char> chars(std::istreambuf_iterator<char>(in), {});
  const Bytes file(reinterpret_cast<const uint8_t*>(chars.data()), chars.size());
  if (file.size() < kFileHead || LoadBe32(file.data()) != 0xd4c3b2a1) {
    std::fprintf(stderr, "option_columns: %s is no little-endian pcap file\n", path);
    return 1;
  }
  for (size_t at = kFileHead; at + kRecordHead <= file.size();) {
    const size_t length = __builtin_bswap32(LoadBe32(&file[at + kCaptured]));
    at += kRecordHead;
    if (length > file.size() - at) break;
    std::puts(PacketLine(file.subspan(at, length)).c_str());
    at += length;
  }
  return 0;
}

}  // namespace
}  // namespace joinery::wire

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: option_columns FILE.pcap\n");
    return 2;
  }
  return joinery::wire::PrintAll(argv[1]);
}
