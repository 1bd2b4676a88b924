#include "storage/rocks_store.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <rocksdb/db.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>

#include "storage/end_mark.h"
#include "storage/file.h"
#include "storage/rocks_open.h"
#include "storage/rocks_pacing.h"
#include "storage/rocks_status.h"
#include "storage/store_values.h"

namespace freshet::storage {
namespace {

constexpr std::string_view kFormatKey = "format";
constexpr std::string_view kFormat = "2";
constexpr std::string_view kPositionsKey = "positions";
constexpr std::string_view kCommitsKey = "commits";

constexpr std::size_t kOwnFamily = 0;
constexpr std::size_t kFirstTable = 1;
constexpr std::size_t kDeadFamily = kFirstTable + core::kTableCount;

constexpr std::size_t kLoadReadahead = 2 << 20;
constexpr int kRestsPerBite = 9;          // a tenth of a processor, while the pace is gentle
constexpr std::size_t kRowsPerRest = 64;  // put into a batch, at least
// Of the memory that a commit took, so that the next one need not get it from the system again.
constexpr std::size_t kKeptBytes = 64U << 20;

std::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
rocksdb::Slice Slice(std::string_view text) { return {text.data(), text.size()}; }

std::size_t FamilyOf(core::Table table) { return kFirstTable + static_cast<std::size_t>(table); }

// The own fact of that name; empty when it was never written.
core::Result<std::string> ReadFact(const RocksDatabase& database, std::string_view name) {
  std::string value;
  const rocksdb::Status status =
      database.db()->Get(rocksdb::ReadOptions(), database.family(kOwnFamily), Slice(name), &value);
  if (!status.ok() && !status.IsNotFound()) return FromRocks(status);
  return value;
}

RocksOpening OpeningOf(const std::string& path, const std::shared_ptr<const Pacer>& pacer,
                       rocksdb::Env* env) {
  rocksdb::Options options = CommonOptions(env, pacer);
  options.write_buffer_size = 16 << 20;
  // The disk gets a checkpoint bit by bit, so that an acknowledgement's sync need not wait for it.
  options.wal_bytes_per_sync = 256 << 10;
  options.db_write_buffer_size = 64 << 20;
  options.max_total_wal_size = 32 << 20;  // what a start after a crash has to replay
  // Rows come in order of their keys: each finds its place in the memtable beside the one before.
  // Only where no range is ever deleted (DeleteRange): RocksDB would mix up the two memtables'
  // hints.
  options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(0));
  options.memtable_factory = PacedMemtables(pacer);
  std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, options}};
  for (std::size_t i = 0; i < core::kTableCount; ++i) {
    families.emplace_back(std::string(core::TableName(static_cast<core::Table>(i))), options);
  }
  families.emplace_back("dead", options);
  return {.path = path, .options = options, .families = std::move(families)};
}

core::Error UnknownTable(const std::string& path, const std::string& name) {
  return core::Corruption(path + " has a table \"" + name + "\", which this version does not know");
}

// See rocks_store.h. One thread at a time.
class RocksStore : public CheckpointStore {
 public:
  RocksStore(const std::string& path, const StoreOptions& options, rocksdb::Env* env)
      : options_(options), opening_(OpeningOf(path, pacer_, env)) {}
  ~RocksStore() override {
    pacer_->SetGentle(false);
    if (is_writable() && database_->FlushAll() && mark_) (void)mark_->Sync();
  }
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  // Opens the database when it is not open to be written.
  core::Status Open();
  // The same; on a full disk to be read only.
  core::Status OpenAtLeastToRead();
  // Opens what is whole, or puts it aside and begins anew.
  core::Status OpenSalvaged();

  core::Status Commit(const core::RowBatch& rows, const core::Positions& covered,
                      std::span<const BadEntry> dead_letters) override;
  void SetPace(Pace pace) override { pacer_->SetGentle(pace == Pace::kGentle); }
  core::Status Load(const Visit& visit) override;
  core::Result<core::Positions> Covered() override;
  core::Status Cut(const std::string& folder) override;
  core::Result<std::vector<BadEntry>> DeadLetters() override;

 private:
  [[nodiscard]] bool is_writable() const { return database_ != nullptr && !database_->read_only(); }
  core::Status OpenMark();
  core::Status Inspect();
  core::Status CheckCommits();
  core::Status ReadAll();
  core::Status CheckFamilies();
  core::Status CheckFormat();
  core::Status ReadBounds();
  // Commits by way of batch_, which is empty.
  core::Status Write(const core::RowBatch& rows, const core::Positions& covered,
                     std::span<const BadEntry> dead_letters);
  core::Result<std::uint64_t> PutDeadLetters(std::span<const BadEntry> letters);
  core::Status LoadTable(core::Table table, const Visit& visit);
  std::unique_ptr<rocksdb::Iterator> NewIterator(std::size_t family) const;

