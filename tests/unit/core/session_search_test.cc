// The search for similar sessions against one that compares all of them.
#include "core/recipes/session_search.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/core/event_stream.h"

namespace freshet::core {
namespace {

using testing::IsEmpty;

struct Expected {
  SessionId session;
  float similarity;
  std::uint32_t rank;
  std::uint64_t number;
};

// The definition in the header, word by word.
std::vector<Expected> BruteForce(const State& state, const std::vector<ItemId>& recent,
                                 SessionId own, const SessionSearch::Limits& limits) {
  const Sessions& sessions = state.sessions();
  std::vector<Expected> all;
  for (std::uint32_t slot = 0; slot < sessions.slot_count(); ++slot) {
    const SessionId session{slot};
    if (!sessions.IsLive(session) || session == own) continue;
    const auto items = sessions.Items(session);
    Expected one{session, 0, 0, static_cast<std::uint64_t>(sessions.Number(session))};
    bool shares = false;
    // The oldest item first, as single precision depends on the order of a sum.
    for (auto rank = static_cast<std::uint32_t>(recent.size()); rank-- > 0;) {
      if (std::find(items.begin(), items.end(), recent[rank]) == items.end()) continue;
      one.rank = rank;
      shares = true;
      one.similarity +=
          static_cast<float>(std::exp(-static_cast<double>(rank) / 3.0) *
                             std::log1p(static_cast<double>(sessions.next_number()) /
                                        state.session_index().SessionCount(recent[rank])));
    }
    if (shares) all.push_back(one);
  }
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) { return a.number > b.number; });
  if (all.size() > limits.sample) all.resize(limits.sample);
  std::sort(all.begin(), all.end(), [](auto& a, auto& b) {
    return std::tie(a.similarity, a.number) > std::tie(b.similarity, b.number);
  });
  if (all.size() > limits.neighbours) all.resize(limits.neighbours);
  for (Expected& one : all) {
    one.similarity /= std::sqrt(static_cast<float>(sessions.Items(one.session).size()));
  }
  return all;
}

class SessionSearchTest : public testing::TestWithParam<unsigned> {
 protected:
  SessionSearchTest() : state_(HalfForgotten()), feed_(&state_) {
    std::mt19937 random(GetParam());
    for (int i = 0; i < 3000; ++i) {
      const std::string session = "s" + std::to_string(i / 20 + static_cast<int>(random() % 12));
      const std::string item = "i" + std::to_string(random() % 8 * (random() % 9));
      feed_.Apply(MakeEvent("", session, item, kStartMs + i * 1000));
    }
  }

  // About half of the sessions have left by the end, the postings still name them.
  static Settings HalfForgotten() {
    Settings settings;
    settings.maximum_sessions = 80;
    return settings;
  }
  ItemId Item(const std::string& name) const { return state_.catalog().Find(name); }

  State state_;
  Feed feed_;
  SessionSearch search_;
};

TEST_P(SessionSearchTest, FindsWhatComparingAllFinds) {
  const std::vector<ItemId> recent = {Item("i6"), Item("i0"), Item("i12"), Item("i3"), Item("i21")};
  for (const SessionSearch::Limits limits :
       {SessionSearch::Limits{5, 2}, {40, 10}, {1000, 1000}, {30, 100}}) {
    for (const SessionId own : {SessionId{}, state_.FindSession({"", "s150"})}) {
      std::vector<std::pair<std::uint32_t, std::uint32_t>> expected;
      double expected_sum = 0;
      for (const Expected& one : BruteForce(state_, recent, own, limits)) {
        expected.emplace_back(one.session.value, one.rank);
        expected_sum += one.similarity;
      }
      ASSERT_FALSE(expected.empty());
      std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
      double found_sum = 0;
      for (const NeighbourSession& one : search_.Find(state_, recent, own, limits)) {
        found.emplace_back(one.session.value, one.rank);
        found_sum += one.similarity;
      }
      EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected));
      EXPECT_NEAR(found_sum, expected_sum, 1e-3 * expected_sum);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, SessionSearchTest, testing::Range(1U, 6U));

TEST(SessionSearch, FindsNothingForNothing) {
  State state{Settings()};
  Feed feed(&state);
  SessionSearch search;
  EXPECT_THAT(search.Find(state, {}, SessionId{}, {}), IsEmpty());
  feed.Apply(MakeEvent("", "only", "a"));
  const std::vector<ItemId> recent = {state.catalog().Find("a")};
  EXPECT_THAT(search.Find(state, recent, state.FindSession({"", "only"}), {}), IsEmpty())
      << "the visitor's own session is no neighbour";
  EXPECT_EQ(search.Find(state, recent, SessionId{}, {}).size(), 1U);
}

TEST(SessionSearch, AnErasedUsersSessionsAreNoNeighbours) {
  State state{Settings()};
  Feed feed(&state);
  feed.Apply(MakeEvent("gone", "s1", "a"));
  feed.Apply(MakeEvent("here", "s2", "a"));
  feed.Apply(DeleteUser{"gone"});
  SessionSearch search;
  const std::vector<ItemId> recent = {state.catalog().Find("a")};
  const auto found = search.Find(state, recent, SessionId{}, {});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].session, state.FindSession({"", "s2"}));
}

}  // namespace
}  // namespace freshet::core
