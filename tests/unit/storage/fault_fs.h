// FaultFs: a RocksDB file system that fails when the test says so and knows what power loss would
// leave of each file.
//
// Thread-safe, as RocksDB writes tables from threads of its own.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

namespace freshet::storage {

// What happens to the operation that fails.
enum class Fault {
  kWriteNothing,  // a write stores nothing
  kWriteHalf,     // a write stores its first half
  kSync,          // a sync stores everything and says that it did not
};

class FaultFs : public rocksdb::FileSystemWrapper {
 public:
  FaultFs() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

  const char* Name() const override { return "FaultFs"; }

  // Fails the `nth` (from 1) write, or sync for kSync, from now on, and with `stays_broken` every
  // write and sync after it.
  void FailNth(Fault fault, std::uint64_t nth, bool stays_broken, bool no_space = false);
  // Ends all failing.
  void Heal();
  // True when the fault has struck since FailNth.
  bool struck();

  // Cuts every file to what was synced of it, as power loss does. REQUIRES: no file is open.
  void LosePower();

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  friend class FaultFile;

  // Counts an operation; true when it is to fail.
  bool Strikes(bool is_sync);
  rocksdb::IOStatus Error() const;
  void Synced(const std::string& name, std::uint64_t size);

  std::mutex mutex_;  // guards everything below
  Fault fault_ = Fault::kWriteNothing;
  std::uint64_t countdown_ = 0;  // operations until it strikes; 0: never
  bool stays_broken_ = false;
  bool broken_ = false;
  bool struck_ = false;
  bool no_space_ = false;
  std::map<std::string, std::uint64_t> synced_bytes_;
};

// An Env over a FaultFs, as journal and store want it.
struct FaultEnv {
  std::shared_ptr<FaultFs> fs = std::make_shared<FaultFs>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
};

}  // namespace freshet::storage
