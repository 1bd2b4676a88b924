// Generations: the generation of factors that is served, and the folder that others come from.
//
// Owned by the application. A thread of its own, of low priority, looks at the folder now
// and then, and takes what storage/generation_choice.h says is to be served: reads and checks it,
// makes it ready beside the one that runs, and changes over at once. One that does not hold against
// another (core::GenerationComparison) is served only when it is named. What cannot be served is
// refused with the reason, until one of its files changes; the one that runs goes on. So does one
// whose folder has gone, and one that is newer than all there are, unless the file `current` names
// an older one. There are never more than two in memory. All functions may be called from any
// thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/factors/served_factors.h"
#include "core/result.h"
#include "storage/generation_choice.h"

namespace freshet::daemon {

class Generations {
 public:
  using Served = std::shared_ptr<const core::ServedFactors>;

  struct Listed {
    std::string name;
    std::optional<storage::ManifestFile> file;  // absent when it cannot be read
    bool is_serving = false;
    std::string refused_because;  // empty: it may be served, or is
  };
  struct Status {
    std::vector<Listed> all;   // by name, as of the last look
    bool looked = false;       // at the folder, and what was found is served or refused
    std::string error;         // why nothing new is taken, that is no single generation's fault
    std::uint64_t served = 0;  // changes of what is served, since the start
    std::uint64_t refused = 0;
  };

  // Each generation is made ready with `options`.
  Generations(std::string folder, std::chrono::milliseconds pause,
              core::ServedFactorsOptions options = {});
  // Gives up a generation that is being made ready.
  ~Generations();
  Generations(const Generations&) = delete;
  Generations& operator=(const Generations&) = delete;

  // Null when there is none. Keep it for one answer only: the memory of the one before is free when
  // the last answer by it is written.
  [[nodiscard]] Served serving() const;
  [[nodiscard]] Status status() const;
  [[nodiscard]] const std::string& folder() const { return folder_; }

  // Serves `next`, the generation of `former` with other newborn items, if `former` is still what
  // is served. Blocks until no answer by the one that is not served is under way, and frees it.
  // One thread at a time.
  void Renew(const Served& former, Served next);

 private:
  // A generation as its files were when it was looked at.
  struct Version {
    std::string name;
    std::string fingerprint;
    friend auto operator<=>(const Version&, const Version&) = default;
  };

  void Run();
  void Look();
  // What to serve, of all there are; null when what runs is to go on.
  const storage::ListedGeneration* Choose(const std::vector<storage::ListedGeneration>& all,
                                          std::string* error) const;
  [[nodiscard]] core::Result<Served> Prepare(const std::string& name) const;
  // False when it is refused. Else it is served from now on, or this is to stop.
  bool Take(const storage::ListedGeneration& wanted);
  void Refuse(const storage::ListedGeneration& one, const std::string& reason);
  [[nodiscard]] bool IsRefused(const storage::ListedGeneration& one) const;
  // Waits until no answer is under way by a generation that is no longer served, so that the caller
  // is the one that frees it.
  void Retire(const Served& former);
  void Report(const std::vector<storage::ListedGeneration>& all, const std::string& error);

  const std::string folder_;
  const std::chrono::milliseconds pause_;
  const core::ServedFactorsOptions options_;

  // The thread's own.
  Version running_;
  std::map<Version, std::string> refused_;  // and why

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Served serving_;  // these are guarded by mutex_
  Status status_;
  std::atomic<bool> stop_ = false;  // set under mutex_, and looked at without it while making ready

  std::thread thread_;
};

}  // namespace freshet::daemon
