#include "daemon/engine.h"

#include <chrono>
#include <thread>
#include <utility>

#include "daemon/apply_loop.h"
#include "daemon/checkpointer.h"

namespace freshet::daemon {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kProgressInterval{100};

// One Submit under way; shared by the callbacks that may end it.
struct Submission {
  Submitted done;
  steady_clock::time_point start;
};

}  // namespace

class Engine::Impl {
 public:
  Impl(core::Settings settings, std::unique_ptr<storage::EventLog> log,
       std::unique_ptr<storage::CheckpointStore> store, const EngineOptions& options,
       EffectObserver observe_effect)
      : observe_effect_(std::move(observe_effect)),
        state_(std::move(settings)),
        gate_(options.maximum_query_threads),
        store_(std::move(store)),
        log_(std::move(log)),
        checkpointer_(store_.get(), options.checkpoint_retry, [this] { log_->Interrupt(); }),
        loop_({state_, gate_, *log_, checkpointer_, waiters_, board_}, options) {}

  core::Status Begin() {
    if (const core::Status status = Load(); !status.ok()) {
      return status.error().With("cannot load the checkpoint");
    }
    const core::Result<core::Positions> covered = store_->Covered();
    if (!covered) return covered.error().With("cannot read what the checkpoint covers");
    if (const core::Status status = log_->Seek(*covered); !status.ok()) {
      return status.error().With("the log cannot continue where the checkpoint ends");
    }
    board_.SetPhase(StatusBoard::Phase::kCatchingUp);
    loop_.Begin(*covered);
    apply_thread_ = std::thread([this] { stopped_ = loop_.Run(); });
    return {};
  }

  core::Status AwaitCaughtUp(const Progress& progress) {
    for (;;) {
      const EngineStatus status = board_.Get();
      if (progress) progress(status.applied_entries, status.applied_entries + status.lag);
      if (!status.catching_up) return {};
      if (const core::Status log = board_.AwaitCaughtUp(kProgressInterval); !log.ok()) {
        (void)Stop();
        return log.error().With("cannot replay the log");
      }
    }
  }

  core::Status Stop() {
    board_.SetPhase(StatusBoard::Phase::kStopping);
    if (apply_thread_.joinable()) {
      loop_.RequestStop();
      apply_thread_.join();
    } else {
      log_->Close();
      waiters_.Close(core::Unavailable("stopping"));
    }
    return stopped_;
  }

  void Submit(std::vector<core::LogEntry> entries, Submitted done) {
    if (auto refusal = board_.Refusal()) {
      done(*std::move(refusal));
      return;
    }
    auto submission =
        std::make_shared<const Submission>(Submission{std::move(done), steady_clock::now()});
    const core::Status queued =
        log_->Append(std::move(entries), [this, submission](core::Result<core::Positions> result) {
          if (!result) {
            submission->done(std::move(result));
            return;
          }
          waiters_.Add(*std::move(result), [this, submission](core::Result<core::Positions> end) {
            Finish(*submission, std::move(end));
          });
        });
    if (!queued.ok()) submission->done(queued.error());
  }

  [[nodiscard]] Waiters& waiters() { return waiters_; }

  core::Status Cut(const std::string& folder) { return checkpointer_.Cut(folder); }
  [[nodiscard]] EngineStatus Status() const { return board_.Get(); }
  [[nodiscard]] LiveQuality::Figures Quality() const { return loop_.quality().figures(); }
  [[nodiscard]] const core::State& state() const { return state_; }
  Gate& gate() { return gate_; }

 private:
  core::Status Load() {
    core::Status status;
    gate_.Write([&] {
      status = store_->Load([&](core::Table table, std::string_view key, std::string_view value) {
        return state_.LoadRow(table, key, value);
      });
      if (status.ok()) status = state_.FinishLoad();
    });
    return status;
  }

  void Finish(const Submission& submission, core::Result<core::Positions> result) {
    if (result && observe_effect_) {
      const std::chrono::duration<double> taken = steady_clock::now() - submission.start;
      observe_effect_(taken.count());
    }
    submission.done(std::move(result));
  }

  // What callbacks of the log and the checkpointer's thread use stands before these two and so
  // outlives them.
  const EffectObserver observe_effect_;
  StatusBoard board_;
  Waiters waiters_;
  core::State state_;
  Gate gate_;
  const std::unique_ptr<storage::CheckpointStore> store_;
  const std::unique_ptr<storage::EventLog> log_;
  Checkpointer checkpointer_;
  ApplyLoop loop_;
  core::Status stopped_;  // the apply thread's until it is joined
  std::thread apply_thread_;
};

Engine::Engine(core::Settings settings, std::unique_ptr<storage::EventLog> log,
               std::unique_ptr<storage::CheckpointStore> store, const EngineOptions& options,
               EffectObserver observe_effect)
    : impl_(std::make_unique<Impl>(std::move(settings), std::move(log), std::move(store), options,
                                   std::move(observe_effect))) {}

Engine::~Engine() { (void)Stop(); }

core::Status Engine::Start(const Progress& progress) {
  FRESHET_RETURN_IF_ERROR(impl_->Begin());
  return impl_->AwaitCaughtUp(progress);
}

core::Status Engine::Begin() { return impl_->Begin(); }

core::Status Engine::Stop() { return impl_->Stop(); }

void Engine::Submit(std::vector<core::LogEntry> entries, Submitted done) {
  impl_->Submit(std::move(entries), std::move(done));
}

Waiters::Ticket Engine::WaitFor(const core::Positions& wanted, Submitted done) {
  return impl_->waiters().Add(wanted, std::move(done));
}

void Engine::StopWaiting(const core::Positions& wanted, Waiters::Ticket ticket) {
  impl_->waiters().Remove(wanted, ticket);
}

std::size_t Engine::waiting() const { return impl_->waiters().size(); }

EngineStatus Engine::Status() const { return impl_->Status(); }

core::Status Engine::Cut(const std::string& folder) { return impl_->Cut(folder); }

LiveQuality::Figures Engine::Quality() const { return impl_->Quality(); }

const core::State& Engine::state() const { return impl_->state(); }

Engine::QueryThread::QueryThread(Engine* engine)
    : engine_(engine), reader_(engine->impl_->gate().Register()) {}

}  // namespace freshet::daemon
