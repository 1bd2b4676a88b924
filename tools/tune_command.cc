// freshet tune: which of a campaign's settings recommend best on the older part of a log.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/command.h"
#include "tools/evaluation.h"
#include "tools/progress_bar.h"
#include "tools/recorded_log.h"
#include "tools/settings_flags.h"
#include "tools/table_flags.h"

namespace freshet::tools {
namespace {

struct Options {
  std::vector<std::string> events;
  std::string campaign = "user-personalization";
  std::uint32_t count = 20;
  double until = 0.5;
  double asked = 0.25;
  std::vector<std::string> tries;
  TableFlags table;
  SettingsFlags settings;
};

// One key of the campaign and the values to try for it.
struct Parameter {
  std::string key;
  std::vector<std::string> values;
};

struct Quality {
  double hit_rate = 0;
  double mrr = 0;
};

// KEY=VALUE,VALUE,...
std::optional<Parameter> ParseParameter(const std::string& text) {
  const std::size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) return std::nullopt;
  Parameter parameter{text.substr(0, equals), {}};
  for (std::size_t start = equals + 1; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    if (end == start) return std::nullopt;
    parameter.values.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parameter;
}

// What is worth trying when nobody says what.
std::vector<Parameter> DefaultParameters(core::RecipeKind recipe) {
  const Parameter measure = {"measure", {"cosine", "jaccard", "llr", "lift", "confidence"}};
  switch (recipe) {
    case core::RecipeKind::kSimilarItems:
    case core::RecipeKind::kPersonalizedRanking:
      return {measure,
              {"popularity_discount", {"0", "0.25", "0.5"}},
              {"minimum_count", {"1", "2", "3"}}};
    case core::RecipeKind::kSession:
    case core::RecipeKind::kUserPersonalization: {
      std::vector<Parameter> parameters = {{"recent_items", {"3", "5", "8", "12"}},
                                           {"neighbours", {"50", "100", "150", "200", "300"}},
                                           {"sample", {"250", "500", "1000"}}};
      if (recipe == core::RecipeKind::kUserPersonalization) parameters.push_back(measure);
      return parameters;
    }
    case core::RecipeKind::kPopularityCount:
    case core::RecipeKind::kTrendingNow:
    case core::RecipeKind::kFactors:
      return {};
  }
  return {};
}

class Tuner {
 public:
  Tuner(const Options& options, Evaluation::Log log) : options_(options), log_(log) {}

  // Tries the values of one parameter after the other, each with the best of those before.
  core::Status Search(const std::vector<Parameter>& parameters);
  void PrintBest() const;

 private:
  // HR and MRR with these settings of the campaign.
  core::Result<Quality> Measure(const std::vector<std::string>& assignments) const;
  [[nodiscard]] std::vector<std::string> With(const std::string& key,
                                              const std::string& value) const;

