#include "tools/evaluation.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/unit/core/served_sample.h"

namespace freshet::tools {
namespace {

core::LogEntry Click(const std::string& session, const std::string& item, std::int64_t time_s) {
  core::Event event;
  event.session_id = session;
  event.item_id = item;
  event.event_type = "view";
  event.time_ms = 1'700'000'000'000 + time_s * 1000;
  return event;
}

Evaluation::Options OptionsFor(const std::string& campaign, std::size_t count = 20) {
  Evaluation::Options options;
  for (const core::CampaignSettings& settings : core::DefaultCampaigns()) {
    if (settings.name == campaign) options.campaign = settings;
  }
  options.count = count;
  return options;
}

TEST(Prequential, AsksBeforeItLearns) {
  Evaluation evaluation(OptionsFor("session"), {});
  // b is unknown when it comes first, and what follows a from then on.
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("2", "a", 2), Click("2", "b", 3),
                                           Click("3", "a", 4), Click("3", "b", 5)};
  evaluation.Prequential(log, 0);
  const EvaluationResult result = evaluation.result();
  EXPECT_EQ(result.metrics.asked(), 3U);
  EXPECT_EQ(result.metrics.hits(), 2U);
  EXPECT_DOUBLE_EQ(result.metrics.MeanReciprocalRank(), 2.0 / 3);
  EXPECT_EQ(result.learned, 6U);
  EXPECT_EQ(result.items, 2U);
  EXPECT_EQ(result.recommended_items, 1U) << "a is where each session is and never in the answer";
}

TEST(Prequential, AsksNeitherForRepeatsNorForFirstEventsNorBeforeItsBeginning) {
  Evaluation evaluation(OptionsFor("session"), {});
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("2", "b", 2), Click("2", "b", 3),
                                           Click("2", "a", 4)};
  evaluation.Prequential(log, 2);
  EXPECT_EQ(evaluation.result().metrics.asked(), 1U);
  EXPECT_EQ(evaluation.result().metrics.hits(), 1U);
}

TEST(Prequential, CountsOnlyTheFirstOfTheAnswer) {
  std::vector<core::LogEntry> log;
  std::int64_t time = 0;
  for (const char* session : {"1", "2"}) {
    log.push_back(Click(session, "a", time++));
    log.push_back(Click(session, "b", time++));
  }
  log.push_back(Click("3", "a", time++));
  log.push_back(Click("3", "c", time++));
  const std::size_t from = log.size();
  log.push_back(Click("4", "a", time++));
  log.push_back(Click("4", "c", time++));
  Evaluation one(OptionsFor("session", 1), {});
  one.Prequential(log, from);
  EXPECT_EQ(one.result().metrics.hits(), 0U) << "b follows a more often";
  Evaluation two(OptionsFor("session", 2), {});
  two.Prequential(log, from);
  EXPECT_DOUBLE_EQ(two.result().metrics.MeanReciprocalRank(), 0.5);
}

TEST(NextClick, PredictsSessionsThatItDoesNotLearn) {
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("1", "c", 2), Click("2", "x", 3)};
  // Were session 8 learned, session 9 would find x after a.
  const std::vector<core::LogEntry> test = {Click("8", "a", 10), Click("8", "x", 11),
                                            Click("9", "a", 12), Click("9", "unheard", 13),
                                            Click("9", "c", 14)};
  Evaluation evaluation(OptionsFor("session", 2), {});
  evaluation.NextClick(log, test);
  const EvaluationResult result = evaluation.result();
  EXPECT_EQ(result.metrics.asked(), 3U);
  EXPECT_EQ(result.metrics.hits(), 1U);
  EXPECT_DOUBLE_EQ(result.metrics.MeanReciprocalRank(), 0.5 / 3)
      << "c comes after b, which is nearer to a";
  EXPECT_EQ(result.learned, 4U);
}

TEST(NextClick, TheCurrentItemMayComeAgainWhereTheCampaignAllowsIt) {
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("1", "a", 2)};
  const std::vector<core::LogEntry> test = {Click("9", "a", 10), Click("9", "a", 11)};
  Evaluation without(OptionsFor("session"), {});
  without.NextClick(log, test);
  EXPECT_EQ(without.result().metrics.hits(), 0U);
  Evaluation::Options options = OptionsFor("session");
  options.campaign.leave_out = core::LeaveOut::kNone;
  Evaluation with(options, {});
  with.NextClick(log, test);
  EXPECT_EQ(with.result().metrics.hits(), 1U);
}

core::LogEntry By(const std::string& user, const std::string& item, std::int64_t time_s) {
  core::LogEntry entry = Click("", item, time_s);
  std::get<core::Event>(entry).user_id = user;
  return entry;
}

TEST(Retrained, LearnsWhatTheClockHasPassed) {
  constexpr std::int64_t kHour = 3600;
  // That c follows a oftener than b is known after session 4, or an hour later.
  const std::vector<core::LogEntry> log = {
      Click("1", "a", 0),         Click("1", "b", 1),         Click("2", "b", 2),
      Click("2", "c", 3),         Click("3", "a", kHour),     Click("3", "c", kHour + 1),
      Click("4", "a", kHour + 2), Click("4", "c", kHour + 3), Click("5", "a", kHour + 4),
      Click("5", "c", kHour + 5), Click("6", "a", 2 * kHour), Click("6", "c", 2 * kHour + 1)};
  const auto hits = [&](std::optional<std::int64_t> interval_ms) {
    Evaluation evaluation(OptionsFor("session", 1), {});
    evaluation.Retrained(log, 4, interval_ms);
    EXPECT_EQ(evaluation.result().metrics.asked(), 4U);
    return evaluation.result().metrics.hits();
  };
  EXPECT_EQ(hits(std::nullopt), 0U);
  EXPECT_EQ(hits(kHour * 1000), 1U) << "session 6";
  EXPECT_EQ(hits(1), 2U) << "sessions 5 and 6";
}

