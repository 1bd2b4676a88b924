#include "storage/rocks_journal.h"

#include <utility>

#include "storage/rocks_entry_table.h"

namespace freshet::storage {

core::Result<std::unique_ptr<EventLog>> OpenRocksJournal(const std::string& path,
                                                         const JournalOptions& options,
                                                         rocksdb::Env* env,
                                                         GroupCommitLog::Clock clock) {
  auto table = RocksEntryTable::Open(path, options, env);
  if (!table) return table.error();
  std::unique_ptr<EventLog> log = std::make_unique<GroupCommitLog>(
      std::move(*table), options.maximum_queued_entries, std::move(clock));
  return log;
}

}  // namespace freshet::storage
