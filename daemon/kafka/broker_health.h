// BrokerHealth: whether the cluster can be used now, and if not, why.
//
// Owned by the log. The reader looks at the cluster now and then and decides; callbacks of both
// clients tell what they hear. Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include "core/result.h"

namespace freshet::daemon::kafka {

class BrokerHealth {
 public:
  // The words of a client's error, told again when the cluster is found to be away.
  void Hear(std::string words);
  [[nodiscard]] std::string heard() const;

  // Ok, or why neither reading nor writing works. At first: not connected yet.
  void Set(core::Status status);
  [[nodiscard]] core::Status status() const;
  [[nodiscard]] bool connected() const { return status().ok(); }

 private:
  mutable std::mutex mutex_;
  std::string heard_;  // these two are guarded by mutex_
  core::Status status_ = core::Unavailable("no broker was reached yet");
};

}  // namespace freshet::daemon::kafka
