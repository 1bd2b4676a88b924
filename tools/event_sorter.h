// EventSorter: a sink that hands events to another one in the order of their times.
//
// Events of equal time keep the order in which they came. They are held in memory up to a limit,
// beyond it on disk. What is no event is handed on at once. Owned by the import; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/log_entry.h"
#include "core/result.h"
#include "tools/entry_sink.h"
#include "tools/sorted_run.h"
#include "tools/time_order.h"

namespace freshet::tools {

class EventSorter final : public EntrySink {
 public:
  static constexpr std::size_t kMemoryBytes = 128U << 20;

  // `next` outlives it.
  explicit EventSorter(EntrySink* next, std::size_t memory_bytes = kMemoryBytes)
      : next_(next), memory_bytes_(memory_bytes) {}

  core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) override;
  // Hands on all events that were added since the last time.
  core::Status Flush() override;
  core::Status Close() override;

  [[nodiscard]] std::uint64_t acknowledged() const override { return next_->acknowledged(); }
  [[nodiscard]] std::uint64_t unanswered() const override { return next_->unanswered(); }
  std::uint64_t duplicates() override { return next_->duplicates(); }

  // Rows that stood behind a later one.
  [[nodiscard]] std::uint64_t stepped_back() const { return order_.stepped_back(); }
  // FILE:LINE of the event that was handed on last.
  [[nodiscard]] std::string place() const;

 private:
  struct File {
    std::string path;
    std::string key;
  };
  // Where a record stands in bytes_.
  struct Held {
    std::int64_t time_ms;
    std::size_t begin;
    std::size_t bytes;
  };

  std::uint32_t FileIndex(const RowOrigin& origin);
  void SortHeld();
  core::Status WriteRun();
  core::Status HandOnHeld();
  core::Status Merge();
  core::Status HandOn(std::string_view record);

  EntrySink* const next_;
  const std::size_t memory_bytes_;
  TimeOrder order_;
  std::vector<File> files_;
  std::string bytes_;  // of the records that are in memory
  std::vector<Held> held_;
  std::vector<std::unique_ptr<SortedRun>> runs_;  // in the order in which they were read
  std::uint32_t last_file_ = 0;
  std::uint64_t last_line_ = 0;
};

}  // namespace freshet::tools