  const StoreOptions options_;
  const std::shared_ptr<Pacer> pacer_ = std::make_shared<Pacer>(kRestsPerBite);
  const RocksOpening opening_;
  std::unique_ptr<RocksDatabase> database_;  // null after a failed write
  std::optional<EndMark> mark_;
  std::uint64_t commits_ = 0;     // made in this store, ever
  rocksdb::WriteBatch batch_;     // of one commit, empty between them
  std::uint64_t first_dead_ = 0;  // dead letters have the numbers [first_dead_, next_dead_)
  std::uint64_t next_dead_ = 0;
  bool commit_failed_ = false;
};

core::Status RocksStore::Open() {
  if (is_writable()) return {};
  FRESHET_RETURN_IF_ERROR(CheckFamilies());
  if (options_.compacts_in_spare_time) {
    // Not flushes: an acknowledgement may wait for one. Where it is not permitted nothing happens.
    opening_.options.env->LowerThreadPoolCPUPriority(rocksdb::Env::LOW, rocksdb::CpuPriority::kIdle)
        .PermitUncheckedError();
  }
  FRESHET_RETURN_IF_ERROR(OpenMark());
  FRESHET_RETURN_IF_ERROR(Inspect());
  auto database = OpenRocks(opening_);
  if (!database) return database.error();
  database_ = std::move(*database);
  core::Status status = CheckFormat();
  if (status.ok()) status = ReadBounds();
  if (status.ok()) status = CheckCommits();
  if (!status.ok()) database_.reset();
  return status;
}

core::Status RocksStore::OpenAtLeastToRead() {
  if (options_.read_only) FRESHET_RETURN_IF_ERROR(OpenMark());
  core::Status opened =
      options_.read_only ? core::Status(core::Error{core::ErrorCode::kExhausted, ""}) : Open();
  if (opened.ok() || opened.error().code != core::ErrorCode::kExhausted) return opened;
  auto to_read = OpenRocksToRead(opening_);
  if (!to_read) return options_.read_only ? core::Status(to_read.error()) : opened;
  database_ = std::move(*to_read);
  FRESHET_RETURN_IF_ERROR(ReadBounds());
  return CheckCommits();
}

core::Status RocksStore::OpenSalvaged() {
  core::Status whole = Open();
  if (whole.ok()) whole = ReadAll();
  if (whole.ok() || whole.error().code != core::ErrorCode::kCorruption) return whole;
  database_.reset();
  mark_.reset();
  const auto aside = MoveAside(opening_.path);
  if (!aside) return aside.error();
  options_.salvage("the checkpoint is not whole: " + whole.error().message + "; it is now in " +
                   *aside + ", and a new one is made of the events that the log still has");
  return Open();
}

core::Status RocksStore::OpenMark() {
  if (mark_) return {};
  if (!HasDatabase(opening_.path) && !EndMark::IsThere(opening_.path)) {
    FRESHET_RETURN_IF_ERROR(MakeFolder(opening_.path));
    FRESHET_RETURN_IF_ERROR(EndMark::Create(opening_.path, {.first = 0, .end = 0}));
  }
  auto mark = EndMark::Open(opening_.path);
  if (!mark) return mark.error();
  mark_.emplace(std::move(*mark));
  return {};
}

// RocksDB's opening clears the write-ahead log away, and with it what a refusal is about. So it is
// looked at before.
core::Status RocksStore::Inspect() {
  if (!HasLogToReplay(opening_.path) || mark_->reach().end == 0) return {};
  auto database = OpenRocksToRead(opening_);
  if (!database) return database.error();
  database_.swap(*database);
  core::Status status = CheckCommits();
  database_.swap(*database);
  return status;
}

core::Status RocksStore::CheckCommits() {
  const auto value = ReadFact(*database_, kCommitsKey);
  if (!value) return value.error();
  commits_ = 0;
  if (!value->empty() && !ParseNumberKey(*value, &commits_)) {
    return core::Corruption(opening_.path + " has a damaged count of checkpoints");
  }
  if (commits_ >= mark_->reach().end) return {};
  return core::Corruption(opening_.path + " has lost its end: it holds checkpoint " +
                          std::to_string(commits_) + " and should hold checkpoint " +
                          std::to_string(mark_->reach().end));
}

