// Which balancers count, and what all of them hold: docs/protocol.md section 3, I1, I4, I5.
#pragma once

#include <string>

#include "api/position.h"
#include "control/model/model.h"

namespace joinery::control {

// By control's clock, margin included: a balancer's own lease ends earlier.
[[nodiscard]] bool HasLease(const BalancerStatus& status, Instant now) noexcept;

// The newest position that every balancer with a lease, and a quorum of all configured, has
// confirmed. {0, 0} while leases of an earlier run may be left.
[[nodiscard]] api::Position ConfirmedScheme(const Model& model, Instant now);
// The same of load parts, without the quorum: a balancer without a lease is the stated residue.
[[nodiscard]] api::Position ConfirmedLoad(const Model& model, Instant now);

// The lowest scheme part that decodes every codepoint and ID in use.
[[nodiscard]] api::Position Barrier(const Durable& durable);

// How many configured balancers have confirmed a position, for people.
[[nodiscard]] size_t CountConfirmed(const Model& model, const api::Position& at);

}  // namespace joinery::control
