// CheckpointPolicy: when the next checkpoint is due.
//
// An interval after the first change, or once about so many bytes of rows have changed. How many
// that is is not known before they are encoded, so they are estimated from what an entry changed on
// average up to the last checkpoint. The thread that applies events encodes the rows; so that this
// stays a small part of its time, the next one waits until the last was a small enough part of it.
//
// Owned by the apply loop; single-threaded. Keeps no clock: the caller says what time it is.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace freshet::daemon {

class CheckpointPolicy {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct Limits {
    std::chrono::milliseconds interval{1000};
    std::uint64_t bytes = 8ULL << 20;
    // Encoding takes at most one part in so many of the time; 0: no limit.
    unsigned encoding_share = 200;
    // But no checkpoint is put off by more than this, so that little is to be replayed.
    std::chrono::milliseconds longest_delay{5'000};
    // The size while catching up; the next one is not to be larger.
    std::uint64_t catch_up_bytes = 40ULL << 20;
  };

  explicit CheckpointPolicy(const Limits& limits) : limits_(limits) {}

  // `entries` were applied (bad ones count too); none when only the positions moved.
  void Changed(std::uint64_t entries, Time now) {
    if (!changed_) first_change_ = now;
    changed_ = true;
    entries_ += entries;
  }

  // Whatever changed so far is of the checkpoint that begins now; it is the only one until Taken.
  void Begun() {
    begun_entries_ = std::exchange(entries_, 0);
    changed_ = false;
  }

  // All of that is encoded, which took so long, into `bytes`.
  void Taken(std::uint64_t bytes, Time::duration encoding, Time now) {
    if (begun_entries_ > 0) bytes_per_entry_ = std::max<std::uint64_t>(1, bytes / begun_entries_);
    rested_ =
        now + std::min<Time::duration>(encoding * limits_.encoding_share, limits_.longest_delay);
    if (std::exchange(caught_up_, false)) rested_ = now;
  }

  // What was learned while catching up was paused for by nobody, and the checkpoint of the rest of
  // it says nothing of how long those to come will take.
  void CaughtUp() {
    rested_ = Time();
    caught_up_ = true;
  }

  [[nodiscard]] bool changed() const { return changed_; }
  // When the next checkpoint is due if no more entries come. REQUIRES: changed().
  [[nodiscard]] Time due() const {
    return std::max(rested_, IsLarge() ? first_change_ : first_change_ + limits_.interval);
  }
  [[nodiscard]] bool IsDue(Time now) const { return changed() && now >= due(); }
  // The same while catching up with a log: nobody waits for a single event, so pauses do not matter
  // and few large checkpoints cost less than many small ones, but not so large that a long log
  // takes much memory.
  [[nodiscard]] bool IsDueCatchingUp(Time now) const {
    return changed() && (IsFull() || now >= first_change_ + limits_.longest_delay);
  }
  // About how large a checkpoint would be now. More than it can be once many rows changed again.
  [[nodiscard]] std::uint64_t ChangedBytes() const { return entries_ * bytes_per_entry_; }
  // About as much has changed as a checkpoint holds while catching up.
  [[nodiscard]] bool IsFull() const { return ChangedBytes() >= limits_.catch_up_bytes; }

 private:
  [[nodiscard]] bool IsLarge() const { return ChangedBytes() >= limits_.bytes; }

  const Limits limits_;
  std::uint64_t bytes_per_entry_ = 1024;
  std::uint64_t begun_entries_ = 0;  // of the last checkpoint
  std::uint64_t entries_ = 0;        // these two: since it began
  bool changed_ = false;
  Time first_change_;
  Time rested_;             // no checkpoint before this
  bool caught_up_ = false;  // and no checkpoint since
};

}  // namespace freshet::daemon
