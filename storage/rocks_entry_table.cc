#include "storage/rocks_entry_table.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include <rocksdb/convenience.h>

#include "storage/file.h"
#include "storage/journal_record.h"
#include "storage/rocks_status.h"
#include "storage/store_values.h"

namespace freshet::storage {
namespace {

constexpr std::size_t kReplayReadahead = 2 << 20;
constexpr std::chrono::seconds kRecoveryPause{1};
// Trim waits until this part of what it may keep is there to drop, so that it drops in big steps.
constexpr std::uint64_t kStepsOfRetention = 16;
// Every so many drops their marks are flushed with what they cover, so that they stay few.
constexpr std::uint64_t kDropsBetweenFlushes = 64;
// Half a processor writes tables faster than entries come.
constexpr int kRestsPerBite = 1;

rocksdb::Options TableOptions(std::shared_ptr<const Pacer> pacer, rocksdb::Env* env) {
  rocksdb::Options options = CommonOptions(env, std::move(pacer));
  options.write_buffer_size = 64 << 20;
  options.max_write_buffer_number = 4;
  // Numbers only grow, so tables never overlap: they move to level 1 without being rewritten, and
  // stay there.
  options.num_levels = 2;
  options.level0_file_num_compaction_trigger = 2;
  options.level_compaction_dynamic_level_bytes = false;
  options.max_bytes_for_level_base = 1ULL << 50;
  return options;
}

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// The number that the record's key gives it; 0 when that is no key of ours.
std::uint64_t NumberOf(const rocksdb::Iterator& it) {
  std::uint64_t number = 0;
  return ParseNumberKey(View(it.key()), &number) ? number : 0;
}

RocksOpening OpeningOf(const std::string& path, std::shared_ptr<const Pacer> pacer,
                       rocksdb::Env* env) {
  const rocksdb::Options options = TableOptions(std::move(pacer), env);
  return {
      .path = path, .options = options, .families = {{rocksdb::kDefaultColumnFamilyName, options}}};
}

}  // namespace

RocksEntryTable::RocksEntryTable(const std::string& path, const JournalOptions& options,
                                 rocksdb::Env* env, Clocks::Source monotonic_us)
    : options_(options),
      pacer_(std::make_shared<Pacer>(kRestsPerBite)),
      opening_(OpeningOf(path, pacer_, env)),
      monotonic_us_(std::move(monotonic_us)) {
  pacer_->SetGentle(options.flushes_gently);
}

core::Result<std::unique_ptr<RocksEntryTable>> RocksEntryTable::Open(const std::string& path,
                                                                     const JournalOptions& options,
                                                                     rocksdb::Env* env,
                                                                     Clocks::Source monotonic_us) {
  std::unique_ptr<RocksEntryTable> table(
      new RocksEntryTable(path, options, env, std::move(monotonic_us)));
  FRESHET_RETURN_IF_ERROR(table->OpenMark());
  if (options.read_only) {
    auto to_read = OpenRocksToRead(table->opening_);
    if (!to_read) return to_read.error();
    table->database_ = std::move(*to_read);
    FRESHET_RETURN_IF_ERROR(table->AdoptBounds());
    return table;
  }
  if (!options.salvage) FRESHET_RETURN_IF_ERROR(table->Inspect());
  core::Status opened = options.salvage ? table->OpenOrBeginAnew() : table->OpenDatabase();
  if (!opened.ok()) {
    if (opened.error().code != core::ErrorCode::kExhausted) return opened.error();
    auto to_read = OpenRocksToRead(table->opening_);
    if (!to_read) return opened.error();
    table->database_ = std::move(*to_read);
    table->failure_ = opened.error().With("the journal cannot be written");
  }
  FRESHET_RETURN_IF_ERROR(table->AdoptBounds());
  return table;
}

RocksEntryTable::~RocksEntryTable() {
  reader_.reset();
  pacer_->SetGentle(false);
  if (database_ == nullptr || database_->read_only() || !database_->FlushAll()) return;
  Reach reach = mark_->reach();
  reach.may_lose_end = false;
  if (Mark(reach).ok()) (void)mark_->Sync();
}

core::Status RocksEntryTable::OpenMark() {
  const std::string& path = opening_.path;
  const bool is_new = !HasDatabase(path);
  const auto before = EndMark::Open(path);
  if (!before && (is_new || options_.salvage)) {
    if (!is_new) {
      options_.salvage(before.error().message + ": how far the journal reached is unknown");
    }
    FRESHET_RETURN_IF_ERROR(MakeFolder(path));
    FRESHET_RETURN_IF_ERROR(EndMark::Create(path, {}));
  }
  auto mark = EndMark::Open(path);
  if (!mark) return mark.error();
  mark_.emplace(std::move(*mark));
  reported_to_ = mark_->reach().salvaged_to;
  end_may_be_lost_ = mark_->reach().may_lose_end && mark_->rebooted();
  if (!mark_->rebooted() && mark_->reach().stamped_at_us > 0) {
    idle_us_ = monotonic_us_() - mark_->reach().stamped_at_us;
  }
  return {};
}

// RocksDB's opening clears the write-ahead log away, and with it what a refusal is about. So it is
// looked at before.
core::Status RocksEntryTable::Inspect() {
  if (!HasLogToReplay(opening_.path)) return {};
  auto database = OpenRocksToRead(opening_);
  if (!database) return database.error();
  database_ = std::move(*database);
  core::Status status = ReadBounds();
  if (status.ok()) status = CheckBounds();
  reader_.reset();
  database_.reset();
  return status;
}

core::Status RocksEntryTable::OpenDatabase() {
  auto database = OpenRocks(opening_);
  if (!database) return database.error();
  database_ = std::move(*database);
  return {};
}

core::Status RocksEntryTable::OpenOrBeginAnew() {
  auto database = SalvageRocks(opening_);
  if (database) {
    database_ = std::move(*database);
    return {};
  }
  if (database.error().code != core::ErrorCode::kCorruption) return database.error();
  const auto aside = MoveAside(opening_.path);
  if (!aside) return aside.error();
  options_.salvage("nothing of the journal can be read: " + database.error().message +
                   "; it is now in " + *aside + ", and a new one begins");
  FRESHET_RETURN_IF_ERROR(MakeFolder(opening_.path));
  FRESHET_RETURN_IF_ERROR(EndMark::Create(opening_.path, mark_->reach()));
  auto mark = EndMark::Open(opening_.path);
  if (!mark) return mark.error();
  mark_.emplace(std::move(*mark));
  return OpenDatabase();
}

// Once what is there has been compared with the mark, the mark says what is there.
core::Status RocksEntryTable::AdoptBounds() {
  FRESHET_RETURN_IF_ERROR(ReadBounds());
  FRESHET_RETURN_IF_ERROR(CheckBounds());
  if (database_->read_only()) return {};
  Reach reach = mark_->reach();
  const bool loses = options_.durability == Durability::kOs;
  if (options_.salvage) {
    next_ = std::max(next_, reach.end);
    reach.first = first_;
    reach.end = written_to_;
    reach.salvaged_to = reported_to_ = next_;
  }
  if (end_may_be_lost_) reach.end = written_to_;
  if (!options_.salvage && !end_may_be_lost_ && reach.may_lose_end == loses) return {};
  reach.may_lose_end = loses;
  FRESHET_RETURN_IF_ERROR(Mark(reach));
  return mark_->Sync();
}

core::Status RocksEntryTable::ReadBounds() {
  first_ = next_ = written_to_ = 1;
  const auto it = NewIterator();
  it->SeekToFirst();
  if (!it->Valid()) return FromRocksStatus(it->status());
  first_ = NumberOf(*it);
  const auto first_header = DecodeRecordHeader(first_, View(it->value()));
  if (first_header) first_received_ms_ = first_header->received_ms;
  it->SeekToLast();
  if (!it->Valid()) return FromRocksStatus(it->status());
  const std::uint64_t last = NumberOf(*it);
  if (first_ == 0 || last == 0) {
    return core::Corruption(opening_.path + " holds a key that no journal has");
  }
  const auto header = DecodeRecordHeader(last, View(it->value()));
  if (!header && !options_.salvage) return header.error();
  // Where a damaged header hides how many numbers the record took, none of them is given again.
  next_ = last + (header ? header->entry_count : kMaximumRecordEntries);
  written_to_ = next_;
  last_received_ms_ = header ? header->received_ms : first_received_ms_;
  return {};
}

core::Status RocksEntryTable::CheckBounds() {
  const Reach& reach = mark_->reach();
  if (written_to_ < reach.end && !end_may_be_lost_) {
    FRESHET_RETURN_IF_ERROR(Missing(written_to_, reach.end, "the journal has lost its end"));
  }
  if (first_ > reach.first && first_ < written_to_) {
    FRESHET_RETURN_IF_ERROR(Missing(reach.first, first_, "the journal has lost its beginning"));
  }
  return CheckJoints();
}

// A table that is missing leaves a gap before the next one. Reading every record would take too
// long at a start; what replay reads is checked then, and `freshet check` reads all.
core::Status RocksEntryTable::CheckJoints() {
  std::vector<rocksdb::LiveFileMetaData> tables;
  database_->db()->GetLiveFilesMetaData(&tables);
  const auto it = NewIterator();
  for (const rocksdb::LiveFileMetaData& table : tables) {
    std::uint64_t number = 0;
    if (!ParseNumberKey(table.smallestkey, &number) || number <= first_) continue;
    it->SeekForPrev(NumberKey(number - 1));
    if (!it->Valid()) continue;
    const auto before = DecodeRecordHeader(NumberOf(*it), View(it->value()));
    const std::uint64_t end = NumberOf(*it) + (before ? before->entry_count : 0);
    it->Next();
    if (!before || !it->Valid()) continue;
    const auto after = DecodeRecordHeader(NumberOf(*it), View(it->value()));
    if (!after || after->previous_end == end) continue;
    FRESHET_RETURN_IF_ERROR(Missing(end, NumberOf(*it), "a table of the journal is gone"));
  }
  return {};
}

// Refuses, or reports once what a salvage cannot bring back.
core::Status RocksEntryTable::Missing(std::uint64_t from, std::uint64_t to, const std::string& why,
                                      LogBatch* batch) {
  const std::string text = opening_.path + ": entries " + std::to_string(from) + " to " +
                           std::to_string(to - 1) + " are missing: " + why;
  if (!options_.salvage && to > reported_to_) return core::Corruption(text);
  if (batch != nullptr) batch->bad.push_back({{0, from}, last_received_ms_, text, {}});
  if (options_.salvage) options_.salvage(text);
  return {};
}

core::Status RocksEntryTable::Mark(const Reach& reach) { return mark_->Write(reach); }

core::Status RocksEntryTable::Write(std::span<const core::StampedEntry> entries) {
  write_batch_.Clear();
  std::uint64_t previous_end = written_to_;
  for (std::span<const core::StampedEntry> rest = entries; !rest.empty();) {
    record_.clear();
    const std::size_t count = EncodeRecord(rest, previous_end, &record_);
    const rocksdb::Status put = write_batch_.Put(NumberKey(rest.front().position.offset), record_);
    if (!put.ok()) return FromRocks(put);
    previous_end = rest[count - 1].position.offset + 1;
    rest = rest.subspan(count);
  }
  rocksdb::WriteOptions write_options;
  write_options.sync = options_.durability == Durability::kFsync;
  const rocksdb::Status written = database_->db()->Write(write_options, &write_batch_);
  if (!written.ok()) {
    Break(FromRocks(written).With("the journal cannot be written"));
    return failure_;
  }
  Reach reach = mark_->reach();
  if (first_ == next_) reach.first = entries.front().position.offset;
  reach.end = entries.back().position.offset + 1;
  reach.stamped_at_us = monotonic_us_();
  if (core::Status marked = Mark(reach); !marked.ok()) {
    Break(marked.error().With("the journal cannot be written"));
    return failure_;
  }
  reader_.reset();
  if (first_ == next_) {
    first_ = entries.front().position.offset;
    first_received_ms_ = entries.front().received_ms;
  }
  next_ = entries.back().position.offset + 1;
  written_to_ = next_;
  last_received_ms_ = entries.back().received_ms;
  return {};
}

core::Result<std::uint64_t> RocksEntryTable::Read(std::uint64_t from, std::size_t maximum,
                                                  LogBatch* batch) {
  if (reader_ == nullptr || read_next_ != from) {
    reader_ = NewIterator(kReplayReadahead);
    SeekRecord(reader_.get(), from);
    record_end_ = 0;
  }
  read_next_ = from;
  while (batch->entries.size() + batch->bad.size() < maximum) {
    FRESHET_RETURN_IF_ERROR(PassUnreadable(batch));
    if (!reader_->Valid()) break;
    const std::uint64_t number = NumberOf(*reader_);
    const auto header = DecodeRecordHeader(number, View(reader_->value()));
    if (!header) return header.error();
    read_next_ = DecodeRecord(number, View(reader_->value()), read_next_, maximum, batch);
    record_end_ = number + header->entry_count;
    if (read_next_ < record_end_) {
      record_end_ = header->previous_end;  // the same record comes next
      return read_next_;
    }
    reader_->Next();
  }
  if (!reader_->Valid() && reader_->status().ok()) {
    reader_.reset();
    read_next_ = next_;
  }
  return read_next_;
}

// Moves the reader over what cannot be read to the next record that can, or to the end, when a
// salvage permits that; else an error. Says which entries are missing before it.
core::Status RocksEntryTable::PassUnreadable(LogBatch* batch) {
  std::string why = "the journal has a gap";
  const std::uint64_t begin = record_end_ > 0 ? record_end_ : read_next_;
  std::optional<RecordHeader> header;
  std::uint64_t number = begin;
  for (;;) {
    if (!reader_->Valid()) {
      if (reader_->status().ok()) break;
      why = FromRocks(reader_->status()).message;
      if (!options_.salvage && begin >= reported_to_) {
        return FromRocks(reader_->status()).With("the journal cannot be read");
      }
      SkipUnreadable(number);
      continue;
    }
    number = NumberOf(*reader_);
    auto decoded = DecodeRecordHeader(number, View(reader_->value()));
    if (decoded) {
      header = *decoded;
      break;
    }
    why = decoded.error().message;
    if (!options_.salvage && number >= reported_to_) return decoded.error();
    reader_->Next();
  }
  const std::uint64_t end = header ? number : written_to_;
  const bool is_first = record_end_ == 0;
  const bool follows = !header ? begin >= written_to_
                               : (is_first ? header->previous_end <= begin || number <= begin
                                           : header->previous_end == record_end_);
  if (follows || end <= begin) return {};
  record_end_ = header ? header->previous_end : written_to_;
  read_next_ = std::max(read_next_, end);
  return Missing(begin, end, why, batch);
}

// Sets the reader to the first record after number `bad` that can be read. What cannot is one
// stretch: a damaged block, or a table.
void RocksEntryTable::SkipUnreadable(std::uint64_t bad) {
  const auto reads = [&](std::uint64_t number) {
    reader_->Seek(NumberKey(number));
    return reader_->Valid() || reader_->status().ok();
  };
  std::uint64_t step = 1;
  while (!reads(bad + step) && bad < written_to_) {
    bad += step;
    step *= 2;
  }
  std::uint64_t good = bad + step;
  while (good - bad > 1) {
    const std::uint64_t middle = bad + (good - bad) / 2;
    (reads(middle) ? good : bad) = middle;
  }
  reads(good);
}

core::Status RocksEntryTable::SkipTo(std::uint64_t next) {
  if (!options_.salvage && !end_may_be_lost_ && next > reported_to_) {
    return core::Corruption(opening_.path + " ends before entry " + std::to_string(next_) +
                            ", but the checkpoint covers everything before entry " +
                            std::to_string(next) + ": the journal has lost its end");
  }
  if (options_.salvage) {
    options_.salvage(opening_.path + ": entries " + std::to_string(next_) + " to " +
                     std::to_string(next - 1) +
                     " are missing; what they taught is in the checkpoint");
  }
  if (first_ == next_) first_ = next;
  next_ = next;
  reported_to_ = std::max(reported_to_, next);
  if (database_ == nullptr || database_->read_only()) return {};
  Reach reach = mark_->reach();
  reach.salvaged_to = reported_to_;
  FRESHET_RETURN_IF_ERROR(Mark(reach));
  return mark_->Sync();
}

core::Status RocksEntryTable::Recover() {
  if (options_.read_only) return {};
  FRESHET_RETURN_IF_ERROR(CheckFolder());
  if (database_ != nullptr && !database_->read_only()) return {};
  if (std::chrono::steady_clock::now() < next_recovery_) return failure_;
  const bool reads = database_ != nullptr;
  reader_.reset();
  // What is open to be read stays so until the other is open.
  core::Status status = HasDatabase(opening_.path)
                            ? OpenDatabase()
                            : core::IoError(opening_.path + " is not there any more");
  if (status.ok()) status = reads ? AdoptBounds() : DropRefused();
  next_recovery_ = std::chrono::steady_clock::now() + kRecoveryPause;
  if (status.ok()) return {};
  if (database_ != nullptr && database_->read_only()) return failure_;
  Break(status.error().With("the journal cannot be opened again"));
  return failure_;
}

// At most once in a while, as it asks the file system.
core::Status RocksEntryTable::CheckFolder() {
  constexpr std::chrono::milliseconds kPause{100};
  const auto now = std::chrono::steady_clock::now();
  if (!options_.check_folder || now < next_folder_check_) return folder_status_;
  next_folder_check_ = now + kPause;
  folder_status_ = options_.check_folder();
  return folder_status_;
}

// Deletes what a refused write has left. REQUIRES: a Write has failed and nothing was written
// since.
core::Status RocksEntryTable::DropRefused() {
  const auto it = NewIterator();
  rocksdb::WriteBatch refused;
  std::uint64_t found_to = 1;
  for (SeekRecord(it.get(), written_to_ - 1); it->Valid(); it->Next()) {
    const std::uint64_t number = NumberOf(*it);
    if (number < written_to_) {
      const auto header = DecodeRecordHeader(NumberOf(*it), View(it->value()));
      found_to = number + (header ? header->entry_count : kMaximumRecordEntries);
    } else {
      FRESHET_RETURN_IF_ERROR(FromRocksStatus(refused.Delete(it->key())));
    }
  }
  FRESHET_RETURN_IF_ERROR(FromRocksStatus(it->status()));
  if (found_to != written_to_) {
    return core::Corruption("acknowledged entries are missing: it ends before entry " +
                            std::to_string(found_to) + " and should end before entry " +
                            std::to_string(written_to_));
  }
  if (refused.Count() == 0) return {};
  rocksdb::WriteOptions write_options;
  write_options.sync = true;
  return FromRocksStatus(database_->db()->Write(write_options, &refused));
}

void RocksEntryTable::Break(core::Error error) {
  reader_.reset();
  database_.reset();
  failure_ = std::move(error);
}

core::Status RocksEntryTable::Trim(std::uint64_t covered, std::int64_t now_ms) {
  // The newest entry stays, so that numbering goes on from it whatever was dropped.
  const std::uint64_t most = std::min(covered, written_to_ - 1);
  if (most <= first_) return {};
  const auto by_age = CutByAge(most, now_ms);
  if (!by_age) return by_age.error();
  const auto by_size = CutBySize(most);
  if (!by_size) return by_size.error();
  const std::uint64_t before = std::max(*by_age, *by_size);
  return before > first_ ? Drop(before) : core::Status();
}

core::Result<std::uint64_t> RocksEntryTable::CutByAge(std::uint64_t covered, std::int64_t now_ms) {
  const std::int64_t oldest_kept_ms = now_ms - options_.retention_ms;
  const std::int64_t step_ms = options_.retention_ms / static_cast<std::int64_t>(kStepsOfRetention);
  if (first_received_ms_ > oldest_kept_ms - step_ms) return first_;
  // received_ms never decreases from number to number.
  const auto it = NewIterator();
  std::uint64_t low = first_;
  std::uint64_t high = covered;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    SeekRecord(it.get(), middle);
    if (!it->Valid()) break;
    const auto header = DecodeRecordHeader(NumberOf(*it), View(it->value()));
    const bool is_old = !header || header->received_ms <= oldest_kept_ms;
    const std::uint64_t end = NumberOf(*it) + (header ? header->entry_count : 1);
    if (is_old) {
      low = std::max(middle + 1, std::min(end, high));
    } else {
      high = middle;
    }
  }
  FRESHET_RETURN_IF_ERROR(FromRocksStatus(it->status()));
  return std::min(low, covered);
}

