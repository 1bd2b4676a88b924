// The embedded journal: a GroupCommitLog whose entries are records in a RocksDB database.
//
// What holds when writes fail, and why:
//
// 1. An acknowledged entry is in the log for ever at its position. A record is acknowledged only
//    after RocksDB has written it (durability "os") or synced it ("fsync"), and reopening replays
//    RocksDB's write-ahead log up to its last whole record.
// 2. After a failed write the disk may hold nothing of it, a torn piece, or all of it; RocksDB
//    refuses further writes to such a database and its Resume() does not help with a write-ahead
//    log that could not be written. So the journal closes it and opens it again, at most once a
//    second, until that succeeds. Opening reads what the disk really has and moves it into a
//    synced table file, so nothing stays in a log file whose sync has failed once.
// 3. A number belongs to one entry for ever. Records of the refused write that did reach the disk
//    are deleted, by a synced write, before any number of theirs is given again. If the process
//    dies before that, they are found at the next start, become ordinary entries, and numbering
//    goes on after them. So a refused entry can come to be in the log, as in any log whose answer
//    was lost on its way, but never in another's place.
// 4. What was acknowledged and is gone, by whatever hand, is noticed when the journal is opened: by
//    its EndMark, by each record's number, checksum and predecessor, and by looking before
//    RocksDB's opening clears a write-ahead log away. See docs/storage.md.
// 5. Nothing is handed out before its write has succeeded, so what was applied is in the log.
#pragma once

#include <memory>
#include <string>

#include "core/result.h"
#include "storage/event_log.h"
#include "storage/options.h"
#include "storage/received_clock.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace freshet::storage {

// Opens or creates the journal in the folder `path`. `env` (RocksDB's own when null) is how tests
// make files fail; it outlives the journal. kCorruption when files are damaged or of another
// version, kIo. On a full disk it opens to be read; Poll brings what there is and then says
// kExhausted until there is room.
core::Result<std::unique_ptr<EventLog>> OpenRocksJournal(const std::string& path,
                                                         const JournalOptions& options,
                                                         rocksdb::Env* env = nullptr,
                                                         Clocks clocks = Clocks());

}  // namespace freshet::storage
