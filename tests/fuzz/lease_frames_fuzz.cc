// The byte stream between a stack and the agent, in two cuts: frames are found alike, what
// ParseFrame takes EmitFrame gives back, everything prints.
#include <algorithm>
#include <vector>

#include "tests/fuzz/check.h"
#include "tokenmap/lease_protocol.h"

namespace joinery::fuzz {
namespace {

using tokenmap::LeaseMessage;

// The messages of a stream that is read in pieces, up to the first that is malformed.
std::vector<LeaseMessage> Read(Input input, size_t piece) {
  tokenmap::FrameReader reader;
  std::vector<LeaseMessage> messages;
  for (size_t at = 0; at < input.size(); at += piece) {
    reader.Add(input.subspan(at, std::min(piece, input.size() - at)));
    while (true) {
      const auto frame = reader.Next();
      if (!frame) return messages;
      if (!*frame) break;
      Check((*frame)->size() <= tokenmap::kMaxFrameBytes, "a frame is bounded");
      auto message = tokenmap::ParseFrame(**frame);
      if (!message) {
        Print(message.error().message);
        return messages;
      }
      const Bytes again = EmitFrame(*message);
      Check(std::ranges::equal(Input(again).subspan(4), **frame), "EmitFrame(ParseFrame(f)) is f");
      Print(ToString(*message));
      messages.push_back(*std::move(message));
    }
  }
  return messages;
}

void Feed(Input input) {
  Check(Read(input, 1 << 16) == Read(input, 1 + input.size() % 7), "cuts make no difference");
}

}  // namespace
}  // namespace joinery::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > UINT16_MAX) return 0;
  joinery::fuzz::Feed({data, size});
  return 0;
}