core::Result<std::uint64_t> RocksEntryTable::CutBySize(std::uint64_t covered) {
  std::uint64_t tables = 0;
  std::uint64_t memory = 0;
  if (!database_->db()->GetIntProperty(rocksdb::DB::Properties::kLiveSstFilesSize, &tables) ||
      !database_->db()->GetIntProperty(rocksdb::DB::Properties::kSizeAllMemTables, &memory)) {
    return core::Error{core::ErrorCode::kInternal, "RocksDB does not tell the journal's size"};
  }
  const std::uint64_t bytes = tables + memory;
  const std::uint64_t keep = options_.retention_bytes;
  if (bytes <= keep + keep / kStepsOfRetention) return first_;
  // Entries differ little in size over the whole journal, and the next call sees what is left.
  const double excess = static_cast<double>(bytes - keep) / static_cast<double>(bytes);
  const auto numbers =
      static_cast<std::uint64_t>(excess * static_cast<double>(written_to_ - first_));
  return std::min(first_ + numbers, covered);
}

// Drops whole records only, so the record that holds `before` stays.
core::Status RocksEntryTable::Drop(std::uint64_t before) {
  const auto kept = RecordAt(before);
  if (!kept) return kept.error();
  if (kept->number <= first_) return {};
  // Before they are dropped, so that what is gone is never more than what the mark says.
  Reach reach = mark_->reach();
  reach.first = kept->number;
  FRESHET_RETURN_IF_ERROR(Mark(reach));
  FRESHET_RETURN_IF_ERROR(mark_->Sync());
  rocksdb::DB* db = database_->db();
  const std::string begin = NumberKey(0);
  const std::string end = NumberKey(kept->number);
  const rocksdb::Status dropped =
      db->DeleteRange(rocksdb::WriteOptions(), database_->family(0), begin, end);
  if (!dropped.ok()) {
    Break(FromRocks(dropped).With("the journal cannot be trimmed"));
    return failure_;
  }
  first_ = kept->number;
  first_received_ms_ = kept->received_ms;
  const rocksdb::Slice from(begin);
  const rocksdb::Slice to(end);
  FRESHET_RETURN_IF_ERROR(
      FromRocksStatus(rocksdb::DeleteFilesInRange(db, database_->family(0), &from, &to, false)));
  if (++drops_ % kDropsBetweenFlushes != 0) return {};
  rocksdb::FlushOptions flush;
  flush.wait = false;
  return FromRocksStatus(db->Flush(flush));
}

