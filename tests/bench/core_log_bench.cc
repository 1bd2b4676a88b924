// core_log_bench: how fast State learns a real log and answers from it, in process and on one core,
// without journal, checkpoints and HTTP, and what turning everything that changed into rows costs.
//
//   core_log_bench FILE.csv[.gz] [GENERATION]     Personalize's interactions; prints tables
//
// With the folder of a generation of factors it asks the recipes that use one with it as well.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/factors/served_factors.h"
#include "core/foresight.h"
#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"
#include "daemon/allocator.h"
#include "storage/generation_folder.h"
#include "tools/csv_reader.h"
#include "tools/csv_records.h"
#include "tools/input_file.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRounds = 5;
constexpr std::size_t kMaximumQuestions = 20'000;

double Since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

core::Result<std::vector<core::StampedEntry>> ReadEvents(const std::string& path) {
  auto file = tools::InputFile::Open(path);
  if (!file) return file.error();
  tools::CsvReader reader(std::move(*file));
  const auto header = reader.Next();
  if (!header) return header.error();
  if (*header == nullptr) return core::InvalidArgument(path + " is empty");
  auto rows = tools::EventRows::FromHeader(**header);
  if (!rows) return rows.error();
  std::vector<core::StampedEntry> entries;
  while (true) {
    const auto row = reader.Next();
    if (!row) return row.error();
    if (*row == nullptr) return entries;
    core::Event event;
    FRESHET_RETURN_IF_ERROR(rows->Parse(**row, &event));
    const core::Position position{0, entries.size() + 1};
    const std::int64_t received_ms = event.time_ms;
    entries.push_back({position, received_ms, std::move(event)});
  }
}

// Learns all of them several times, and returns the last state and the seconds of the quickest: the
// later ones learn into memory that the process has already.
std::pair<std::unique_ptr<core::State>, double> Learn(
    const std::vector<core::StampedEntry>& entries) {
  std::unique_ptr<core::State> state;
  double seconds = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    state.reset();
    state = std::make_unique<core::State>(core::Settings());
    core::Foresight foresight(*state);
    const auto start = Clock::now();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      foresight.LookAhead(entries, i);
      state->Apply(entries[i]);
    }
    seconds = std::min(seconds, Since(start));
  }
  return {std::move(state), seconds};
}

struct Asking {
  const char* name;
  core::CampaignSettings campaign;
};

// Asks for the visitors of every 37th event, or of fewer where the log is long, in several rounds:
// the quickest is that in which the machine did the least else.
void Ask(const core::State& state, const std::vector<core::StampedEntry>& entries,
         const core::ServedFactors* factors, const Asking& asking) {
  const core::Campaign campaign(asking.campaign);
  std::vector<const core::Event*> events;
  const std::size_t step = std::max<std::size_t>(37, entries.size() / kMaximumQuestions);
  for (std::size_t i = 0; i < entries.size(); i += step) {
    events.push_back(&std::get<core::Event>(entries[i].entry));
  }
  core::QueryScratch scratch;
  std::vector<double> taken_us;
  double mean_us = std::numeric_limits<double>::infinity();
  std::size_t candidates = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> round_us;
    candidates = 0;
    const auto start = Clock::now();
    for (const core::Event* event : events) {
      const auto begin = Clock::now();
      core::Query query{
          .visitor = {event->user_id, event->session_id}, .count = 20, .factors = factors};
      if (asking.campaign.recipe == core::RecipeKind::kSimilarItems) query.item = event->item_id;
      core::Recommend(state, campaign.recipe(), query, &scratch);
      round_us.push_back(1e6 * Since(begin));
      candidates += scratch.room.candidates.all().size();
    }
    const double round_mean_us = 1e6 * Since(start) / static_cast<double>(events.size());
    if (round_mean_us >= mean_us) continue;
    mean_us = round_mean_us;
    taken_us = std::move(round_us);
  }
  std::sort(taken_us.begin(), taken_us.end());
  std::printf("| %s | %.1f | %.1f | %.1f | %.0f |\n", asking.name, mean_us,
              taken_us[taken_us.size() / 2], taken_us[taken_us.size() * 99 / 100],
              static_cast<double>(candidates) / static_cast<double>(events.size()));
}

void AskAll(const core::State& state, const std::vector<core::StampedEntry>& entries,
            const core::ServedFactors* factors) {
  std::vector<Asking> askings = {
      {"similar-items", {.name = "a", .recipe = core::RecipeKind::kSimilarItems}},
      {"session, 500 of which 100, last 9 items",
       {.name = "b", .recipe = core::RecipeKind::kSession, .recent_items = 9, .neighbours = 100}},
      {"user-personalization",
       {.name = "user-personalization", .recipe = core::RecipeKind::kUserPersonalization}}};
  if (factors != nullptr) {
    askings.push_back({"similar-items by factors",
                       {.name = "c",
                        .recipe = core::RecipeKind::kSimilarItems,
                        .measure = core::Measure::kFactors}});
    askings.push_back(
        {"factors", {.name = "d", .recipe = core::RecipeKind::kFactors, .recent_items = 200}});
  }
  std::printf(
      "\n| one query | mean us | median us | p99 us | candidates |\n|---|---|---|---|---|\n");
  for (const Asking& asking : askings) Ask(state, entries, factors, asking);
}

core::Result<std::unique_ptr<const core::ServedFactors>> Serve(const std::string& folder) {
  auto generation = storage::ReadGeneration(folder);
  if (!generation) return generation.error();
  return core::ServedFactors::Make(folder, std::move(*generation), {.has_directions = true});
}

int Run(const std::string& path, const std::string& generation) {
  const auto entries = ReadEvents(path);
  if (!entries) {
    std::fprintf(stderr, "%s\n", entries.error().message.c_str());
    return 1;
  }
  const auto count = static_cast<double>(entries->size());
  std::printf("| what | seconds | events/s |\n|---|---|---|\n");
  const auto [state, learn] = Learn(*entries);
  std::printf("| learn %.0f events | %.3f | %.0f |\n", count, learn, count / learn);

  const auto rows_start = Clock::now();
  core::RowBatch rows;
  state->TakeChangedRows(&rows);
  const double take = Since(rows_start);
  std::printf("| all of it as %zu rows, %.1f MiB | %.3f | %.0f |\n", rows.size(),
              static_cast<double>(rows.bytes()) / (1 << 20), take, count / take);
  AskAll(*state, *entries, nullptr);
  if (generation.empty()) return 0;
  const auto factors = Serve(generation);
  if (!factors) {
    std::fprintf(stderr, "%s\n", factors.error().message.c_str());
    return 1;
  }
  AskAll(*state, *entries, factors->get());
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  freshet::daemon::UseHugePages(argv);  // as the daemon has it
  if (argc != 2 && argc != 3) {
    std::fprintf(stderr, "usage: core_log_bench FILE.csv[.gz] [GENERATION]\n");
    return 2;
  }
  return freshet::bench::Run(argv[1], argc == 3 ? argv[2] : "");
}
