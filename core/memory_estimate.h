// How much memory the caps of the settings allow, so that an operator learns at the start, and not
// from the kernel, that a machine is too small for them.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/settings.h"

namespace freshet::core {

// What one cap allows.
struct MemoryNeed {
  std::string_view key;  // of the setting: "learning.maximum_users"
  std::uint64_t cap = 0;
  std::uint64_t bytes_each = 0;

  [[nodiscard]] std::uint64_t bytes() const { return cap * bytes_each; }
};

// The needs when every cap is reached and everything kept is full, the greatest first. An estimate
// from the sizes of the structures: names longer than 15 bytes and metadata come on top.
std::vector<MemoryNeed> MemoryAtCaps(const Settings& settings);

}  // namespace freshet::core
