#include "daemon/kafka/broker_health.h"

#include <utility>

namespace freshet::daemon::kafka {

void BrokerHealth::Hear(std::string words) {
  const std::lock_guard lock(mutex_);
  heard_ = std::move(words);
}

std::string BrokerHealth::heard() const {
  const std::lock_guard lock(mutex_);
  return heard_;
}

void BrokerHealth::Set(core::Status status) {
  const std::lock_guard lock(mutex_);
  if (status.ok()) heard_.clear();
  status_ = std::move(status);
}

core::Status BrokerHealth::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace freshet::daemon::kafka
