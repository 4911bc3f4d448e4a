// The header shared with the kernel, with the integer types that it leaves to its includer.
#pragma once

#include <cstdint>

#include "backend/kmod/joinery_token_abi.h"
