#include "tools/evaluation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

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

TEST(NextItemRanks, AreSharesOfWhatWasAsked) {
  NextItemRanks ranks;
  EXPECT_EQ(ranks.HitRate(), 0);
  ranks.Add(0);
  ranks.Add(3);
  ranks.Add(std::nullopt);
  ranks.Add(std::nullopt);
  EXPECT_DOUBLE_EQ(ranks.HitRate(), 0.5);
  EXPECT_DOUBLE_EQ(ranks.MeanReciprocalRank(), (1 + 0.25) / 4);
}

TEST(Prequential, AsksBeforeItLearns) {
  Evaluation evaluation(OptionsFor("session"));
  // b is unknown when it comes first, and what follows a from then on.
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("2", "a", 2), Click("2", "b", 3),
                                           Click("3", "a", 4), Click("3", "b", 5)};
  evaluation.Prequential(log, 0, {});
  const EvaluationResult result = evaluation.result();
  EXPECT_EQ(result.ranks.asked, 3U);
  EXPECT_EQ(result.ranks.hits, 2U);
  EXPECT_DOUBLE_EQ(result.ranks.reciprocal_sum, 2.0);
  EXPECT_EQ(result.learned, 6U);
  EXPECT_EQ(result.items, 2U);
  EXPECT_EQ(result.recommended_items, 1U) << "a is where each session is and never in the answer";
}

TEST(Prequential, AsksNeitherForRepeatsNorForFirstEventsNorBeforeItsBeginning) {
  Evaluation evaluation(OptionsFor("session"));
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("2", "b", 2), Click("2", "b", 3),
                                           Click("2", "a", 4)};
  evaluation.Prequential(log, 2, {});
  EXPECT_EQ(evaluation.result().ranks.asked, 1U);
  EXPECT_EQ(evaluation.result().ranks.hits, 1U);
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
  Evaluation one(OptionsFor("session", 1));
  one.Prequential(log, from, {});
  EXPECT_EQ(one.result().ranks.hits, 0U) << "b follows a more often";
  Evaluation two(OptionsFor("session", 2));
  two.Prequential(log, from, {});
  EXPECT_DOUBLE_EQ(two.result().ranks.reciprocal_sum, 0.5);
}

TEST(NextClick, PredictsSessionsThatItDoesNotLearn) {
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("1", "c", 2), Click("2", "x", 3)};
  // Were session 8 learned, session 9 would find x after a.
  const std::vector<core::LogEntry> test = {Click("8", "a", 10), Click("8", "x", 11),
                                            Click("9", "a", 12), Click("9", "unheard", 13),
                                            Click("9", "c", 14)};
  Evaluation evaluation(OptionsFor("session", 2));
  evaluation.NextClick(log, test, {});
  const EvaluationResult result = evaluation.result();
  EXPECT_EQ(result.ranks.asked, 3U);
  EXPECT_EQ(result.ranks.hits, 1U);
  EXPECT_DOUBLE_EQ(result.ranks.reciprocal_sum, 0.5) << "c comes after b, which is nearer to a";
  EXPECT_EQ(result.learned, 4U);
}

TEST(NextClick, TheCurrentItemMayComeAgainWhereTheCampaignAllowsIt) {
  const std::vector<core::LogEntry> log = {Click("1", "a", 0), Click("1", "b", 1),
                                           Click("1", "a", 2)};
  const std::vector<core::LogEntry> test = {Click("9", "a", 10), Click("9", "a", 11)};
  Evaluation without(OptionsFor("session"));
  without.NextClick(log, test, {});
  EXPECT_EQ(without.result().ranks.hits, 0U);
  Evaluation::Options options = OptionsFor("session");
  options.campaign.leave_out = core::LeaveOut::kNone;
  Evaluation with(options);
  with.NextClick(log, test, {});
  EXPECT_EQ(with.result().ranks.hits, 1U);
}

}  // namespace
}  // namespace freshet::tools
