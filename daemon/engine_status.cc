#include "daemon/engine_status.h"

#include <utility>

namespace freshet::daemon {
namespace {

std::string Describe(const core::Status& status, std::string_view context) {
  if (status.ok()) return {};
  const core::Error error = status.error().With(context);
  return std::string(core::ErrorCodeName(error.code)) + ": " + error.message;
}

}  // namespace

void StatusBoard::SetPhase(Phase phase) {
  const std::lock_guard lock(mutex_);
  phase_ = phase;
}

void StatusBoard::SetLogFailure(const core::Status& status) {
  std::string text = Describe(status, "the log fails");
  const std::lock_guard lock(mutex_);
  log_failure_ = std::move(text);
}

void StatusBoard::SetCheckpointFailure(const core::Status& status) {
  std::string text = Describe(status, "checkpoints fail");
  const std::lock_guard lock(mutex_);
  checkpoint_failure_ = std::move(text);
}

std::optional<core::Error> StatusBoard::Refusal() const {
  const std::lock_guard lock(mutex_);
  if (phase_ == Phase::kRunning && checkpoint_failure_.empty()) return std::nullopt;
  return core::Unavailable("no entries are taken now: " + NotReadyBecause());
}

EngineStatus StatusBoard::Get() const {
  const std::lock_guard lock(mutex_);
  EngineStatus status = status_;
  status.not_ready_because = NotReadyBecause();
  status.ready = status.not_ready_because.empty();
  return status;
}

std::string StatusBoard::NotReadyBecause() const {
  switch (phase_) {
    case Phase::kStarting:
      return "starting: the log's tail is being replayed";
    case Phase::kStopping:
      return "stopping";
    case Phase::kRunning:
      break;
  }
  return checkpoint_failure_.empty() ? log_failure_ : checkpoint_failure_;
}

}  // namespace freshet::daemon
