// freshet evaluate: how well a campaign would have recommended.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "config/duration.h"
#include "core/column_name.h"
#include "core/factors/served_factors.h"
#include "daemon/json_writer.h"
#include "storage/generation_folder.h"
#include "tools/command.h"
#include "tools/evaluation.h"
#include "tools/json_answer.h"
#include "tools/progress_bar.h"
#include "tools/recorded_log.h"
#include "tools/settings_flags.h"
#include "tools/table_flags.h"

namespace freshet::tools {
namespace {

struct Options {
  std::string protocol = "prequential";
  std::vector<std::string> events;
  std::string items;
  std::vector<std::string> test;
  std::string campaign = "user-personalization";
  std::uint32_t count = 20;
  double from = 0.5;
  std::string retrain;
  std::string period_column = "PERIOD";
  bool live = false;
  double share = 0.1;
  bool recommend_current = false;
  std::string generation;
  std::string answers;
  bool json = false;
  TableFlags table;
  SettingsFlags settings;
};

double Coverage(const EvaluationResult& result) {
  return result.items == 0
             ? 0
             : static_cast<double>(result.recommended_items) / static_cast<double>(result.items);
}

// Without periods what was asked in all; else the mean over them, as the protocol has it.
template <typename Figure>
double MeanOf(const EvaluationResult& result, Figure&& figure) {
  if (result.periods.empty()) return figure(result.metrics);
  double sum = 0;
  for (const RankingMetrics& period : result.periods) sum += figure(period);
  return sum / static_cast<double>(result.periods.size());
}

double MeanHitRate(const EvaluationResult& result) {
  return MeanOf(result, [](const RankingMetrics& one) { return one.HitRate(); });
}

double MeanReciprocalRank(const EvaluationResult& result) {
  return MeanOf(result, [](const RankingMetrics& one) { return one.MeanReciprocalRank(); });
}

std::uint64_t Asked(const EvaluationResult& result) {
  std::uint64_t asked = result.metrics.asked();
  for (const RankingMetrics& period : result.periods) asked += period.asked();
  return asked;
}

void PrintTable(const Options& options, const EvaluationResult& result) {
  const std::string n = "@" + std::to_string(options.count);
  std::printf("%-24s %-14s %10s %10s %12s %10s\n", "campaign", "protocol", ("HR" + n).c_str(),
              ("MRR" + n).c_str(), "predictions", "coverage");
  for (std::size_t i = 0; i < result.periods.size(); ++i) {
    const RankingMetrics& period = result.periods[i];
    std::printf("%-24s %-14s %10.4f %10.4f %12s\n", "", ("period " + std::to_string(i + 1)).c_str(),
                period.HitRate(), period.MeanReciprocalRank(),
                WithThousands(period.asked()).c_str());
  }
  std::printf("%-24s %-14s %10.4f %10.4f %12s %9.1f%%\n", options.campaign.c_str(),
              options.protocol.c_str(), MeanHitRate(result), MeanReciprocalRank(result),
              WithThousands(Asked(result)).c_str(), 100 * Coverage(result));
  if (!result.periods.empty()) return;
  std::printf("\n%-24s %10.4f\n", ("NDCG" + n).c_str(), result.metrics.Ndcg());
  for (std::size_t i = 0; i < RankingMetrics::kCutOffs.size(); ++i) {
    if (RankingMetrics::kCutOffs[i] > options.count) continue;
    const std::string k = "@" + std::to_string(RankingMetrics::kCutOffs[i]);
    std::printf("%-24s %10.4f\n", ("NDCG" + k).c_str(), result.metrics.Ndcg(i));
    std::printf("%-24s %10.4f\n", ("precision" + k).c_str(), result.metrics.Precision(i));
  }
}

// By the names that Personalize's GetSolutionMetrics has, where it has one.
void WritePersonalizeMetrics(const Options& options, const EvaluationResult& result,
                             daemon::JsonWriter* json) {
  json->Key("metrics");
  json->BeginObject();
  json->Field("coverage", Coverage(result));
  const std::string n = std::to_string(options.count);
  json->Field("mean_reciprocal_rank_at_" + n, MeanReciprocalRank(result));
  for (std::size_t i = 0; i < RankingMetrics::kCutOffs.size(); ++i) {
    const std::string k = std::to_string(RankingMetrics::kCutOffs[i]);
    if (RankingMetrics::kCutOffs[i] > options.count) continue;
    json->Field("normalized_discounted_cumulative_gain_at_" + k,
                MeanOf(result, [i](const RankingMetrics& one) { return one.Ndcg(i); }));
    json->Field("precision_at_" + k,
                MeanOf(result, [i](const RankingMetrics& one) { return one.Precision(i); }));
  }
  json->EndObject();
}

void PrintJson(const Options& options, const EvaluationResult& result) {
  std::string text;
  daemon::JsonWriter json(&text);
  json.BeginObject();
  json.Field("campaign", options.campaign);
  json.Field("protocol", options.protocol);
  json.Field("n", options.count);
  json.Field("hitRate", MeanHitRate(result));
  json.Field("mrr", MeanReciprocalRank(result));
  json.Field("ndcg", MeanOf(result, [](const RankingMetrics& one) { return one.Ndcg(); }));
  json.Field("predictions", Asked(result));
  json.Field("recommendedItems", result.recommended_items);
  json.Field("items", result.items);
  json.Field("learned", result.learned);
  WritePersonalizeMetrics(options, result, &json);
  json.Key("periods");
  json.BeginArray();
  for (const RankingMetrics& period : result.periods) {
    json.BeginObject();
    json.Field("hitRate", period.HitRate());
    json.Field("mrr", period.MeanReciprocalRank());
    json.Field("predictions", period.asked());
    json.EndObject();
  }
  json.EndArray();
  json.Field("lessons", result.blend.lessons());
  json.Key("weights");
  json.BeginObject();
  for (std::size_t i = 0; i < core::kBlendInputCount; ++i) {
    json.Key(core::BlendInputName(static_cast<core::BlendInput>(i)));
    json.Number(static_cast<double>(result.blend.weights()[i]));
  }
  json.EndObject();
  json.EndObject();
  std::cout << text << '\n';
}

// Writes each answer as a line of JSON with the number of the event asked about, from 1, and the
// ids recommended before it.
class AnswerFile {
 public:
  // The first `items` entries of the log are no events.
  AnswerFile(const std::string& path, std::size_t items) : out_(path), items_(items) {}