core::Result<RocksEntryTable::StoredRecord> RocksEntryTable::RecordAt(std::uint64_t number) const {
  const auto it = NewIterator();
  SeekRecord(it.get(), number);
  if (!it->Valid()) {
    FRESHET_RETURN_IF_ERROR(FromRocksStatus(it->status()));
    return StoredRecord{first_, first_received_ms_};
  }
  const auto header = DecodeRecordHeader(NumberOf(*it), View(it->value()));
  return StoredRecord{NumberOf(*it), header ? header->received_ms : first_received_ms_};
}

std::unique_ptr<rocksdb::Iterator> RocksEntryTable::NewIterator(std::size_t readahead_bytes) const {
  rocksdb::ReadOptions read_options;
  read_options.readahead_size = readahead_bytes;
  return std::unique_ptr<rocksdb::Iterator>(database_->db()->NewIterator(read_options));
}

void RocksEntryTable::SeekRecord(rocksdb::Iterator* it, std::uint64_t number) const {
  it->SeekForPrev(NumberKey(number));
  if (!it->Valid()) {
    if (it->status().ok()) it->SeekToFirst();
    return;
  }
  const auto header = DecodeRecordHeader(NumberOf(*it), View(it->value()));
  const std::uint64_t count = header ? header->entry_count : kMaximumRecordEntries;
  if (NumberOf(*it) + count <= number) it->Next();
}

}  // namespace freshet::storage
