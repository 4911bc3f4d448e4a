// What each receiver is told, derived from the model. None while control waits after a start (I8),
// and for who is not known.
#pragma once

#include <optional>

#include "api/agent_view.h"
#include "api/balancer_view.h"
#include "control/model/model.h"

namespace joinery::control {

[[nodiscard]] std::optional<api::SchemePart> SchemeView(const Model& model);
[[nodiscard]] std::optional<api::LoadPart> LoadView(const Model& model);
[[nodiscard]] std::optional<api::AgentView> AgentViewOf(const Model& model, const BackendRef& who);

}  // namespace joinery::control
