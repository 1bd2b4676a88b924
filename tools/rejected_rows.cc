#include "tools/rejected_rows.h"

#include <utility>

#include "tools/csv_text.h"

namespace freshet::tools {

RejectedRows::RejectedRows(std::string path) : path_(std::move(path)) {}

core::Status RejectedRows::Add(std::string_view file, std::uint64_t line, std::string_view reason,
                               std::string_view row) {
  if (file_ == nullptr) {
    auto created = OutputFile::Create(path_);
    if (!created) return created.error().With("rejected rows");
    file_ = std::move(*created);
    FRESHET_RETURN_IF_ERROR(file_->Write("FILE,LINE,REASON,ROW\n"));
    first_ = std::string(file) + ":" + std::to_string(line) + ": " + std::string(reason);
  }
  ++count_;
  std::string csv;
  AppendCsvField(file, &csv);
  csv += ',' + std::to_string(line) + ',';
  AppendCsvField(reason, &csv);
  csv += ',';
  AppendCsvField(row, &csv);
  csv += '\n';
  return file_->Write(csv);
}

core::Status RejectedRows::Close() {
  if (file_ == nullptr) return {};
  return std::exchange(file_, nullptr)->Close();
}

}  // namespace freshet::tools
