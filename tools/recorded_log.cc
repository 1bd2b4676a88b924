#include "tools/recorded_log.h"

#include <utility>

#include "tools/import.h"

namespace freshet::tools {
namespace {

// Keeps what is read, in order.
class EntryCollector final : public EntrySink {
 public:
  core::Status Add(core::LogEntry&& entry, const RowOrigin& /*origin*/) override {
    entries_.push_back(std::move(entry));
    return {};
  }
  core::Status Flush() override { return {}; }
  core::Status Close() override { return {}; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return entries_.size(); }
  std::uint64_t duplicates() override { return 0; }

  [[nodiscard]] std::vector<core::LogEntry> TakeEntries() { return std::move(entries_); }

 private:
  std::vector<core::LogEntry> entries_;
};

}  // namespace

core::Result<std::vector<core::LogEntry>> ReadRecordedLog(const std::vector<std::string>& paths,
                                                          InputKind kind) {
  std::vector<InputPath> inputs;
  for (const std::string& path : paths) {
    auto listed = ListInputs(path, kind);
    if (!listed) return listed.error();
    inputs.insert(inputs.end(), listed->begin(), listed->end());
  }
  FRESHET_RETURN_IF_ERROR(CheckInputs(inputs));
  std::uint64_t bytes = 0;
  for (const InputPath& input : inputs) bytes += input.bytes;
  EntryCollector collector;
  RejectedRows rejected(inputs.front().path + ".rejected");
  ProgressBar bar = ProgressOnStandardError("reading", "rows", bytes);
  Import import(&collector, &rejected, &bar);
  for (const InputPath& input : inputs) {
    FRESHET_RETURN_IF_ERROR(import.Read(input));
    if (rejected.count() > 0) return core::InvalidArgument("a row is bad: " + rejected.first());
  }
  bar.Finish(collector.acknowledged());
  return collector.TakeEntries();
}

}  // namespace freshet::tools
