#include "daemon/generations.h"

#include <algorithm>
#include <new>
#include <utility>

#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <unistd.h>

#include "storage/generation_folder.h"

namespace freshet::daemon {
namespace {

constexpr std::chrono::milliseconds kRetirePause{1};
// Of 19, the lowest: it gives way to answers, but a busy machine must not put off a generation for
// ever.
constexpr int kNiceness = 10;

// The thread that calls, until it is told to stop: then what is left to do is left out.
class UntilStopped final : public core::Workers {
 public:
  explicit UntilStopped(const std::atomic<bool>* stop) : stop_(stop) {}

  [[nodiscard]] std::size_t count() const override { return 1; }
  void Run(std::size_t tasks, const Task& task) override {
    for (std::size_t i = 0; i < tasks && !*stop_; ++i) task(0, i);
  }

 private:
  const std::atomic<bool>* stop_;
};

}  // namespace

Generations::Generations(std::string folder, std::chrono::milliseconds pause,
                         core::ServedFactorsOptions options)
    : folder_(std::move(folder)), pause_(pause), options_(options), thread_([this] { Run(); }) {}

Generations::~Generations() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Generations::Served Generations::serving() const {
  const std::lock_guard lock(mutex_);
  return serving_;
}

Generations::Status Generations::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void Generations::Renew(const Served& former, Served next) {
  {
    const std::lock_guard lock(mutex_);
    if (serving_ != former) return;
    serving_ = std::move(next);
  }
  Retire(former);
}

void Generations::Run() {
  // On Linux a priority is a thread's. What is made ready must not take time from answers.
  (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
  for (;;) {
    Look();
    std::unique_lock lock(mutex_);
    status_.looked = true;
    if (changed_.wait_for(lock, pause_, [&] { return stop_.load(); })) return;
  }
}

void Generations::Look() {
  const auto listed = storage::ListGenerations(folder_);
  std::string error = listed ? std::string() : listed.error().message;
  if (!listed) return Report({}, error);
  // What is gone or has changed is no longer refused.
  std::erase_if(refused_, [&](const auto& one) {
    return std::none_of(listed->begin(), listed->end(), [&](const auto& other) {
      return one.first == Version{other.name, other.fingerprint};
    });
  });
  for (const storage::ListedGeneration& one : *listed) {
    if (!one.file && !IsRefused(one)) Refuse(one, one.file.error().message);
    if (!one.file || IsRefused(one)) continue;
    const core::Status usable = core::ServedFactors::Check(one.file->manifest);
    if (!usable.ok()) Refuse(one, usable.error().message);
  }
  while (const storage::ListedGeneration* wanted = Choose(*listed, &error)) {
    Report(*listed, error);
    if (Take(*wanted)) break;
  }
  Report(*listed, error);
}

const storage::ListedGeneration* Generations::Choose(
    const std::vector<storage::ListedGeneration>& all, std::string* error) const {
  const auto current = storage::ReadCurrent(folder_);
  if (!current) {
    *error = current.error().message;
    return nullptr;
  }
  const storage::ListedGeneration* wanted = nullptr;
  if (*current) {
    const auto named = std::find_if(all.begin(), all.end(),
                                    [&](const auto& one) { return one.name == (*current)->name; });
    if (named == all.end()) {
      *error = folder_ + "/current names " + (*current)->name + ", which is not there";
    } else if (!IsRefused(*named)) {
      wanted = &*named;
    }
  } else {
    wanted = storage::NewestOf(
        all, [&](const auto& one) { return !IsRefused(one) && storage::MayBeServed(one); });
    const Served running = serving();
    if (wanted != nullptr && running != nullptr &&
        wanted->file->manifest.created_ms < running->manifest().created_ms) {
      return nullptr;
    }
  }
  const bool runs = wanted != nullptr && Version{wanted->name, wanted->fingerprint} == running_;
  return runs ? nullptr : wanted;
}

core::Result<Generations::Served> Generations::Prepare(const std::string& name) const {
  try {
    auto generation = storage::ReadGeneration(folder_ + "/" + name);
    if (!generation) return generation.error();
    UntilStopped workers(&stop_);
    auto made = core::ServedFactors::Make(name, std::move(*generation), options_, &workers);
    if (!made) return made.error();
    return Served(std::move(*made));
  } catch (const std::bad_alloc&) {
    return core::Error{core::ErrorCode::kExhausted, "it does not fit into memory"};
  }
}

bool Generations::Take(const storage::ListedGeneration& wanted) {
  const auto began = std::chrono::steady_clock::now();
  auto prepared = Prepare(wanted.name);
  if (stop_) return true;  // what was made may not be whole
  if (!prepared) {
    Refuse(wanted, prepared.error().message);
    return false;
  }
  Served next = std::move(*prepared);
  {
    const std::lock_guard lock(mutex_);
    serving_.swap(next);
    ++status_.served;
  }
  running_ = {wanted.name, wanted.fingerprint};
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  spdlog::info("serving generation {}, made ready in {:.3f} s", wanted.name, took.count());
  Retire(next);
  return true;
}

void Generations::Refuse(const storage::ListedGeneration& one, const std::string& reason) {
  spdlog::warn("generation {} is refused: {}", one.name, reason);
  refused_[{one.name, one.fingerprint}] = reason;
  const std::lock_guard lock(mutex_);
  ++status_.refused;
}

bool Generations::IsRefused(const storage::ListedGeneration& one) const {
  return refused_.contains({one.name, one.fingerprint});
}

void Generations::Retire(const Served& former) {
  // Nobody can get it any more, so the count only falls.
  std::unique_lock lock(mutex_);
  while (former.use_count() > 1 && !stop_) changed_.wait_for(lock, kRetirePause);
}

void Generations::Report(const std::vector<storage::ListedGeneration>& all,
                         const std::string& error) {
  std::vector<Listed> listed;
  for (const storage::ListedGeneration& one : all) {
    Listed& entry = listed.emplace_back();
    entry.name = one.name;
    if (one.file) entry.file = *one.file;
    entry.is_serving = one.name == running_.name;
    const auto refused = refused_.find({one.name, one.fingerprint});
    if (refused != refused_.end()) {
      entry.refused_because = refused->second;
    } else if (!entry.is_serving) {
      entry.refused_because = storage::WhyNotServed(one);
    }
  }
  const std::lock_guard lock(mutex_);
  if (!error.empty() && error != status_.error) spdlog::warn("generations: {}", error);
  status_.all = std::move(listed);
  status_.error = error;
}

}  // namespace freshet::daemon