TEST(Retrained, AsksWhatPrequentialAsks) {
  const std::vector<core::LogEntry> log = {Click("1", "a", 0),   Click("1", "new", 1),
                                           Click("1", "new", 2), Click("1", "a", 3),
                                           Click("2", "a", 4),   Click("2", "b", 5)};
  Evaluation live(OptionsFor("session"), {});
  live.Prequential(log, 1);
  Evaluation frozen(OptionsFor("session"), {});
  frozen.Retrained(log, 1, std::nullopt);
  EXPECT_EQ(frozen.result().metrics.asked(), live.result().metrics.asked());
  EXPECT_EQ(frozen.result().learned, 1U);
}

TEST(Continual, AsksEachPeriodForWhatWasKnownBeforeIt) {
  const std::vector<core::LogEntry> log = {Click("1", "a", 0),    Click("1", "b", 1),  // first
                                           Click("2", "a", 10),   Click("2", "new", 11),
                                           Click("2", "b", 12),   Click("3", "a", 13),
                                           Click("3", "new", 14),                          // second
                                           Click("4", "a", 20),   Click("4", "new", 21)};  // third
  const Evaluation::Log all(log);
  const std::vector<Evaluation::Log> periods = {all.subspan(0, 2), all.subspan(2, 5),
                                                all.subspan(7)};
  Evaluation evaluation(OptionsFor("session"), {});
  evaluation.Continual(periods, false);
  const EvaluationResult result = evaluation.result();
  ASSERT_EQ(result.periods.size(), 2U);
  EXPECT_EQ(result.periods[0].asked(), 1U) << "new is left out, session 3 has one item then";
  EXPECT_EQ(result.periods[0].hits(), 1U);
  EXPECT_EQ(result.periods[1].asked(), 1U);
  EXPECT_EQ(result.periods[1].hits(), 1U);
  EXPECT_EQ(result.learned, log.size());
  EXPECT_EQ(result.metrics.asked(), 0U);
}

TEST(Continual, LiveLearnsWithinThePeriod) {
  const std::vector<core::LogEntry> log = {
      Click("1", "a", 0),  Click("1", "b", 1),  Click("2", "c", 2),
      Click("3", "a", 10), Click("3", "c", 11), Click("4", "a", 12),
      Click("4", "c", 13), Click("5", "a", 14), Click("5", "c", 15)};
  const Evaluation::Log all(log);
  const std::vector<Evaluation::Log> periods = {all.subspan(0, 3), all.subspan(3)};
  const auto hits = [&](bool is_live) {
    Evaluation evaluation(OptionsFor("session", 1), {});
    evaluation.Continual(periods, is_live);
    EXPECT_EQ(evaluation.result().learned, log.size());
    return evaluation.result().periods[0].hits();
  };
  EXPECT_EQ(hits(false), 0U);
  EXPECT_EQ(hits(true), 1U) << "session 5 profits from 3 and 4";
}

TEST(Prequential, AGenerationIsAnsweredByButNothingIsLearnedFromIt) {
  const auto factors = core::ServedSample(30);
  std::vector<core::LogEntry> log;
  for (int i = 0; i < 600; ++i) {
    log.push_back(By("u" + std::to_string(i % 7), "i" + std::to_string(i * i * i / 7 % 30), i));
  }
  const auto run = [&](const core::ServedFactors* served) {
    Evaluation::Options options = OptionsFor("user-personalization", 3);
    options.campaign.factors_weight = 10;
    options.learning.campaigns = {options.campaign};
    options.factors = served;
    Evaluation evaluation(options, {});
    evaluation.Prequential(log, 300);
    return evaluation.result();
  };
  const EvaluationResult with = run(factors.get());
  const EvaluationResult without = run(nullptr);
  EXPECT_GT(with.blend.lessons(), 10U);
  EXPECT_EQ(with.blend.weights(), without.blend.weights());
  EXPECT_EQ(with.metrics.asked(), without.metrics.asked());
  EXPECT_NE(with.metrics.MeanReciprocalRank(), without.metrics.MeanReciprocalRank());
}

TEST(HeldOut, LeavesTheLastEventOfEachUserOut) {
  const std::vector<core::LogEntry> log = {By("ann", "a", 0), By("bob", "a", 1), By("cyd", "a", 2),
                                           By("ann", "b", 3), By("bob", "b", 4), By("cyd", "b", 5),
                                           By("dot", "a", 6), By("ann", "x", 7)};
  Evaluation evaluation(OptionsFor("user-personalization"), {});
  evaluation.HeldOut(log, 0);
  const EvaluationResult result = evaluation.result();
  EXPECT_EQ(result.metrics.asked(), 3U) << "dot has nothing to be left";
  EXPECT_EQ(result.learned, 5U);
  EXPECT_EQ(result.metrics.hits(), 2U) << "nobody else had x";
  EXPECT_EQ(result.items, 2U);
}

TEST(HeldOut, ASharePutsSeveralEventsToTheTest) {
  std::vector<core::LogEntry> log;
  for (int i = 0; i < 10; ++i) {
    for (const char* user : {"ann", "bob"}) log.push_back(By(user, "i" + std::to_string(i), i));
  }
  Evaluation evaluation(OptionsFor("popularity-count", 5), {});
  evaluation.HeldOut(log, 0.35);
  EXPECT_EQ(evaluation.result().learned, 14U);
  EXPECT_EQ(evaluation.result().metrics.asked(), 2U);
  EXPECT_EQ(evaluation.result().metrics.hits(), 0U);
}

}  // namespace
}  // namespace freshet::tools