core::Status RocksStore::ReadAll() {
  FRESHET_RETURN_IF_ERROR(
      Load([](core::Table, std::string_view, std::string_view) { return core::Status(); }));
  const auto covered = Covered();
  if (!covered) return covered.error();
  const auto letters = DeadLetters();
  return letters ? core::Status() : core::Status(letters.error());
}

// A store of a later version may have more tables; RocksDB would only say that they are not opened.
core::Status RocksStore::CheckFamilies() {
  std::vector<std::string> names;
  const rocksdb::Status listed =
      rocksdb::DB::ListColumnFamilies(opening_.options, opening_.path, &names);
  if (!listed.ok()) return {};  // opening says what is wrong, or creates it
  for (const std::string& name : names) {
    const bool known = std::any_of(opening_.families.begin(), opening_.families.end(),
                                   [&](const auto& family) { return family.name == name; });
    if (!known) return UnknownTable(opening_.path, name);
  }
  return {};
}

core::Status RocksStore::CheckFormat() {
  const auto format = ReadFact(*database_, kFormatKey);
  if (!format) return format.error();
  if (*format == kFormat) return {};
  if (!format->empty()) {
    return core::Corruption(opening_.path + " has format version " + *format +
                            "; this program knows version " + std::string(kFormat));
  }
  rocksdb::WriteOptions write_options;
  write_options.sync = true;
  return FromRocksStatus(database_->db()->Put(write_options, database_->family(kOwnFamily),
                                              Slice(kFormatKey), Slice(kFormat)));
}

core::Status RocksStore::ReadBounds() {
  first_dead_ = 0;
  next_dead_ = 0;
  const auto it = NewIterator(kDeadFamily);
  it->SeekToFirst();
  if (!it->Valid()) return FromRocksStatus(it->status());
  bool is_number = ParseNumberKey(View(it->key()), &first_dead_);
  it->SeekToLast();
  if (!it->Valid()) return FromRocksStatus(it->status());
  is_number = is_number && ParseNumberKey(View(it->key()), &next_dead_);
  if (!is_number) return core::Corruption("a dead letter has a damaged key");
  ++next_dead_;
  return {};
}

core::Status RocksStore::Commit(const core::RowBatch& rows, const core::Positions& covered,
                                std::span<const BadEntry> dead_letters) {
  if (options_.check_folder) FRESHET_RETURN_IF_ERROR(options_.check_folder());
  FRESHET_RETURN_IF_ERROR(Open());
  const std::size_t bytes = rows.bytes() + rows.size() * 16;
  if (bytes > batch_.Data().capacity()) batch_ = rocksdb::WriteBatch(bytes);
  core::Status status = Write(rows, covered, dead_letters);
  batch_.Clear();
  if (batch_.Data().capacity() > kKeptBytes) batch_ = rocksdb::WriteBatch();
  return status;
}

core::Status RocksStore::Write(const core::RowBatch& rows, const core::Positions& covered,
                               std::span<const BadEntry> dead_letters) {
  rocksdb::Status built;
  std::size_t rows_put = 0;
  rows.ForEach([&](const core::RowBatch::Row& row) {
    if (!built.ok()) return;
    rocksdb::ColumnFamilyHandle* family = database_->family(FamilyOf(row.table));
    built = row.deleted ? batch_.Delete(family, Slice(row.key))
                        : batch_.Put(family, Slice(row.key), Slice(row.value));
    if (++rows_put % kRowsPerRest == 0) pacer_->RestIfDue();
  });
  rocksdb::ColumnFamilyHandle* own = database_->family(kOwnFamily);
  if (built.ok()) built = batch_.Put(own, Slice(kPositionsKey), EncodePositions(covered));
  if (built.ok()) built = batch_.Put(own, Slice(kCommitsKey), NumberKey(commits_ + 1));
  if (!built.ok()) return FromRocks(built);
  const auto next_dead = PutDeadLetters(dead_letters);
  if (!next_dead) return next_dead.error();

  rocksdb::WriteOptions write_options;
  write_options.sync = true;
  write_options.rate_limiter_priority = rocksdb::Env::IO_USER;  // so that it rests too
  core::Status written = FromRocksStatus(database_->db()->Write(write_options, &batch_));
  if (written.ok()) written = mark_->Write({.first = 0, .end = commits_ + 1});
  if (!written.ok()) {
    database_.reset();
    commit_failed_ = true;
    return written.error().With("the checkpoint cannot be written");
  }
  ++commits_;
  commit_failed_ = false;
  next_dead_ = *next_dead;
  if (next_dead_ - first_dead_ > options_.maximum_dead_letters) {
    first_dead_ = next_dead_ - options_.maximum_dead_letters;
  }
  return {};
}

