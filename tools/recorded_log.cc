#include "tools/recorded_log.h"

#include <utility>

#include "tools/import.h"

namespace freshet::tools {
namespace {

// Hands on what is read, in order.
class EntryReader final : public EntrySink {
 public:
  explicit EntryReader(const std::function<void(core::LogEntry&&)>& use) : use_(use) {}

  core::Status Add(core::LogEntry&& entry, const RowOrigin& /*origin*/) override {
    use_(std::move(entry));
    ++count_;
    return {};
  }
  core::Status Flush() override { return {}; }
  core::Status Close() override { return {}; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return count_; }
  std::uint64_t duplicates() override { return 0; }

 private:
  const std::function<void(core::LogEntry&&)>& use_;
  std::uint64_t count_ = 0;
};

}  // namespace

core::Status ForEachRecorded(const std::vector<std::string>& paths, InputKind kind,
                             const std::function<void(core::LogEntry&&)>& use) {
  std::vector<InputPath> inputs;
  for (const std::string& path : paths) {
    auto listed = ListInputs(path, kind);
    if (!listed) return listed.error();
    inputs.insert(inputs.end(), listed->begin(), listed->end());
  }
  FRESHET_RETURN_IF_ERROR(CheckInputs(inputs));
  std::uint64_t bytes = 0;
  for (const InputPath& input : inputs) bytes += input.bytes;
  EntryReader reader(use);
  RejectedRows rejected(inputs.front().path + ".rejected");
  ProgressBar bar = ProgressOnStandardError("reading", "rows", bytes);
  Import import(&reader, &rejected, &bar);
  for (const InputPath& input : inputs) {
    FRESHET_RETURN_IF_ERROR(import.Read(input));
    if (rejected.count() > 0) return core::InvalidArgument("a row is bad: " + rejected.first());
  }
  bar.Finish(reader.acknowledged());
  return {};
}

core::Result<std::vector<core::LogEntry>> ReadRecordedLog(const std::vector<std::string>& paths,
                                                          InputKind kind) {
  std::vector<core::LogEntry> entries;
  FRESHET_RETURN_IF_ERROR(ForEachRecorded(
      paths, kind, [&](core::LogEntry&& entry) { entries.push_back(std::move(entry)); }));
  return entries;
}

}  // namespace freshet::tools
