// What an operator may set about the journal and the checkpoint store.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "core/result.h"

namespace freshet::storage {

enum class Durability {
  kFsync,  // an append returns when the disk has it: survives power loss
  kOs,     // an append returns when the kernel has it: survives kill -9
};

// Told, in a sentence each, what is missing of what was acknowledged.
using ReportMissing = std::function<void(const std::string&)>;

// An error while the data folder is not where it was opened.
using CheckFolder = std::function<core::Status()>;

struct JournalOptions {
  Durability durability = Durability::kFsync;
  std::size_t maximum_queued_entries = 100'000;        // waiting to be written; more are refused
  std::int64_t retention_ms = 7LL * 24 * 3600 * 1000;  // how long covered entries are kept
  std::uint64_t retention_bytes = 10ULL << 30;         // and how many bytes of them
  // Tables are written in bites, with rests between them, so that others get the processor.
  bool flushes_gently = false;
  // Changes nothing on the disk and takes nothing.
  bool read_only = false;
  CheckFolder check_folder = {};  // empty: not asked
  // Goes on with what is readable of a damaged journal and says what is missing; empty: refuses it.
  ReportMissing salvage = {};
};

struct StoreOptions {
  std::size_t maximum_dead_letters = 10'000;
  std::size_t maximum_dead_letter_bytes = 64 * 1024;  // of one; longer ones are cut
  // From then on all compactions of the process, whichever database they are of, run only in time
  // that nobody else wants (Linux's SCHED_IDLE), but for a small share.
  bool compacts_in_spare_time = false;
  bool read_only = false;         // changes nothing on the disk
  CheckFolder check_folder = {};  // empty: not asked
  // Puts a checkpoint that is not whole aside and begins a new one; empty: refuses it.
  ReportMissing salvage = {};
};

}  // namespace freshet::storage
