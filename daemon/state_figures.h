// StateFigures: how much state there is, for operators. A copy, taken through the gate.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/state.h"

namespace freshet::daemon {

struct StateFigures {
  std::size_t users = 0;  // named ones and anonymous visitors
  std::size_t sessions = 0;
  std::size_t items = 0;
  std::uint64_t events = 0;
  std::int64_t clock_ms = 0;
  core::Evictions evictions;
  std::map<std::string, core::Blend, std::less<>> blends;  // by campaign
  std::vector<std::pair<std::string_view, std::size_t>> bytes;

  static StateFigures Of(const core::State& state) {
    return {.users = state.users().live_count(),
            .sessions = state.sessions().live_count(),
            .items = state.catalog().live_count(),
            .events = state.event_count(),
            .clock_ms = state.clock_ms(),
            .evictions = state.evictions(),
            .blends = state.blends().all(),
            .bytes = state.BytesByStructure()};
  }
};

}  // namespace freshet::daemon
