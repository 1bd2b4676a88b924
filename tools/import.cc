#include "tools/import.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <utility>

#include "core/validate.h"
#include "daemon/event_json.h"
#include "tools/csv_reader.h"
#include "tools/csv_records.h"
#include "tools/line_reader.h"

namespace freshet::tools {
namespace {

constexpr std::uint64_t kRowsBetweenDraws = 1024;

std::int64_t NowMs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string_view IdColumn(InputKind kind) {
  return kind == InputKind::kItemCsv ? "ITEM_ID" : "USER_ID";
}

// A CSV file behind its header, and the plan that the header makes.
template <typename Rows>
struct OpenedCsv {
  std::unique_ptr<CsvReader> reader;
  Rows rows;
};

template <typename Rows, typename FromHeader>
core::Result<OpenedCsv<Rows>> OpenCsv(const std::string& path, FromHeader&& from_header) {
  auto file = InputFile::Open(path);
  if (!file) return file.error();
  auto reader = std::make_unique<CsvReader>(std::move(*file));
  auto header = reader->Next();
  if (!header) return header.error();
  if (*header == nullptr) return core::InvalidArgument(path + ": the file is empty");
  core::Result<Rows> rows = from_header(**header);
  if (!rows) return rows.error().With(path + ":" + std::to_string((*header)->line));
  return OpenedCsv<Rows>{std::move(reader), std::move(*rows)};
}

core::Result<OpenedCsv<EventRows>> OpenEventCsv(const std::string& path) {
  return OpenCsv<EventRows>(path, EventRows::FromHeader);
}

core::Result<OpenedCsv<RecordRows>> OpenRecordCsv(const InputPath& input) {
  return OpenCsv<RecordRows>(input.path, [&](const CsvRow& header) {
    return RecordRows::FromHeader(header, IdColumn(input.kind));
  });
}

core::Status CheckInput(const InputPath& input) {
  switch (input.kind) {
    case InputKind::kEventCsv:
      if (auto opened = OpenEventCsv(input.path); !opened) return opened.error();
      break;
    case InputKind::kEventLines:
      if (auto opened = InputFile::Open(input.path); !opened) return opened.error();
      break;
    case InputKind::kItemCsv:
    case InputKind::kUserCsv:
      if (auto opened = OpenRecordCsv(input); !opened) return opened.error();
      break;
  }
  return {};
}

}  // namespace

core::Status CheckInputs(const std::vector<InputPath>& inputs) {
  for (const InputPath& input : inputs) FRESHET_RETURN_IF_ERROR(CheckInput(input));
  return {};
}

core::Status Import::Read(const InputPath& input) {
  auto key = FileKey(input.path);
  if (!key) return key.error();
  core::Status read;
  switch (input.kind) {
    case InputKind::kEventCsv:
      read = ReadEvents(input, *key);
      break;
    case InputKind::kEventLines:
      read = ReadLines(input, *key);
      break;
    case InputKind::kItemCsv:
    case InputKind::kUserCsv:
      read = ReadRecords(input);
      break;
  }
  bytes_before_ += input.bytes;
  return read;
}

core::Status Import::ReadEvents(const InputPath& input, const std::string& file_key) {
  auto csv = OpenEventCsv(input.path);
  if (!csv) return csv.error();
  while (true) {
    auto row = csv->reader->Next();
    if (!row) return row.error();
    if (*row == nullptr) break;
    const RowOrigin origin{input.path, (*row)->line, (*row)->text, file_key};
    core::LogEntry entry;
    const core::Status parsed = csv->rows.Parse(**row, &std::get<core::Event>(entry));
    FRESHET_RETURN_IF_ERROR(parsed.ok() ? Take(std::move(entry), origin, &counts_.events)
                                        : Refuse(origin, parsed.error().message));
    Show(csv->reader->file());
  }
  counts_.left_out_values += csv->rows.left_out();
  return {};
}

core::Status Import::ReadLines(const InputPath& input, const std::string& file_key) {
  auto file = InputFile::Open(input.path);
  if (!file) return file.error();
  LineReader reader(std::move(*file));
  const std::int64_t received_ms = NowMs();
  while (true) {
    auto line = reader.Next();
    if (!line) return line.error();
    if (*line == nullptr) return {};
    const RowOrigin origin{input.path, (*line)->number, (*line)->text, file_key};
    if ((*line)->too_long) {
      FRESHET_RETURN_IF_ERROR(Refuse(
          origin,
          "the line is longer than " + std::to_string(TextWindow::kMaximumRecordBytes) + " bytes"));
      continue;
    }
    auto event = daemon::DecodeEvent((*line)->text, received_ms);
    FRESHET_RETURN_IF_ERROR(event ? Take(std::move(*event), origin, &counts_.events)
                                  : Refuse(origin, event.error().message));
    Show(reader.file());
  }
}

core::Status Import::ReadRecords(const InputPath& input) {
  auto csv = OpenRecordCsv(input);
  if (!csv) return csv.error();
  const bool items = input.kind == InputKind::kItemCsv;
  while (true) {
    auto row = csv->reader->Next();
    if (!row) return row.error();
    if (*row == nullptr) return {};
    const RowOrigin origin{input.path, (*row)->line, (*row)->text, {}};
    std::string id;
    std::vector<core::Column> columns;
    const core::Status parsed = csv->rows.Parse(**row, &id, &columns);
    if (!parsed.ok()) {
      FRESHET_RETURN_IF_ERROR(Refuse(origin, parsed.error().message));
    } else if (items) {
      core::PutItem item{std::move(id), std::move(columns)};
      FRESHET_RETURN_IF_ERROR(Take(std::move(item), origin, &counts_.items));
    } else {
      core::PutUser user{std::move(id), std::move(columns)};
      FRESHET_RETURN_IF_ERROR(Take(std::move(user), origin, &counts_.users));
    }
    Show(csv->reader->file());
  }
}

core::Status Import::Take(core::LogEntry&& entry, const RowOrigin& origin, std::uint64_t* count) {
  const core::Status valid = core::Validate(entry);
  if (!valid.ok()) return Refuse(origin, valid.error().message);
  ++*count;
  line_ = origin.line;
  return sink_->Add(std::move(entry), origin);
}

core::Status Import::Refuse(const RowOrigin& origin, std::string_view reason) {
  return rejected_->Add(origin.file, origin.line, reason, origin.text);
}

void Import::Show(const InputFile& file) {
  if (++rows_ % kRowsBetweenDraws == 0) progress_->Update(bytes_before_ + file.consumed(), rows_);
}

core::Result<std::string> FileKey(const std::string& path) {
  constexpr std::size_t kFirstBytes = 64 * 1024;
  std::ifstream file(path, std::ios::binary);
  std::string bytes(kFirstBytes, '\0');
  file.read(bytes.data(), kFirstBytes);
  if (file.bad()) return core::IoError(path + ": cannot be read");
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  std::error_code error;
  bytes += std::filesystem::path(path).filename().string();
  bytes += std::to_string(std::filesystem::file_size(path, error));
  // FNV-1a: the same on every machine and in every version.
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  static constexpr std::string_view kHex = "0123456789abcdef";
  std::string key;
  for (int shift = 60; shift >= 0; shift -= 4) key += kHex[(hash >> shift) & 15];
  return key;
}

}  // namespace freshet::tools
