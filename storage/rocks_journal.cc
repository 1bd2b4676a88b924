#include "storage/rocks_journal.h"

#include <utility>

#include "storage/group_commit_log.h"
#include "storage/rocks_entry_table.h"

namespace freshet::storage {

core::Result<std::unique_ptr<EventLog>> OpenRocksJournal(const std::string& path,
                                                         const JournalOptions& options,
                                                         rocksdb::Env* env, Clocks clocks) {
  auto table = RocksEntryTable::Open(path, options, env, clocks.monotonic_us);
  if (!table) return table.error();
  std::unique_ptr<EventLog> log = std::make_unique<GroupCommitLog>(
      std::move(*table), options.maximum_queued_entries, std::move(clocks));
  return log;
}

}  // namespace freshet::storage
