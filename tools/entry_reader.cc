#include "tools/entry_reader.h"

#include <chrono>
#include <filesystem>
#include <utility>

#include "core/column_name.h"
#include "core/validate.h"
#include "daemon/event_json.h"
#include "tools/csv_reader.h"
#include "tools/csv_records.h"
#include "tools/file_form.h"
#include "tools/json_records.h"
#include "tools/json_value_reader.h"
#include "tools/line_reader.h"

namespace freshet::tools {
namespace {

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string_view IdColumn(InputKind kind) {
  return kind == InputKind::kItems ? "ITEM_ID" : "USER_ID";
}

// The rows of a table, behind its header.
class TableReader : public EntryReader {
 public:
  TableReader(std::unique_ptr<CsvReader> reader, TableColumns columns)
      : reader_(std::move(reader)), columns_(std::move(columns)) {}

  [[nodiscard]] const InputFile& file() const override { return reader_->file(); }
  [[nodiscard]] std::string said() const override { return columns_.said; }
  [[nodiscard]] bool has_column(std::string_view name) const override {
    return IsSpelled(columns_, name);
  }

 protected:
  // The next row, which it describes in `row`; null at the end.
  core::Result<const CsvRow*> NextCsv(ReadRow* row) {
    auto next = reader_->Next();
    if (!next || *next == nullptr) return next;
    row->line = (*next)->line;
    row->text = (*next)->text;
    row->problem.clear();
    return next;
  }
  CsvReader& reader() { return *reader_; }
  [[nodiscard]] const TableColumns& columns() const { return columns_; }

 private:
  std::unique_ptr<CsvReader> reader_;
  TableColumns columns_;
};

class EventTableReader final : public TableReader {
 public:
  EventTableReader(std::unique_ptr<CsvReader> reader, TableColumns columns)
      : TableReader(std::move(reader), std::move(columns)), rows_(this->columns()) {}

  core::Result<bool> Next(ReadRow* row) override {
    auto next = NextCsv(row);
    if (!next) return next.error();
    if (*next == nullptr) return false;
    if (!std::holds_alternative<core::Event>(row->entry)) row->entry = core::Event();
    core::Status good = rows_.Parse(**next, &std::get<core::Event>(row->entry));
    if (!good.ok()) {
      row->problem = good.error().message;
    } else if (good = core::Validate(row->entry); !good.ok()) {
      row->problem = rows_.WithColumnNames(good.error().message);
    }
    return true;
  }

  core::Result<bool> NextTime(std::optional<std::int64_t>* time) override {
    auto next = reader().Next();
    if (!next) return next.error();
    if (*next == nullptr) return false;
    *time = rows_.TimeOf(**next);
    return true;
  }

  [[nodiscard]] std::uint64_t left_out() const override { return rows_.left_out(); }

 private:
  EventRows rows_;
};

class RecordTableReader final : public TableReader {
 public:
  RecordTableReader(std::unique_ptr<CsvReader> reader, TableColumns columns, InputKind kind)
      : TableReader(std::move(reader), std::move(columns)),
        kind_(kind),
        rows_(this->columns(), IdColumn(kind)) {}

  core::Result<bool> Next(ReadRow* row) override {
    auto next = NextCsv(row);
    if (!next) return next.error();
    if (*next == nullptr) return false;
    std::string id;
    std::vector<core::Column> columns;
    core::Status good = rows_.Parse(**next, &id, &columns);
    if (!good.ok()) {
      row->problem = good.error().message;
      return true;
    }
    row->entry = RecordEntry(kind_, std::move(id), std::move(columns));
    good = core::Validate(row->entry);
    if (!good.ok()) row->problem = rows_.WithColumnNames(good.error().message);
    return true;
  }

  core::Result<bool> NextTime(std::optional<std::int64_t>* time) override {
    ReadRow row;
    time->reset();
    return Next(&row);
  }

 private:
  const InputKind kind_;
  RecordRows rows_;
};

// Files of JSON objects, which `Reader` hands out one by one.
template <typename Reader>
class JsonReader final : public EntryReader {
 public:
  JsonReader(std::unique_ptr<InputFile> file, InputKind kind)
      : reader_(std::move(file)), kind_(kind), received_ms_(NowMs()) {}

