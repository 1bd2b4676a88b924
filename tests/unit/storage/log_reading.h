// What the tests of logs do with a log, in one call each.
#pragma once

#include <chrono>
#include <iterator>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "storage/event_log.h"

namespace freshet::storage {

inline constexpr std::chrono::milliseconds kNoWait{0};
inline constexpr std::chrono::seconds kDeadline{20};

// What an Appended callback was told, and how often.
struct Answer {
  int calls = 0;
  std::optional<core::Error> error;
  core::Positions positions;

  EventLog::Appended Callback() {
    return [this](core::Result<core::Positions> result) {
      ++calls;
      if (result) {
        positions = *result;
      } else {
        error = result.error();
      }
    };
  }
};

// Polls until a poll brings nothing; every entry read.
inline std::vector<core::StampedEntry> ReadAll(EventLog* log, std::size_t maximum = 256) {
  std::vector<core::StampedEntry> all;
  LogBatch batch;
  do {
    const core::Status status = log->Poll(maximum, kNoWait, &batch);
    EXPECT_TRUE(status.ok()) << status.error().message;
    EXPECT_TRUE(batch.bad.empty());
    EXPECT_LE(batch.entries.size(), maximum);
    if (!status.ok()) break;
    std::move(batch.entries.begin(), batch.entries.end(), std::back_inserter(all));
  } while (!batch.entries.empty());
  return all;
}

}  // namespace freshet::storage
