#include "daemon/machine_memory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <string_view>

#include <unistd.h>

#include "core/memory_estimate.h"

namespace freshet::daemon {
namespace {

// The least limit of the control groups from `group` ("/system.slice/freshet.service") up.
std::uint64_t GroupLimit(std::string group) {
  std::uint64_t least = UINT64_MAX;
  while (true) {
    std::ifstream file("/sys/fs/cgroup" + group + "/memory.max");
    std::uint64_t limit = 0;
    if (file >> limit) least = std::min(least, limit);  // "max" is no number: no limit
    if (group.empty()) return least;
    group.resize(group.rfind('/') == std::string::npos ? 0 : group.rfind('/'));
  }
}

std::string OwnGroup() {
  constexpr std::string_view kUnified = "0::";
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(kUnified)) return line == "0::/" ? "" : line.substr(kUnified.size());
  }
  return {};
}

std::string Gibibytes(std::uint64_t bytes) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f GiB", static_cast<double>(bytes) / (1 << 30));
  return text;
}

}  // namespace

std::uint64_t MachineMemoryBytes() {
  const long pages = sysconf(_SC_PHYS_PAGES);
  const long page_bytes = sysconf(_SC_PAGESIZE);
  const std::uint64_t machine =
      pages <= 0 || page_bytes <= 0
          ? UINT64_MAX
          : static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  return std::min(machine, GroupLimit(OwnGroup()));
}

std::optional<std::string> CapsWarning(const core::Settings& settings, std::uint64_t memory_bytes) {
  constexpr std::uint64_t kNamedShare = 10;  // a key of a tenth of the whole is worth naming
  const std::vector<core::MemoryNeed> needs = core::MemoryAtCaps(settings);
  std::uint64_t all = 0;
  for (const core::MemoryNeed& need : needs) all += need.bytes();
  if (all <= memory_bytes) return std::nullopt;
  std::string text = "the caps allow " + Gibibytes(all) + " of state, there is " +
                     Gibibytes(memory_bytes) + " of memory: before that much is learned, lower";
  const char* separator = " ";
  for (const core::MemoryNeed& need : needs) {
    if (need.bytes() < all / kNamedShare) continue;
    text += separator + std::string(need.key) + " (" + std::to_string(need.cap) + " of " +
            std::to_string(need.bytes_each) + " bytes when full)";
    separator = ", ";
  }
  return text;
}

}  // namespace freshet::daemon