  const Options& options_;
  const Evaluation::Log log_;
  std::vector<std::pair<std::string, std::string>> best_;
  Quality quality_;
};

core::Status Tuner::Search(const std::vector<Parameter>& parameters) {
  // Wrong keys and values are found before anything is measured.
  for (const Parameter& parameter : parameters) {
    for (const std::string& value : parameter.values) {
      const auto settings = options_.settings.Load(With(parameter.key, value));
      if (!settings) return settings.error();
    }
  }
  const auto now = Measure({});
  if (!now) return now.error();
  quality_ = *now;
  const std::string n = "@" + std::to_string(options_.count);
  std::printf("%-40s %10s %10s\n", options_.campaign.c_str(), ("HR" + n).c_str(),
              ("MRR" + n).c_str());
  std::printf("%-40s %10.4f %10.4f\n", "as it is", quality_.hit_rate, quality_.mrr);
  for (const Parameter& parameter : parameters) {
    std::optional<std::string> better;
    for (const std::string& value : parameter.values) {
      const auto tried = Measure(With(parameter.key, value));
      if (!tried) return tried.error();
      std::printf("%-40s %10.4f %10.4f\n", (parameter.key + " = " + value).c_str(), tried->hit_rate,
                  tried->mrr);
      std::fflush(stdout);
      if (tried->mrr <= quality_.mrr) continue;
      quality_ = *tried;
      better = value;
    }
    if (better) best_.emplace_back(parameter.key, *better);
  }
  return {};
}

void Tuner::PrintBest() const {
  if (best_.empty()) {
    std::printf("\nNothing that was tried is better than the settings as they are.\n");
    return;
  }
  std::printf("\nBest of these, HR %.4f and MRR %.4f:\n\n[[campaign]]\nname = \"%s\"\n",
              quality_.hit_rate, quality_.mrr, options_.campaign.c_str());
  for (const auto& [key, value] : best_) {
    const bool is_number = value.find_first_not_of("0123456789.") == std::string::npos;
    std::printf(is_number ? "%s = %s\n" : "%s = \"%s\"\n", key.c_str(), value.c_str());
  }
}

std::vector<std::string> Tuner::With(const std::string& key, const std::string& value) const {
  const auto assignment = [&](const std::string& its_key, const std::string& its_value) {
    return "campaign." + options_.campaign + "." + its_key + "=" + its_value;
  };
  std::vector<std::string> sets;
  for (const auto& [known, its_value] : best_) sets.push_back(assignment(known, its_value));
  sets.push_back(assignment(key, value));
  return sets;
}

core::Result<Quality> Tuner::Measure(const std::vector<std::string>& assignments) const {
  const auto settings = options_.settings.Load(assignments);
  if (!settings) return settings.error();
  const auto learning = LearningFor(*settings, options_.campaign, /*has_factors=*/false);
  if (!learning) return learning.error();
  Evaluation evaluation({*learning, learning->campaigns.front(), options_.count}, {});
  const auto from =
      static_cast<std::size_t>((1 - options_.asked) * static_cast<double>(log_.size()));
  evaluation.Prequential(log_, from);
  const RankingMetrics metrics = evaluation.result().metrics;
  if (metrics.asked() == 0) {
    return core::InvalidArgument("nothing was asked: no session has two different items in a row");
  }
  return Quality{metrics.HitRate(), metrics.MeanReciprocalRank()};
}

core::Status RunTune(const Options& options) {
  const auto settings = options.settings.Load();
  if (!settings) return settings.error();
  const auto learning = LearningFor(*settings, options.campaign, /*has_factors=*/false);
  if (!learning) return learning.error();
  std::vector<Parameter> parameters;
  for (const std::string& text : options.tries) parameters.push_back(*ParseParameter(text));
  if (parameters.empty()) parameters = DefaultParameters(learning->campaigns.front().recipe);
  if (parameters.empty()) {
    return core::InvalidArgument("the campaign's recipe has nothing to tune; --try names keys");
  }
  const auto format = options.table.Format();
  if (!format) return format.error();
  const auto events = ReadRecordedLog(options.events, InputKind::kEvents, *format);
  if (!events) return events.error();
  const auto end = static_cast<std::size_t>(options.until * static_cast<double>(events->size()));
  Tuner tuner(options, Evaluation::Log(*events).first(end));
  FRESHET_RETURN_IF_ERROR(tuner.Search(parameters));
  tuner.PrintBest();
  return {};
}

}  // namespace

void AddTuneCommand(CLI::App* app, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app->add_subcommand("tune", "searches a campaign's settings on the older part of a log");
  command->add_option("--events", options->events, "interactions, in order of time")
      ->type_name("FILE|DIR")
      ->required()
      ->allow_extra_args(false);
  command->add_option("--campaign", options->campaign, "the campaign to tune")
      ->capture_default_str();
  command->add_option("--n", options->count, "items in an answer")
      ->check(CLI::Range(1, 500))
      ->capture_default_str();
  command
      ->add_option("--until", options->until,
                   "the part of the log that is looked at; the rest is left for freshet evaluate "
                   "--from")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--asked", options->asked,
                   "the newest part of that, before whose events the campaign is asked")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--try", options->tries,
                   "a key of the campaign and values for it, in place of the usual ones; may come "
                   "several times")
      ->type_name("KEY=VALUE,VALUE...")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        return ParseParameter(text) ? std::string() : "must be KEY=VALUE,VALUE...: " + text;
      });
  options->table.AddTo(command);
  options->settings.AddTo(command);
  command->callback([run, options] { *run = [options] { return RunTune(*options); }; });
}

}  // namespace freshet::tools