  void Write(std::size_t place_in_log, std::span<const std::string_view> ids) {
    line_.clear();
    daemon::JsonWriter json(&line_);
    json.BeginObject();
    json.Field("event", place_in_log - items_ + 1);
    json.Key("items");
    json.BeginArray();
    for (const std::string_view id : ids) json.String(id);
    json.EndArray();
    json.EndObject();
    out_ << line_ << '\n';
  }
  // Whether all could be written.
  [[nodiscard]] bool Finish() {
    out_.close();
    return !out_.fail();
  }

 private:
  std::ofstream out_;
  std::size_t items_;
  std::string line_;
};

using Log = Evaluation::Log;

core::Error ComesAgain(const std::string& column, const std::string& period, std::size_t event) {
  return core::InvalidArgument("the events are not in order of " + column + ": " + period +
                               " comes again in event " + std::to_string(event));
}

// Cuts the log where the column's value changes. kInvalidArgument when an event is without it, when
// a value comes again later, or when there is only one.
core::Result<std::vector<Log>> PeriodsOf(Log log, const std::string& column) {
  const std::string name = core::ToJsonName(core::ToSchemaName(column));
  std::vector<Log> periods;
  std::set<std::string> seen;
  std::string present;
  std::size_t start = 0;
  for (std::size_t i = 0; i < log.size(); ++i) {
    const auto* event = std::get_if<core::Event>(&log[i]);
    if (event == nullptr) continue;
    const boost::json::value properties = ParseJson(event->properties);
    const boost::json::value* value = FindIn(properties, {name});
    if (value == nullptr) {
      return core::InvalidArgument("event " + std::to_string(i + 1) + " has no " + column);
    }
    const std::string period = boost::json::serialize(*value);
    if (period == present) continue;
    if (!seen.insert(period).second) {
      return ComesAgain(column, period, i + 1);
    }
    if (!present.empty()) periods.push_back(log.subspan(start, i - start));
    if (!present.empty()) start = i;
    present = period;
  }
  periods.push_back(log.subspan(start));
  if (periods.size() < 2) return core::InvalidArgument(column + " has only one value");
  return periods;
}

constexpr const char* kNever = "never";

// Nothing for never.
std::optional<std::int64_t> RetrainIntervalMs(const std::string& interval) {
  const auto seconds = config::ParseDuration(interval);
  return seconds ? std::optional(1000 * *seconds) : std::nullopt;
}

// What is wrong with it, if anything.
std::string CheckRetrain(const std::string& interval) {
  if (interval == kNever || config::ParseDuration(interval).value_or(0) > 0) return {};
  return interval + " is neither never nor a time such as 15m, 1h or 1d";
}

core::Status Evaluate(const Options& options, Log log, Log test, std::size_t items,
                      Evaluation* evaluation) {
  const auto events = static_cast<double>(log.size() - items);
  const auto from = items + static_cast<std::size_t>(options.from * events);
  if (options.protocol == "next-click") {
    evaluation->NextClick(log, test);
  } else if (options.protocol == "continual") {
    const auto periods = PeriodsOf(log, options.period_column);
    if (!periods) return periods.error();
    evaluation->Continual(*periods, options.live);
  } else if (options.protocol == "leave-one-out") {
    evaluation->HeldOut(log, 0);
  } else if (options.protocol == "last-share") {
    evaluation->HeldOut(log, options.share);
  } else if (!options.retrain.empty()) {
    evaluation->Retrained(log, from, RetrainIntervalMs(options.retrain));
  } else {
    evaluation->Prequential(log, from);
  }
  return {};
}

core::Status RunEvaluate(const Options& options) {
  auto settings = options.settings.Load();
  if (!settings) return settings.error();
  auto learning = LearningFor(*settings, options.campaign, !options.generation.empty());
  if (!learning) return learning.error();
  if (options.recommend_current) learning->campaigns.front().leave_out = core::LeaveOut::kNone;
  const auto format = options.table.Format();
  if (!format) return format.error();
  std::vector<core::LogEntry> log;
  if (!options.items.empty()) {
    TableFormat item_format = *format;
    item_format.columns.clear();
    auto items = ReadRecordedLog({options.items}, InputKind::kItems, item_format);
    if (!items) return items.error();
    log = std::move(*items);
  }
  const std::size_t items = log.size();
  auto events = ReadRecordedLog(options.events, InputKind::kEvents, *format);
  if (!events) return events.error();
  std::move(events->begin(), events->end(), std::back_inserter(log));
  std::vector<core::LogEntry> test;
  if (!options.test.empty()) {
    auto read = ReadRecordedLog(options.test, InputKind::kEvents, *format);
    if (!read) return read.error();
    test = std::move(*read);
  }

  const std::size_t all = log.size() + test.size();
  std::unique_ptr<const core::ServedFactors> factors;
  if (!options.generation.empty()) {
    auto generation = storage::ReadGeneration(options.generation);
    if (!generation) return generation.error();
    auto served = core::ServedFactors::Make(
        options.generation, std::move(*generation),
        {.has_directions = learning->campaigns.front().measure == core::Measure::kFactors});
    if (!served) return served.error();
    factors = std::move(*served);
  }

  ProgressBar bar = ProgressOnStandardError("evaluating", "events", all);
  Evaluation::Options asked{*learning, learning->campaigns.front(), options.count, factors.get()};
  std::optional<AnswerFile> answers;
  if (!options.answers.empty()) {
    answers.emplace(options.answers, items);
    asked.on_answer = [&](std::size_t place, std::span<const std::string_view> ids) {
      answers->Write(place, ids);
    };
  }
  Evaluation evaluation(asked, [&](std::uint64_t done) { bar.Update(done, done); });
  FRESHET_RETURN_IF_ERROR(Evaluate(options, log, test, items, &evaluation));
  bar.Finish(all);
  if (answers && !answers->Finish()) {
    return core::IoError("--answers: cannot write " + options.answers);
  }
  const EvaluationResult result = evaluation.result();
  if (Asked(result) == 0) {
    return core::InvalidArgument("nothing was asked: no session has two different items in a row");
  }
  if (options.json) {
    PrintJson(options, result);
  } else {
    PrintTable(options, result);
  }
  return {};
}

}  // namespace

void AddEvaluateCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app->add_subcommand("evaluate", "measures how well a campaign would have recommended");
  command
      ->add_option("--protocol", options->protocol,
                   "prequential: over a stream, asking before each event; next-click: learn "
                   "--events, then predict the sessions of --test; continual: predict each period, "
                   "then learn it; leave-one-out: predict each user's last event; last-share: the "
                   "last of each user's events")
      ->check(
          CLI::IsMember({"prequential", "next-click", "continual", "leave-one-out", "last-share"}))
      ->capture_default_str();
  command->add_option("--events", options->events, "interactions, in order of time")
      ->type_name("FILE|DIR")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--items", options->items, "CSV with ITEM_ID and metadata columns")
      ->type_name("FILE|DIR");
  command->add_option("--test", options->test, "next-click: the interactions to predict")
      ->type_name("FILE|DIR")
      ->allow_extra_args(false);
  command->add_option("--campaign", options->campaign, "the campaign to ask")
      ->capture_default_str();
  command->add_option("--n", options->count, "items in an answer")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command
      ->add_option("--from", options->from, "prequential: the part of the stream learned unasked")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--retrain", options->retrain,
                   "prequential: learn that part in batches, each so often (15m, 1h, 1d) or never")
      ->check(CheckRetrain);
  command
      ->add_option("--period-column", options->period_column,
                   "continual: the column whose changes cut the events into periods")
      ->capture_default_str();
  command->add_flag("--live", options->live, "continual: learn each event once it was asked for");
  command->add_option("--share", options->share, "last-share: the part of each user's events")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command->add_flag("--recommend-current", options->recommend_current,
                    "the item the session is at may come next: published session protocols count "
                    "repeats");
  command
      ->add_option("--generation", options->generation,
                   "a generation of factors that is served meanwhile: train it on what comes "
                   "before the events asked for")
      ->type_name("DIR");
  command
      ->add_option(
          "--answers", options->answers,
          "prequential: writes each answer to this file, a line of JSON with the number of "
          "the event and the items recommended before it")
      ->type_name("FILE");
  command->add_flag("--json", options->json, "print one JSON object");
  options->table.AddTo(command);
  options->settings.AddTo(command);
  command->callback([run, options] {
    if ((options->protocol == "next-click") != !options->test.empty()) {
      throw CLI::ValidationError("--test", "goes with --protocol next-click, and must be there");
    }
    const bool is_live = options->protocol == "prequential" && options->retrain.empty();
    if (!options->answers.empty() && !is_live) {
      throw CLI::ValidationError("--answers", "goes with --protocol prequential without --retrain");
    }
    *run = [options] { return RunEvaluate(*options); };
  });
}

}  // namespace freshet::tools
