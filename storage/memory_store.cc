#include "storage/memory_store.h"

#include <algorithm>

namespace freshet::storage {

core::Status MemoryStore::Commit(const core::RowBatch& rows, const core::Positions& covered,
                                 std::span<const BadEntry> dead_letters) {
  const std::lock_guard lock(contents_->mutex);
  if (failures_left_ > 0) {
    --failures_left_;
    return failure_;
  }
  rows.ForEach([&](const core::RowBatch::Row& row) {
    std::pair key(row.table, std::string(row.key));
    if (row.deleted) {
      contents_->rows.erase(key);
    } else {
      contents_->rows.insert_or_assign(std::move(key), std::string(row.value));
    }
  });
  contents_->covered = covered;
  for (const BadEntry& letter : dead_letters) {
    BadEntry& kept = contents_->dead_letters.emplace_back(letter);
    kept.bytes.resize(std::min(kept.bytes.size(), options_.maximum_dead_letter_bytes));
  }
  while (contents_->dead_letters.size() > options_.maximum_dead_letters) {
    contents_->dead_letters.pop_front();
  }
  return {};
}

core::Status MemoryStore::Load(const Visit& visit) {
  const std::lock_guard lock(contents_->mutex);
  for (const auto& [key, value] : contents_->rows) {
    FRESHET_RETURN_IF_ERROR(visit(key.first, key.second, value));
  }
  return {};
}

core::Result<core::Positions> MemoryStore::Covered() {
  const std::lock_guard lock(contents_->mutex);
  return contents_->covered;
}

core::Status MemoryStore::Cut(const std::string& folder) {
  return core::Unavailable(folder + " cannot be made of a store in memory");
}

core::Result<std::vector<BadEntry>> MemoryStore::DeadLetters() {
  const std::lock_guard lock(contents_->mutex);
  return std::vector<BadEntry>(contents_->dead_letters.begin(), contents_->dead_letters.end());
}

void MemoryStore::FailNextCommits(core::Error error, int times) {
  const std::lock_guard lock(contents_->mutex);
  failure_ = std::move(error);
  failures_left_ = times;
}

}  // namespace freshet::storage