// Puts the letters under the next numbers and deletes the oldest beyond the cap. Returns the number
// after the last.
core::Result<std::uint64_t> RocksStore::PutDeadLetters(std::span<const BadEntry> letters) {
  core::Positions stored;
  if (commit_failed_) {
    // The failed commit may have reached the disk, with some of these letters.
    auto covered = Covered();
    if (!covered) return covered.error();
    stored = std::move(*covered);
  }
  rocksdb::ColumnFamilyHandle* family = database_->family(kDeadFamily);
  rocksdb::Status status;
  std::uint64_t next = next_dead_;
  for (const BadEntry& letter : letters) {
    const auto it = stored.find(letter.position.partition);
    if (it != stored.end() && letter.position.offset < it->second) continue;
    status = batch_.Put(family, NumberKey(next++),
                        EncodeDeadLetter(letter, options_.maximum_dead_letter_bytes));
    if (!status.ok()) return FromRocks(status);
  }
  const std::uint64_t cap = options_.maximum_dead_letters;
  const std::uint64_t first = next - first_dead_ > cap ? next - cap : first_dead_;
  for (std::uint64_t number = first_dead_; number < first; ++number) {
    status = batch_.Delete(family, NumberKey(number));
    if (!status.ok()) return FromRocks(status);
  }
  return next;
}

core::Status RocksStore::Load(const Visit& visit) {
  if (database_ == nullptr) FRESHET_RETURN_IF_ERROR(OpenAtLeastToRead());
  for (std::size_t i = 0; i < core::kTableCount; ++i) {
    FRESHET_RETURN_IF_ERROR(LoadTable(static_cast<core::Table>(i), visit));
  }
  return {};
}

core::Status RocksStore::LoadTable(core::Table table, const Visit& visit) {
  const auto it = NewIterator(FamilyOf(table));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    FRESHET_RETURN_IF_ERROR(visit(table, View(it->key()), View(it->value())));
  }
  return FromRocksStatus(it->status());
}

core::Result<core::Positions> RocksStore::Covered() {
  if (database_ == nullptr) FRESHET_RETURN_IF_ERROR(OpenAtLeastToRead());
  const auto value = ReadFact(*database_, kPositionsKey);
  if (!value) return value.error();
  if (value->empty()) return core::Positions();
  return DecodePositions(*value);
}

core::Status RocksStore::Cut(const std::string& folder) {
  if (!is_writable()) {
    return core::Unavailable("the last checkpoint could not be written, so none can be cut off");
  }
  rocksdb::Checkpoint* made = nullptr;
  rocksdb::Status status = rocksdb::Checkpoint::Create(database_->db(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  if (status.ok()) status = checkpoint->CreateCheckpoint(folder);
  FRESHET_RETURN_IF_ERROR(FromRocksStatus(status));
  return EndMark::Create(folder, {.first = 0, .end = commits_});
}

core::Result<std::vector<BadEntry>> RocksStore::DeadLetters() {
  if (database_ == nullptr) FRESHET_RETURN_IF_ERROR(OpenAtLeastToRead());
  std::vector<BadEntry> letters;
  const auto it = NewIterator(kDeadFamily);
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    auto letter = DecodeDeadLetter(View(it->value()));
    if (!letter) return letter.error();
    letters.push_back(std::move(*letter));
  }
  FRESHET_RETURN_IF_ERROR(FromRocksStatus(it->status()));
  return letters;
}

std::unique_ptr<rocksdb::Iterator> RocksStore::NewIterator(std::size_t family) const {
  rocksdb::ReadOptions read_options;
  read_options.readahead_size = kLoadReadahead;
  return std::unique_ptr<rocksdb::Iterator>(
      database_->db()->NewIterator(read_options, database_->family(family)));
}

}  // namespace

core::Result<std::unique_ptr<CheckpointStore>> OpenRocksStore(const std::string& path,
                                                              const StoreOptions& options,
                                                              rocksdb::Env* env) {
  auto store = std::make_unique<RocksStore>(path, options, env);
  FRESHET_RETURN_IF_ERROR(options.salvage ? store->OpenSalvaged() : store->OpenAtLeastToRead());
  std::unique_ptr<CheckpointStore> opened = std::move(store);
  return opened;
}

}  // namespace freshet::storage
