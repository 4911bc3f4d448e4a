// The life of a pool's generations: commands, and what confirmations and reports bring about.
#pragma once

#include "control/model/transition.h"

namespace joinery::control {

void OnRotate(Transition& step, const Rotate& command);
void OnRollback(Transition& step, const Rollback& command);
void OnAbort(Transition& step, const Abort& command);
void OnForceRetire(Transition& step, const ForceRetire& command);

// Adds a pending generation under a codepoint that is free (I2).
void AddGeneration(Transition& step, Pool& pool, const std::string& name);

// Activates and retires what is due.
void SettleGenerations(Transition& step, const std::string& name, Pool& pool,
                       const api::Position& confirmed);

}  // namespace joinery::control
