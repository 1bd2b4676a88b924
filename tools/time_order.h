// Whether events stand in the order of their times.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "core/result.h"
#include "tools/input_list.h"
#include "tools/table_format.h"

namespace freshet::tools {

// TimeOrder: counts the rows that stand behind a later one. Owned by its reader; one thread.
class TimeOrder {
 public:
  void Add(std::int64_t time_ms) {
    if (time_ms < latest_ms_) ++stepped_back_;
    latest_ms_ = std::max(latest_ms_, time_ms);
  }
  [[nodiscard]] std::uint64_t stepped_back() const { return stepped_back_; }

 private:
  std::int64_t latest_ms_ = std::numeric_limits<std::int64_t>::min();
  std::uint64_t stepped_back_ = 0;
};

// True when the rows of all event files, one file after the other, are in the order of time. Reads
// no further than to the first that is not. False where a pipe is among them: it can be read once
// only. Errors are those of reading.
core::Result<bool> AreInTimeOrder(const std::vector<InputPath>& inputs, const TableFormat& format);

}  // namespace freshet::tools