  core::Result<bool> Next(ReadRow* row) override {
    auto next = reader_.Next();
    if (!next) return next.error();
    if (*next == nullptr) return false;
    row->line = (*next)->number;
    row->text = (*next)->text;
    row->problem.clear();
    if ((*next)->too_long) {
      row->problem =
          "the line is longer than " + std::to_string(TextWindow::kMaximumRecordBytes) + " bytes";
      return true;
    }
    auto entry = Decode(row->text);
    const core::Status good = entry ? core::Validate(*entry) : core::Status(entry.error());
    if (good.ok()) {
      row->entry = std::move(*entry);
    } else {
      row->problem = good.error().message;
    }
    return true;
  }

  core::Result<bool> NextTime(std::optional<std::int64_t>* time) override {
    ReadRow row;
    auto next = Next(&row);
    const auto* event = std::get_if<core::Event>(&row.entry);
    time->reset();
    if (row.problem.empty() && event != nullptr) *time = event->time_ms;
    return next;
  }

  [[nodiscard]] const InputFile& file() const override { return reader_.file(); }

 private:
  core::Result<core::LogEntry> Decode(std::string_view text) const {
    if (kind_ != InputKind::kEvents) return DecodeRecordLine(kind_, text);
    auto event = daemon::DecodeEvent(text, received_ms_);
    if (!event) return event.error();
    return core::LogEntry(std::move(*event));
  }

  Reader reader_;
  const InputKind kind_;
  const std::int64_t received_ms_;
};

core::Result<std::unique_ptr<EntryReader>> OpenTable(std::unique_ptr<InputFile> file,
                                                     const InputPath& input,
                                                     const TableFormat& format) {
  const std::string path = file->path();
  auto reader = std::make_unique<CsvReader>(std::move(file), format.delimiter);
  CsvRow header;
  for (const std::string& name : format.columns) header.fields.push_back({name, false});
  std::string place = "--columns";
  if (format.columns.empty()) {
    auto first = reader->Next();
    if (!first) return first.error();
    if (*first == nullptr) return std::unique_ptr<EntryReader>();
    header = **first;
    place = path + ":" + std::to_string(header.line);
  }
  auto columns = ColumnsOf(header, input.kind, format);
  if (!columns) return columns.error().With(place);
  if (input.kind == InputKind::kEvents) {
    return std::unique_ptr<EntryReader>(
        std::make_unique<EventTableReader>(std::move(reader), std::move(*columns)));
  }
  return std::unique_ptr<EntryReader>(
      std::make_unique<RecordTableReader>(std::move(reader), std::move(*columns), input.kind));
}

core::Result<std::unique_ptr<EntryReader>> OpenForm(FileForm form, std::unique_ptr<InputFile> file,
                                                    const InputPath& input,
                                                    const TableFormat& format) {
  switch (form) {
    case FileForm::kTable:
      return OpenTable(std::move(file), input, format);
    case FileForm::kJsonLines:
      return std::unique_ptr<EntryReader>(
          std::make_unique<JsonReader<LineReader>>(std::move(file), input.kind));
    case FileForm::kJsonValues:
      return std::unique_ptr<EntryReader>(
          std::make_unique<JsonReader<JsonValueReader>>(std::move(file), input.kind));
  }
  return core::InvalidArgument(input.path + " has no form that is known");
}

}  // namespace

core::Result<std::unique_ptr<EntryReader>> EntryReader::Open(const InputPath& input,
                                                             const TableFormat& format) {
  auto file = InputFile::Open(input.path);
  if (!file) return file.error();
  const auto beginning = (*file)->Beginning();
  if (!beginning) return beginning.error();
  if (beginning->empty()) return std::unique_ptr<EntryReader>();
  auto key = FileKey(file->get());
  if (!key) return key.error();
  const auto form = FormOf((*file)->path(), *beginning, format.delimiter);
  if (!form) return form.error();
  auto reader = OpenForm(*form, std::move(*file), input, format);
  if (reader && *reader != nullptr) (*reader)->file_key_ = std::move(*key);
  return reader;
}

core::Result<std::string> FileKey(InputFile* file) {
  const auto beginning = file->Beginning();
  if (!beginning) return beginning.error();
  std::string bytes(*beginning);
  bytes += std::filesystem::path(file->path()).filename().string();
  bytes += std::to_string(file->size());
  // FNV-1a: the same on every machine and in every version.
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string key;
  for (int shift = 60; shift >= 0; shift -= 4) key += kHex[(hash >> shift) & 15];
  return key;
}

}  // namespace freshet::tools
