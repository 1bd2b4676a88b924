// freshet evaluate: how well a campaign would have recommended.
#include <algorithm>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "daemon/json_writer.h"
#include "tools/command.h"
#include "tools/evaluation.h"
#include "tools/import.h"
#include "tools/settings_flags.h"

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
  bool recommend_current = false;
  bool json = false;
  SettingsFlags settings;
};

// Keeps what is read, in order.
class EntryCollector final : public EntrySink {
 public:
  core::Status Add(core::LogEntry&& entry, const RowOrigin& /*origin*/) override {
    entries_.push_back(std::move(entry));
    return {};
  }
  core::Status Flush() override { return {}; }
  core::Status Close() override { return {}; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return entries_.size(); }
  std::uint64_t duplicates() override { return 0; }

  [[nodiscard]] const std::vector<core::LogEntry>& entries() const { return entries_; }

 private:
  std::vector<core::LogEntry> entries_;
};

core::Status ReadInto(const std::vector<std::string>& paths, InputKind kind, EntrySink* sink) {
  std::vector<InputPath> inputs;
  for (const std::string& path : paths) {
    auto listed = ListInputs(path, kind);
    if (!listed) return listed.error();
    inputs.insert(inputs.end(), listed->begin(), listed->end());
  }
  FRESHET_RETURN_IF_ERROR(CheckInputs(inputs));
  std::uint64_t bytes = 0;
  for (const InputPath& input : inputs) bytes += input.bytes;
  RejectedRows rejected(inputs.front().path + ".rejected");
  ProgressBar bar = ProgressOnStandardError("reading", "rows", bytes);
  Import import(sink, &rejected, &bar);
  for (const InputPath& input : inputs) {
    FRESHET_RETURN_IF_ERROR(import.Read(input));
    // A measurement over part of the rows would be of something else.
    if (rejected.count() > 0) return core::InvalidArgument("a row is bad: " + rejected.first());
  }
  bar.Finish(sink->acknowledged());
  return {};
}

// The campaign asked about alone: what it learns does not depend on the others.
core::Result<core::Settings> Learning(const config::Settings& settings, const Options& options) {
  core::Settings learning = settings.learning;
  learning.campaigns.clear();
  for (core::CampaignSettings campaign : settings.learning.campaigns) {
    if (campaign.name != options.campaign) continue;
    if (options.recommend_current) campaign.leave_out = core::LeaveOut::kNone;
    learning.campaigns.push_back(std::move(campaign));
    return learning;
  }
  return core::NotFound("there is no campaign " + options.campaign);
}

void PrintTable(const Options& options, const EvaluationResult& result) {
  const std::string n = "@" + std::to_string(options.count);
  std::printf("%-24s %-14s %10s %10s %12s %10s\n", "campaign", "protocol", ("HR" + n).c_str(),
              ("MRR" + n).c_str(), "predictions", "coverage");
  std::printf("%-24s %-14s %10.4f %10.4f %12s %9.1f%%\n", options.campaign.c_str(),
              options.protocol.c_str(), result.ranks.HitRate(), result.ranks.MeanReciprocalRank(),
              WithThousands(result.ranks.asked).c_str(),
              result.items == 0 ? 0.0
                                : 100.0 * static_cast<double>(result.recommended_items) /
                                      static_cast<double>(result.items));
}

void PrintJson(const Options& options, const EvaluationResult& result) {
  std::string text;
  daemon::JsonWriter json(&text);
  json.BeginObject();
  json.Field("campaign", options.campaign);
  json.Field("protocol", options.protocol);
  json.Field("n", options.count);
  json.Field("hitRate", result.ranks.HitRate());
  json.Field("mrr", result.ranks.MeanReciprocalRank());
  json.Field("predictions", result.ranks.asked);
  json.Field("recommendedItems", result.recommended_items);
  json.Field("items", result.items);
  json.Field("learned", result.learned);
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

core::Status RunEvaluate(const Options& options) {
  auto settings = options.settings.Load();
  if (!settings) return settings.error();
  const auto learning = Learning(*settings, options);
  if (!learning) return learning.error();
  EntryCollector log;
  if (!options.items.empty()) {
    FRESHET_RETURN_IF_ERROR(ReadInto({options.items}, InputKind::kItemCsv, &log));
  }
  const std::size_t items = log.entries().size();
  FRESHET_RETURN_IF_ERROR(ReadInto(options.events, InputKind::kEventCsv, &log));
  EntryCollector test;
  if (!options.test.empty()) {
    FRESHET_RETURN_IF_ERROR(ReadInto(options.test, InputKind::kEventCsv, &test));
  }

  Evaluation evaluation({*learning, learning->campaigns.front(), options.count});
  const std::size_t all = log.entries().size() + test.entries().size();
  ProgressBar bar = ProgressOnStandardError("evaluating", "events", all);
  const auto show = [&](std::uint64_t done) { bar.Update(done, done); };
  if (options.protocol == "prequential") {
    const auto events = static_cast<double>(log.entries().size() - items);
    const auto from = items + static_cast<std::size_t>(options.from * events);
    evaluation.Prequential(log.entries(), from, show);
  } else {
    evaluation.NextClick(log.entries(), test.entries(), show);
  }
  bar.Finish(all);
  const EvaluationResult result = evaluation.result();
  if (result.ranks.asked == 0) {
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
                   "--events, then predict the sessions of --test")
      ->check(CLI::IsMember({"prequential", "next-click"}))
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
  command->add_flag("--recommend-current", options->recommend_current,
                    "the item the session is at may come next: published session protocols count "
                    "repeats");
  command->add_flag("--json", options->json, "print one JSON object");
  options->settings.AddTo(command);
  command->callback([run, options] {
    if ((options->protocol == "next-click") != !options->test.empty()) {
      throw CLI::ValidationError("--test", "goes with --protocol next-click, and must be there");
    }
    *run = [options] { return RunEvaluate(*options); };
  });
}

}  // namespace freshet::tools
