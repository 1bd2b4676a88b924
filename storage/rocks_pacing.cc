#include "storage/rocks_pacing.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

namespace freshet::storage {
namespace {

class PacingLimiter : public rocksdb::RateLimiter {
 public:
  explicit PacingLimiter(std::shared_ptr<const Pacer> pacer) : pacer_(std::move(pacer)) {}

  using rocksdb::RateLimiter::Request;
  void Request(std::int64_t bytes, rocksdb::Env::IOPriority, rocksdb::Statistics*) override {
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    requests_.fetch_add(1, std::memory_order_relaxed);
    pacer_->RestIfDue();
  }

  std::int64_t GetSingleBurstBytes() const override { return kBurstBytes; }
  std::int64_t GetTotalBytesThrough(rocksdb::Env::IOPriority) const override { return bytes_; }
  std::int64_t GetTotalRequests(rocksdb::Env::IOPriority) const override { return requests_; }
  void SetBytesPerSecond(std::int64_t) override {}
  std::int64_t GetBytesPerSecond() const override {
    return std::numeric_limits<std::int64_t>::max();
  }

 private:
  static constexpr std::int64_t kBurstBytes = 64 << 10;

  const std::shared_ptr<const Pacer> pacer_;
  std::atomic<std::int64_t> bytes_ = 0;
  std::atomic<std::int64_t> requests_ = 0;
};

// What is not passed on is not asked of a table that one thread at a time writes to.
class PacedMemtable : public rocksdb::MemTableRep {
 public:
  PacedMemtable(std::unique_ptr<rocksdb::MemTableRep> table, rocksdb::Allocator* allocator,
                std::shared_ptr<const Pacer> pacer)
      : MemTableRep(allocator), table_(std::move(table)), pacer_(std::move(pacer)) {}

  rocksdb::KeyHandle Allocate(std::size_t size, char** buffer) override {
    return table_->Allocate(size, buffer);
  }
  void Insert(rocksdb::KeyHandle row) override {
    Rest();
    table_->Insert(row);
  }
  bool InsertKey(rocksdb::KeyHandle row) override {
    Rest();
    return table_->InsertKey(row);
  }
  void InsertWithHint(rocksdb::KeyHandle row, void** hint) override {
    Rest();
    table_->InsertWithHint(row, hint);
  }
  bool InsertKeyWithHint(rocksdb::KeyHandle row, void** hint) override {
    Rest();
    return table_->InsertKeyWithHint(row, hint);
  }

  bool Contains(const char* key) const override { return table_->Contains(key); }
  void MarkReadOnly() override { table_->MarkReadOnly(); }
  void MarkFlushed() override { table_->MarkFlushed(); }
  void Get(const rocksdb::LookupKey& key, void* argument,
           bool (*callback)(void* argument, const char* entry)) override {
    table_->Get(key, argument, callback);
  }
  std::uint64_t ApproximateNumEntries(const rocksdb::Slice& from,
                                      const rocksdb::Slice& to) override {
    return table_->ApproximateNumEntries(from, to);
  }
  std::size_t ApproximateMemoryUsage() override { return table_->ApproximateMemoryUsage(); }
  Iterator* GetIterator(rocksdb::Arena* arena) override { return table_->GetIterator(arena); }

 private:
  // To ask the pacer takes a good part of what an insertion does.
  void Rest() {
    constexpr unsigned kInsertionsPerAsking = 16;
    if (++insertions_ % kInsertionsPerAsking == 0) pacer_->RestIfDue();
  }

  const std::unique_ptr<rocksdb::MemTableRep> table_;
  const std::shared_ptr<const Pacer> pacer_;
  unsigned insertions_ = 0;
};

class PacedMemtableFactory : public rocksdb::MemTableRepFactory {
 public:
  explicit PacedMemtableFactory(std::shared_ptr<const Pacer> pacer) : pacer_(std::move(pacer)) {}

  using rocksdb::MemTableRepFactory::CreateMemTableRep;
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& order,
                                          rocksdb::Allocator* allocator,
                                          const rocksdb::SliceTransform* prefix,
                                          rocksdb::Logger* logger) override {
    std::unique_ptr<rocksdb::MemTableRep> table(
        lists_.CreateMemTableRep(order, allocator, prefix, logger));
    return new PacedMemtable(std::move(table), allocator, pacer_);
  }
  const char* Name() const override { return "PacedMemtableFactory"; }
  bool CanHandleDuplicatedKey() const override { return lists_.CanHandleDuplicatedKey(); }

 private:
  rocksdb::SkipListFactory lists_;
  const std::shared_ptr<const Pacer> pacer_;
};

}  // namespace

std::shared_ptr<rocksdb::RateLimiter> PacedFiles(std::shared_ptr<const Pacer> pacer) {
  return std::make_shared<PacingLimiter>(std::move(pacer));
}

std::shared_ptr<rocksdb::MemTableRepFactory> PacedMemtables(std::shared_ptr<const Pacer> pacer) {
  return std::make_shared<PacedMemtableFactory>(std::move(pacer));
}

}  // namespace freshet::storage
