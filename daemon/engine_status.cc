#include "daemon/engine_status.h"

#include <cmath>
#include <utility>

namespace freshet::daemon {
namespace {

std::string Describe(const core::Status& status, std::string_view context) {
  if (status.ok()) return {};
  const core::Error error = status.error().With(context);
  return std::string(core::ErrorCodeName(error.code)) + ": " + error.message;
}

}  // namespace

std::uint64_t Distance(const core::Positions& from, const core::Positions& to) {
  std::uint64_t distance = 0;
  for (const auto& [partition, offset] : to) {
    const auto it = from.find(partition);
    const std::uint64_t start = it == from.end() ? 0 : it->second;
    if (offset > start) distance += offset - start;
  }
  return distance;
}

void StatusBoard::SetPhase(Phase phase) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
  changed_.notify_all();
}

void StatusBoard::SetCaughtUp() {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kCatchingUp) phase_ = Phase::kRunning;
  changed_.notify_all();
}

core::Status StatusBoard::AwaitCaughtUp(std::chrono::milliseconds wait) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, wait, [&] { return phase_ != Phase::kCatchingUp || !log_status_.ok(); });
  return log_status_;
}

void StatusBoard::SetLogFailure(const core::Status& status) {
  std::string text = Describe(status, "the log fails");
  const std::lock_guard lock(mutex_);
  log_status_ = status;
  log_failure_ = std::move(text);
  changed_.notify_all();
}

void StatusBoard::SetCheckpointFailure(const core::Status& status) {
  std::string text = Describe(status, "checkpoints fail");
  const std::lock_guard lock(mutex_);
  checkpoint_failure_ = std::move(text);
}

std::optional<core::Error> StatusBoard::Refusal() const {
  const std::lock_guard lock(mutex_);
  const bool takes = phase_ == Phase::kRunning || phase_ == Phase::kCatchingUp;
  if (takes && checkpoint_failure_.empty()) return std::nullopt;
  return core::Unavailable("no entries are taken now: " + NotReadyBecause());
}

EngineStatus StatusBoard::Get() const {
  const std::lock_guard lock(mutex_);
  EngineStatus status = status_;
  status.lag = Distance(status.applied, status.end);
  status.log_failure = log_failure_;
  status.catching_up = phase_ == Phase::kCatchingUp;
  status.not_ready_because = NotReadyBecause();
  status.ready = status.not_ready_because.empty();
  return status;
}

std::string StatusBoard::NotReadyBecause() const {
  switch (phase_) {
    case Phase::kStarting:
      return "starting: the checkpoint is being loaded";
    case Phase::kStopping:
      return "stopping";
    case Phase::kCatchingUp:
    case Phase::kRunning:
      break;
  }
  if (!checkpoint_failure_.empty()) return checkpoint_failure_;
  if (!log_failure_.empty() || phase_ == Phase::kRunning) return log_failure_;
  return CatchingUp();
}

std::string StatusBoard::CatchingUp() const {
  if (status_.end.empty()) return "catching up: where the log ends is not known yet";
  const std::uint64_t left = Distance(status_.applied, status_.end);
  std::string text = "catching up: " + std::to_string(left) + " entries left";
  if (status_.catch_up_rate < 1) return text;
  return text + ", " + std::to_string(std::llround(status_.catch_up_rate)) + " a second, about " +
         std::to_string(
             std::llround(std::ceil(static_cast<double>(left) / status_.catch_up_rate))) +
         " s";
}

}  // namespace freshet::daemon
