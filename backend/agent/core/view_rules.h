// Whether an agent may take a view: docs/protocol.md section 3, I2 and I8, and section 2 for the
// layout of tokens. Pure; the caller keeps the record that comes out before it believes the view.
#pragma once

#include <string>

#include "api/agent_view.h"
#include "backend/agent/core/record.h"
#include "base/expected.h"
#include "tokenmap/scheme.h"

namespace joinery::agent {

// Who this agent is by its configuration; an empty part is not compared.
struct Self {
  std::string pool;
  std::string backend;
};

// The layout of the pool's tokens; the error says what does not fit.
[[nodiscard]] Expected<tokenmap::Scheme> SchemeOf(const api::AgentView& view);

// What to remember once the view is accepted, or the rule that it breaks:
//   I8: its position is lower than the record's, or the same with another digest;
//   I2: a codepoint comes with a lower serial than before, or with another key under the same one;
//   it is another backend's, or what it says does not fit together.
[[nodiscard]] Expected<Record> Admit(const Record& before, const Self& self,
                                     const api::AgentView& view, const api::Stamp& stamp);

}  // namespace joinery::agent
