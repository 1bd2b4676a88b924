// core_growth_bench: what a session query takes and what the session index holds as sessions and
// items grow, in process and on one core. The streams are generated and the same on every run:
// sessions of five clicks in the mean, around a place of the catalogue that is the more popular the
// nearer it lies to its start.
//
//   core_growth_bench SESSIONSxITEMS...        e.g. 100000x10000 1000000x10000; prints a table
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"
#include "daemon/allocator.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kStartMs = 1'600'000'000'000;
constexpr double kClicks = 5;                 // of a session, in the mean
constexpr std::uint64_t kNeighbourhood = 50;  // items around a session's place
constexpr std::size_t kQueries = 20'000;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Size {
  std::uint64_t sessions = 0;
  std::uint64_t items = 0;
};

std::string SessionName(std::uint64_t session) { return "s" + std::to_string(session); }

class Stream {
 public:
  explicit Stream(const Size& size) : size_(size) {}

  // Learns all of it; returns how many clicks it has.
  std::uint64_t Teach(core::State* state) {
    std::uint64_t clicks = 0;
    for (std::uint64_t session = 0; session < size_.sessions; ++session) {
      const double place = uniform_(random_);
      const auto start =
          static_cast<std::uint64_t>(place * place * place * static_cast<double>(size_.items));
      const std::uint64_t length = 1 + length_(random_);
      for (std::uint64_t i = 0; i < length; ++i) {
        core::Event event;
        event.session_id = SessionName(session);
        event.item_id = "i" + std::to_string((start + random_() % kNeighbourhood) % size_.items);
        event.event_type = "view";
        event.time_ms = kStartMs + static_cast<std::int64_t>(clicks);
        state->Apply({{0, ++clicks}, event.time_ms, std::move(event)});
      }
    }
    return clicks;
  }

 private:
  Size size_;
  std::mt19937_64 random_{1};
  std::uniform_real_distribution<double> uniform_;
  std::geometric_distribution<std::uint64_t> length_{1 / kClicks};
};

// Of the newest sessions, in microseconds and in order.
std::vector<double> Ask(const core::State& state, std::uint64_t sessions) {
  const core::Campaign campaign({.name = "session",
                                 .recipe = core::RecipeKind::kSession,
                                 .recent_items = 9,
                                 .sample = 500,
                                 .neighbours = 100});
  core::QueryScratch scratch;
  std::vector<double> taken_us;
  for (std::uint64_t i = 0; i < std::min<std::uint64_t>(kQueries, sessions); ++i) {
    const std::string name = SessionName(sessions - 1 - i);
    const auto start = Clock::now();
    core::Recommend(state, campaign.recipe(), {.visitor = {{}, name}, .count = 20}, &scratch);
    taken_us.push_back(1e6 * Since(start));
  }
  std::sort(taken_us.begin(), taken_us.end());
  return taken_us;
}

std::size_t BytesOf(const core::State& state, std::string_view structure) {
  for (const auto& [name, bytes] : state.BytesByStructure()) {
    if (name == structure) return bytes;
  }
  return 0;
}

void Measure(const Size& size) {
  core::Settings settings;
  settings.pair_tables.clear();  // sessions are what this is about
  settings.maximum_sessions = static_cast<std::uint32_t>(size.sessions);
  core::State state(settings);
  const auto start = Clock::now();
  const std::uint64_t clicks = Stream(size).Teach(&state);
  const double learn = Since(start);
  const std::vector<double> taken_us = Ask(state, size.sessions);
  double sum_us = 0;
  for (const double one : taken_us) sum_us += one;
  const auto a_click = [&](std::string_view structure) {
    return static_cast<double>(BytesOf(state, structure)) / static_cast<double>(clicks);
  };
  std::printf("| %lu | %lu | %lu | %.0f | %.1f | %.1f | %.1f | %.1f | %.1f |\n", size.sessions,
              size.items, clicks, static_cast<double>(clicks) / learn,
              sum_us / static_cast<double>(taken_us.size()), taken_us[taken_us.size() / 2],
              taken_us[taken_us.size() * 99 / 100], a_click("session_index"), a_click("sessions"));
  std::fflush(stdout);
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  freshet::daemon::UseHugePages(argv);  // as the daemon has it
  std::printf(
      "| sessions | items | clicks | learned/s | mean us | median us | p99 us | index bytes a "
      "click "
      "| session bytes a click |\n|---|---|---|---|---|---|---|---|---|\n");
  for (int i = 1; i < argc; ++i) {
    char* rest = nullptr;
    freshet::bench::Size size;
    size.sessions = std::strtoull(argv[i], &rest, 10);
    if (*rest == 'x') size.items = std::strtoull(rest + 1, &rest, 10);
    if (*rest != '\0' || size.sessions == 0 || size.items == 0) {
      std::fprintf(stderr, "usage: core_growth_bench SESSIONSxITEMS...\n");
      return 2;
    }
    freshet::bench::Measure(size);
  }
  return 0;
}
