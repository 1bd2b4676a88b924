#include "tools/import.h"

#include <memory>
#include <utility>

namespace freshet::tools {
namespace {

constexpr std::uint64_t kRowsBetweenDraws = 1024;

}  // namespace

core::Status Import::Read(const InputPath& input) {
  auto opened = EntryReader::Open(input, format_);
  if (!opened) return opened.error();
  if (*opened == nullptr) return core::InvalidArgument(input.path + ": there is nothing in it");
  EntryReader& reader = **opened;
  ReadRow row;
  while (true) {
    auto next = reader.Next(&row);
    if (!next) return next.error();
    if (!*next) break;
    const RowOrigin origin{input.path, row.line, row.text, reader.file_key()};
    FRESHET_RETURN_IF_ERROR(Take(&row, origin, CountOf(input.kind)));
    Show(reader.file());
  }
  counts_.left_out_values += reader.left_out();
  bytes_before_ += input.bytes;
  return {};
}

std::uint64_t* Import::CountOf(InputKind kind) {
  if (kind == InputKind::kItems) return &counts_.items;
  return kind == InputKind::kUsers ? &counts_.users : &counts_.events;
}

core::Status Import::Take(ReadRow* row, const RowOrigin& origin, std::uint64_t* count) {
  if (!row->problem.empty()) {
    return rejected_->Add(origin.file, origin.line, row->problem, origin.text);
  }
  ++*count;
  line_ = origin.line;
  return sink_->Add(std::move(row->entry), origin);
}

void Import::Show(const InputFile& file) {
  if (++rows_ % kRowsBetweenDraws == 0) progress_->Update(bytes_before_ + file.consumed(), rows_);
}

}  // namespace freshet::tools
