#include "tools/event_sorter.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "storage/entry_codec.h"

namespace freshet::tools {
namespace {

// What stands before a record's text and its entry.
struct RecordHead {
  std::uint64_t line = 0;
  std::uint32_t file = 0;
  std::uint32_t text_bytes = 0;
};

}  // namespace

core::Status EventSorter::Add(core::LogEntry&& entry, const RowOrigin& origin) {
  const auto* event = std::get_if<core::Event>(&entry);
  if (event == nullptr) return next_->Add(std::move(entry), origin);
  order_.Add(event->time_ms);
  const std::size_t begin = bytes_.size();
  const RecordHead head{origin.line, FileIndex(origin),
                        static_cast<std::uint32_t>(origin.text.size())};
  bytes_.append(reinterpret_cast<const char*>(&head), sizeof head);
  bytes_.append(origin.text);
  storage::EncodeEntry(entry, &bytes_);
  held_.push_back({event->time_ms, begin, bytes_.size() - begin});
  const std::size_t used = bytes_.size() + held_.size() * sizeof(Held);
  return used < memory_bytes_ ? core::Status() : WriteRun();
}

std::uint32_t EventSorter::FileIndex(const RowOrigin& origin) {
  if (files_.empty() || files_.back().path != origin.file) {
    files_.push_back({std::string(origin.file), std::string(origin.file_key)});
  }
  return static_cast<std::uint32_t>(files_.size() - 1);
}

void EventSorter::SortHeld() {
  std::stable_sort(held_.begin(), held_.end(),
                   [](const Held& a, const Held& b) { return a.time_ms < b.time_ms; });
}

core::Status EventSorter::WriteRun() {
  SortHeld();
  auto run = SortedRun::Create();
  if (!run) return run.error();
  for (const Held& one : held_) {
    FRESHET_RETURN_IF_ERROR(
        (*run)->Write(one.time_ms, std::string_view(bytes_).substr(one.begin, one.bytes)));
  }
  FRESHET_RETURN_IF_ERROR((*run)->Rewind());
  runs_.push_back(std::move(*run));
  held_.clear();
  bytes_.clear();
  return {};
}

core::Status EventSorter::Flush() {
  if (runs_.empty()) {
    FRESHET_RETURN_IF_ERROR(HandOnHeld());
  } else {
    FRESHET_RETURN_IF_ERROR(WriteRun());
    FRESHET_RETURN_IF_ERROR(Merge());
  }
  return next_->Flush();
}

core::Status EventSorter::HandOnHeld() {
  SortHeld();
  for (const Held& one : held_) {
    FRESHET_RETURN_IF_ERROR(HandOn(std::string_view(bytes_).substr(one.begin, one.bytes)));
  }
  held_.clear();
  bytes_.clear();
  return {};
}

core::Status EventSorter::Merge() {
  // A heap of the runs that have records left. Of equal times the run that was read first is first.
  std::vector<std::size_t> heap;
  const auto is_later = [&](std::size_t a, std::size_t b) {
    const std::int64_t time_a = runs_[a]->time_ms();
    const std::int64_t time_b = runs_[b]->time_ms();
    return time_a != time_b ? time_a > time_b : a > b;
  };
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    auto next = runs_[i]->Next();
    if (!next) return next.error();
    if (*next) heap.push_back(i);
  }
  std::make_heap(heap.begin(), heap.end(), is_later);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), is_later);
    SortedRun& run = *runs_[heap.back()];
    FRESHET_RETURN_IF_ERROR(HandOn(run.record()));
    auto next = run.Next();
    if (!next) return next.error();
    if (*next) {
      std::push_heap(heap.begin(), heap.end(), is_later);
    } else {
      heap.pop_back();
    }
  }
  runs_.clear();
  return {};
}

core::Status EventSorter::HandOn(std::string_view record) {
  RecordHead head;
  std::memcpy(&head, record.data(), sizeof head);
  record.remove_prefix(sizeof head);
  const std::string_view text = record.substr(0, head.text_bytes);
  auto entry = storage::DecodeEntry(record.substr(head.text_bytes));
  if (!entry) return entry.error();
  last_file_ = head.file;
  last_line_ = head.line;
  const File& file = files_[head.file];
  return next_->Add(std::move(*entry), {file.path, head.line, text, file.key});
}

core::Status EventSorter::Close() {
  FRESHET_RETURN_IF_ERROR(Flush());
  return next_->Close();
}

std::string EventSorter::place() const {
  return files_.empty() ? std::string()
                        : files_[last_file_].path + ":" + std::to_string(last_line_);
}

}  // namespace freshet::tools
