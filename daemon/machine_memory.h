// The memory that this process may take, and whether the caps of the settings fit it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/settings.h"

namespace freshet::daemon {

// That of the machine, or the limit of a control group around the process where that is less.
std::uint64_t MachineMemoryBytes();

// What to tell an operator whose caps allow more state than `memory_bytes`, or nothing.
std::optional<std::string> CapsWarning(const core::Settings& settings, std::uint64_t memory_bytes);

}  // namespace freshet::daemon
