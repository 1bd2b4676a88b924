#include "tools/recorded_log.h"

#include <iostream>
#include <utility>

#include "tools/import.h"
#include "tools/printable_text.h"
#include "tools/time_order.h"

namespace freshet::tools {
namespace {

// Hands on what is read, in order.
class RecordedSink final : public EntrySink {
 public:
  explicit RecordedSink(const std::function<void(core::LogEntry&&)>& use) : use_(use) {}

  core::Status Add(core::LogEntry&& entry, const RowOrigin& /*origin*/) override {
    if (const auto* event = std::get_if<core::Event>(&entry)) order_.Add(event->time_ms);
    use_(std::move(entry));
    ++count_;
    return {};
  }
  core::Status Flush() override { return {}; }
  core::Status Close() override { return {}; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return count_; }
  std::uint64_t duplicates() override { return 0; }
  [[nodiscard]] const TimeOrder& order() const { return order_; }

 private:
  const std::function<void(core::LogEntry&&)>& use_;
  TimeOrder order_;
  std::uint64_t count_ = 0;
};

}  // namespace

core::Status ForEachRecorded(const std::vector<std::string>& paths, InputKind kind,
                             const TableFormat& format,
                             const std::function<void(core::LogEntry&&)>& use) {
  InputList listed;
  for (const std::string& path : paths) {
    auto one = ListInputs(path, kind);
    if (!one) return one.error();
    listed.Append(std::move(*one));
  }
  const auto checked = CheckInputs(listed, format);
  if (!checked) return checked.error();
  for (const std::string& note : checked->notes) std::cerr << PrintableText(note) << '\n';
  std::uint64_t bytes = 0;
  for (const InputPath& input : checked->inputs) bytes += input.bytes;
  RecordedSink reader(use);
  RejectedRows rejected(checked->inputs.front().path + ".rejected");
  ProgressBar bar = ProgressOnStandardError("reading", "rows", bytes);
  Import import(&reader, &rejected, &bar, format);
  for (const InputPath& input : checked->inputs) {
    FRESHET_RETURN_IF_ERROR(import.Read(input));
    if (rejected.count() > 0) return core::InvalidArgument("a row is bad: " + rejected.first());
  }
  bar.Finish(reader.acknowledged());
  if (const std::uint64_t back = reader.order().stepped_back(); back > 0) {
    std::cerr << WithThousands(back)
              << " rows are earlier than one before them; the order of the rows is kept\n";
  }
  return {};
}

core::Result<std::vector<core::LogEntry>> ReadRecordedLog(const std::vector<std::string>& paths,
                                                          InputKind kind,
                                                          const TableFormat& format) {
  std::vector<core::LogEntry> entries;
  FRESHET_RETURN_IF_ERROR(ForEachRecorded(
      paths, kind, format, [&](core::LogEntry&& entry) { entries.push_back(std::move(entry)); }));
  return entries;
}

}  // namespace freshet::tools
