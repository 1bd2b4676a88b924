#include "storage/rocks_entry_table.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <rocksdb/convenience.h>

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
                                 rocksdb::Env* env)
    : options_(options),
      pacer_(std::make_shared<Pacer>(kRestsPerBite)),
      opening_(OpeningOf(path, pacer_, env)) {
  pacer_->SetGentle(options.flushes_gently);
}

core::Result<std::unique_ptr<RocksEntryTable>> RocksEntryTable::Open(const std::string& path,
                                                                     const JournalOptions& options,
                                                                     rocksdb::Env* env) {
  std::unique_ptr<RocksEntryTable> table(new RocksEntryTable(path, options, env));
  FRESHET_RETURN_IF_ERROR(table->OpenDatabase());
  FRESHET_RETURN_IF_ERROR(table->ReadBounds());
  return table;
}

RocksEntryTable::~RocksEntryTable() {
  reader_.reset();
  pacer_->SetGentle(false);
  if (database_ != nullptr) database_->FlushAll();
}

core::Status RocksEntryTable::OpenDatabase() {
  auto database = OpenRocks(opening_);
  if (!database) return database.error();
  database_ = std::move(*database);
  return {};
}

core::Status RocksEntryTable::ReadBounds() {
  const auto it = NewIterator();
  it->SeekToFirst();
  if (!it->Valid()) return FromRocksStatus(it->status());
  first_ = NumberOf(*it);
  if (auto header = DecodeRecordHeader(View(it->value()))) {
    first_received_ms_ = header->received_ms;
  }
  it->SeekToLast();
  if (!it->Valid()) return FromRocksStatus(it->status());
  const std::uint64_t last = NumberOf(*it);
  if (first_ == 0 || last == 0) {
    return core::Corruption(opening_.path + " holds a key that no journal has");
  }
  // Where a damaged header hides how many numbers the record took, none of them is given again.
  const auto header = DecodeRecordHeader(View(it->value()));
  next_ = last + (header ? header->entry_count : kMaximumRecordEntries);
  written_to_ = next_;
  last_received_ms_ = header ? header->received_ms : first_received_ms_;
  return {};
}

core::Status RocksEntryTable::Write(std::span<const core::StampedEntry> entries) {
  write_batch_.Clear();
  for (std::span<const core::StampedEntry> rest = entries; !rest.empty();) {
    record_.clear();
    const std::size_t count = EncodeRecord(rest, &record_);
    const rocksdb::Status put = write_batch_.Put(NumberKey(rest.front().position.offset), record_);
    if (!put.ok()) return FromRocks(put);
    rest = rest.subspan(count);
  }
  rocksdb::WriteOptions write_options;
  write_options.sync = options_.durability == Durability::kFsync;
  const rocksdb::Status written = database_->db()->Write(write_options, &write_batch_);
  if (!written.ok()) {
    Break(FromRocks(written).With("the journal cannot be written"));
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
  }
  read_next_ = from;
  while (reader_->Valid() && batch->entries.size() + batch->bad.size() < maximum) {
    const std::uint64_t number = NumberOf(*reader_);
    const std::string_view record = View(reader_->value());
    const std::uint64_t read_to = DecodeRecord(number, record, read_next_, maximum, batch);
    const auto header = DecodeRecordHeader(record);
    if (header && read_to < number + header->entry_count) {
      read_next_ = read_to;
      return read_next_;
    }
    reader_->Next();
    read_next_ = reader_->Valid() ? NumberOf(*reader_) : next_;
  }
  if (!reader_->Valid()) {
    const rocksdb::Status status = reader_->status();
    reader_.reset();
    if (!status.ok()) return FromRocks(status).With("the journal cannot be read");
    read_next_ = next_;
  }
  return read_next_;
}

void RocksEntryTable::SkipTo(std::uint64_t next) {
  if (first_ == next_) first_ = next;
  next_ = next;
}

core::Status RocksEntryTable::Recover() {
  if (database_ != nullptr) return {};
  if (std::chrono::steady_clock::now() < next_recovery_) return failure_;
  core::Status status = OpenDatabase();
  if (status.ok()) status = DropRefused();
  next_recovery_ = std::chrono::steady_clock::now() + kRecoveryPause;
  if (status.ok()) return {};
  Break(status.error().With("the journal cannot be opened again"));
  return failure_;
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
      const auto header = DecodeRecordHeader(View(it->value()));
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
    const auto header = DecodeRecordHeader(View(it->value()));
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
  const auto header = DecodeRecordHeader(View(it->value()));
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
  const auto header = DecodeRecordHeader(View(it->value()));
  const std::uint64_t count = header ? header->entry_count : kMaximumRecordEntries;
  if (NumberOf(*it) + count <= number) it->Next();
}

}  // namespace freshet::storage
