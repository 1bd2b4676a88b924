// core_log_bench: how fast State learns a real log and answers from it, in process and on one core,
// without journal, checkpoints and HTTP, and what turning everything that changed into rows costs.
//
//   core_log_bench FILE.csv[.gz] [GENERATION]     Personalize's interactions; prints tables
//
// It asks for visitors from all over the log, with --newest N for those of the N newest sessions.
// With the folder of a generation of factors it asks the recipes that use one with it as well.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/factors/served_factors.h"
#include "core/foresight.h"
#include "core/recipes/campaign.h"
#include "core/recipes/learner.h"
#include "core/recipes/recommend.h"
#include "core/state.h"
#include "daemon/allocator.h"
#include "storage/generation_folder.h"
#include "tools/csv_reader.h"
#include "tools/csv_records.h"
#include "tools/input_file.h"
#include "tools/table_columns.h"

namespace freshet::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Visitors = std::vector<const core::Event*>;

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
  const auto columns = tools::ColumnsOf(**header, tools::InputKind::kEvents, {});
  if (!columns) return columns.error();
  tools::EventRows rows(*columns);
  std::vector<core::StampedEntry> entries;
  while (true) {
    const auto row = reader.Next();
    if (!row) return row.error();
    if (*row == nullptr) return entries;
    core::Event event;
    FRESHET_RETURN_IF_ERROR(rows.Parse(**row, &event));
    const core::Position position{0, entries.size() + 1};
    const std::int64_t received_ms = event.time_ms;
    entries.push_back({position, received_ms, std::move(event)});
  }
}

// Learns all of them several times, as a daemon does but for the lessons of the mix where those are
// left out, and returns the last state and the seconds of the quickest: the later ones learn into
// memory that the process has already.
std::pair<std::unique_ptr<core::State>, double> Learn(
    const std::vector<core::StampedEntry>& entries, bool lessons) {
  core::Settings settings;
  if (!lessons) settings.events_per_lesson = 0;
  std::unique_ptr<core::State> state;
  double seconds = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    state.reset();
    state = std::make_unique<core::State>(settings);
    core::Foresight foresight(*state);
    core::Learner learner(state.get());
    const auto start = Clock::now();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      if (i % core::Foresight::kMostEntries == 0) foresight.LookAt(std::span(entries).subspan(i));
      learner.Apply(entries[i]);
    }
    seconds = std::min(seconds, Since(start));
  }
  return {std::move(state), seconds};
}

struct Asking {
  const char* name;
  core::CampaignSettings campaign;
};

// Those of every 37th event, or of fewer where the log is long.
Visitors AllOver(const std::vector<core::StampedEntry>& entries) {
  Visitors visitors;
  const std::size_t step = std::max<std::size_t>(37, entries.size() / kMaximumQuestions);
  for (std::size_t i = 0; i < entries.size(); i += step) {
    visitors.push_back(&std::get<core::Event>(entries[i].entry));
  }
  return visitors;
}

// Those of the sessions whose last event is among the newest, by that event.
Visitors Newest(const std::vector<core::StampedEntry>& entries, std::size_t sessions) {
  Visitors visitors;
  std::unordered_set<std::string_view> seen;
  for (auto entry = entries.rbegin(); entry != entries.rend() && seen.size() < sessions; ++entry) {
    const auto& event = std::get<core::Event>(entry->entry);
    if (seen.insert(event.session_id).second) visitors.push_back(&event);
  }
  return visitors;
}

// Asks in several rounds: the quickest is that in which the machine did the least else.
void Ask(const core::State& state, const Visitors& visitors, const core::ServedFactors* factors,
         const Asking& asking) {
  const core::Campaign campaign(asking.campaign);
  core::QueryScratch scratch;
  std::vector<double> taken_us;
  double mean_us = std::numeric_limits<double>::infinity();
  std::size_t candidates = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> round_us;
    candidates = 0;
    const auto start = Clock::now();
    for (const core::Event* event : visitors) {
      const auto begin = Clock::now();
      core::Query query{
          .visitor = {event->user_id, event->session_id}, .count = 20, .factors = factors};
      if (asking.campaign.recipe == core::RecipeKind::kSimilarItems) query.item = event->item_id;
      core::Recommend(state, campaign.recipe(), query, &scratch);
      round_us.push_back(1e6 * Since(begin));
      candidates += scratch.room.candidates.all().size();
    }
    const double round_mean_us = 1e6 * Since(start) / static_cast<double>(visitors.size());
    if (round_mean_us >= mean_us) continue;
    mean_us = round_mean_us;
    taken_us = std::move(round_us);
  }
  std::sort(taken_us.begin(), taken_us.end());
  std::printf("| %s | %.1f | %.1f | %.1f | %.0f |\n", asking.name, mean_us,
              taken_us[taken_us.size() / 2], taken_us[taken_us.size() * 99 / 100],
              static_cast<double>(candidates) / static_cast<double>(visitors.size()));
}

void AskAll(const core::State& state, const Visitors& visitors,
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
  for (const Asking& asking : askings) Ask(state, visitors, factors, asking);
}

core::Result<std::unique_ptr<const core::ServedFactors>> Serve(const std::string& folder) {
  auto generation = storage::ReadGeneration(folder);
  if (!generation) return generation.error();
  return core::ServedFactors::Make(folder, std::move(*generation), {.has_directions = true});
}

int Run(const std::string& path, const std::string& generation, std::size_t newest) {
  const auto entries = ReadEvents(path);
  if (!entries) {
    std::fprintf(stderr, "%s\n", entries.error().message.c_str());
    return 1;
  }
  const auto count = static_cast<double>(entries->size());
  std::printf("| what | seconds | events/s |\n|---|---|---|\n");
  const double tables = Learn(*entries, false).second;
  std::printf("| learn %.0f events, no lessons | %.3f | %.0f |\n", count, tables, count / tables);
  const auto [state, learn] = Learn(*entries, true);
  std::printf("| the same, and the lessons of the mix | %.3f | %.0f |\n", learn, count / learn);

  const auto rows_start = Clock::now();
  core::RowBatch rows;
  core::TakeAllRows(state.get(), &rows);
  const double take = Since(rows_start);
  std::printf("| all of it as %zu rows, %.1f MiB | %.3f | %.0f |\n", rows.size(),
              static_cast<double>(rows.bytes()) / (1 << 20), take, count / take);
  const Visitors visitors = newest == 0 ? AllOver(*entries) : Newest(*entries, newest);
  AskAll(*state, visitors, nullptr);
  if (generation.empty()) return 0;
  const auto factors = Serve(generation);
  if (!factors) {
    std::fprintf(stderr, "%s\n", factors.error().message.c_str());
    return 1;
  }
  AskAll(*state, visitors, factors->get());
  return 0;
}

}  // namespace
}  // namespace freshet::bench

int main(int argc, char** argv) {
  freshet::daemon::UseHugePages(argv);  // as the daemon has it
  std::string path;
  std::string generation;
  std::size_t newest = 0;
  CLI::App app("how fast a log is learned and asked, in process", "core_log_bench");
  app.add_option("events", path, "Personalize's interactions")->type_name("FILE")->required();
  app.add_option("generation", generation, "a generation of factors")->type_name("DIR");
  app.add_option("--newest", newest, "asks for the visitors of the N newest sessions")
      ->type_name("N");
  CLI11_PARSE(app, argc, argv);
  return freshet::bench::Run(path, generation, newest);
}
