#include "daemon/generations.h"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/generation_folder.h"
#include "tests/unit/core/served_sample.h"
#include "tests/unit/core/taught_state.h"
#include "tests/unit/daemon/engine_world.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::daemon {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

class GenerationsTest : public ::testing::Test {
 protected:
  void Start() { generations_.emplace(folder_.path(), milliseconds(1)); }

  // A generation of `items` items, by which its answers can be told.
  void Write(const std::string& name, std::int64_t created_ms, std::size_t items = 20) {
    core::Generation generation = core::SampleGeneration(items);
    generation.manifest.created_ms = created_ms;
    const auto written = storage::WriteGeneration(generation, PathOf(name));
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  [[nodiscard]] std::string PathOf(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  void Promote(const std::string& name) {
    const auto written = storage::WriteCurrent(folder_.path(), {name, ""});
    ASSERT_TRUE(written.ok()) << written.error().message;
  }
  [[nodiscard]] std::string ServingName() const {
    const Generations::Served serving = generations_->serving();
    return serving == nullptr ? std::string() : serving->name();
  }
  void WaitForServing(const std::string& name) {
    WaitUntil([&] { return ServingName() == name; });
  }
  // Why the generation was refused, once it is.
  std::string Refusal(const std::string& name) {
    std::string reason;
    WaitUntil([&] {
      for (const Generations::Listed& one : generations_->status().all) {
        if (one.name == name) reason = one.refused_because;
      }
      return !reason.empty();
    });
    return reason;
  }

  storage::TemporaryFolder folder_;
  std::optional<Generations> generations_;
};

TEST_F(GenerationsTest, TheNewestIsServedAndANewerOneTakesItsPlace) {
  Start();
  EXPECT_EQ(generations_->serving(), nullptr);
  Write("monday", 1000);
  WaitForServing("monday");
  Write("tuesday", 2000);
  WaitForServing("tuesday");
  WaitUntil([&] {
    const auto all = generations_->status().all;
    return all.size() == 2 && !all[0].is_serving && all[1].is_serving;
  });
  EXPECT_EQ(generations_->status().served, 2U);
}

TEST_F(GenerationsTest, OneThatDoesNotHoldIsServedOnlyWhenItIsNamed) {
  Write("monday", 1000);
  core::Generation worse = core::SampleGeneration(30);
  worse.manifest.created_ms = 2000;
  worse.manifest.comparison = {"monday", "hits", 0.25, 0.5, 0.1};
  ASSERT_TRUE(storage::WriteGeneration(worse, PathOf("tuesday")).ok());
  Start();
  WaitForServing("monday");
  EXPECT_EQ(Refusal("tuesday"), "hits 0.2500 falls short of 0.5000, that of monday");
  EXPECT_EQ(generations_->status().refused, 0U) << "nothing is wrong with it";
  Promote("tuesday");
  WaitForServing("tuesday");
  WaitUntil([&] { return generations_->status().all[1].is_serving; });
  EXPECT_EQ(generations_->status().all[1].refused_because, "");
}

TEST_F(GenerationsTest, EndsWhileOneIsMadeReady) {
  Write("large", 1000, 50'000);
  for (int i = 0; i < 5; ++i) {
    Start();
    generations_.reset();
  }
}

TEST_F(GenerationsTest, AnOlderOneIsTakenOnlyWhenItIsNamed) {
  Write("tuesday", 2000);
  Start();
  WaitForServing("tuesday");
  Write("monday", 1000);
  WaitUntil([&] { return generations_->status().all.size() == 2; });
  fs::remove_all(PathOf("tuesday"));
  WaitUntil([&] { return generations_->status().all.size() == 1; });
  EXPECT_EQ(ServingName(), "tuesday") << "it goes on from memory";
  Promote("monday");
  WaitForServing("monday");
  Write("wednesday", 3000);
  WaitUntil([&] { return generations_->status().all.size() == 2; });
  EXPECT_EQ(ServingName(), "monday") << "what is named stays";
  fs::remove(PathOf("current"));
  WaitForServing("wednesday");
}

TEST_F(GenerationsTest, WhatIsBrokenIsRefusedOnceAndTheOldOneGoesOn) {
  Write("good", 1000);
  Start();
  WaitForServing("good");
  Write("short.new", 2000);
  fs::resize_file(PathOf("short.new/item_factors.npy"), 200);
  fs::rename(PathOf("short.new"), PathOf("short"));
  EXPECT_THAT(Refusal("short"), HasSubstr("item_factors.npy"));
  fs::create_directory(PathOf("words.new"));
  fs::copy_file(PathOf("short/item_ids.txt"), PathOf("words.new/manifest.json"));
  fs::rename(PathOf("words.new"), PathOf("words"));
  EXPECT_THAT(Refusal("words"), HasSubstr("manifest.json"));
  EXPECT_EQ(ServingName(), "good");
  const std::uint64_t refused = generations_->status().refused;
  Write("better", 3000);
  WaitForServing("better");
  EXPECT_EQ(generations_->status().refused, refused) << "nothing was read twice";
}

TEST_F(GenerationsTest, WhatIsMendedIsTaken) {
  Write("night", 1000);
  fs::rename(PathOf("night/item_ids.txt"), PathOf("night/elsewhere"));
  Start();
  EXPECT_THAT(Refusal("night"), HasSubstr("item_ids.txt is missing"));
  fs::rename(PathOf("night/elsewhere"), PathOf("night/item_ids.txt"));
  WaitForServing("night");
}

TEST_F(GenerationsTest, ANameWithoutAGenerationChangesNothingAndIsSaid) {
  Write("monday", 1000);
  Start();
  WaitForServing("monday");
  Promote("sunday");
  WaitUntil([&] { return !generations_->status().error.empty(); });
  EXPECT_THAT(generations_->status().error, HasSubstr("sunday, which is not there"));
  EXPECT_EQ(ServingName(), "monday");
}

TEST_F(GenerationsTest, EachAnswerIsFromOneGenerationWholeWhileTheyChange) {
  constexpr std::size_t kSmall = 20;
  constexpr std::size_t kLarge = 40;
  Write("small", 1000, kSmall);
  Write("large", 1000, kLarge);
  Promote("small");
  core::TaughtState state;
  for (std::size_t i = 0; i < kLarge; ++i) state.Touch("everybody", "i" + std::to_string(i));
  state.Touch("ann", "i3");
  const core::Campaign campaign({.name = "factors", .recipe = core::RecipeKind::kFactors});
  Start();
  WaitForServing("small");

  std::atomic<bool> stop = false;
  std::atomic<int> answers = 0;
  std::vector<std::thread> askers;
  for (int i = 0; i < 2; ++i) {
    askers.emplace_back([&] {
      core::QueryScratch scratch;
      while (!stop) {
        const Generations::Served factors = generations_->serving();
        core::Recommend(state.state(), campaign.recipe(),
                        {.visitor = core::User("ann"), .count = kLarge, .factors = factors.get()},
                        &scratch);
        std::size_t by_factors = 0;
        for (const core::AnswerItem& item : scratch.answer) by_factors += item.has_score ? 1 : 0;
        // All but the one that the visitor is at.
        EXPECT_EQ(by_factors, factors->items() - 1);
        ++answers;
      }
    });
  }
  for (int swap = 0; swap < 10; ++swap) {
    const std::string next = swap % 2 == 0 ? "large" : "small";
    Promote(next);
    WaitForServing(next);
    const int before = answers;
    WaitUntil([&] { return answers > before + 2; });
  }
  stop = true;
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(generations_->status().served, 11U);
}

}  // namespace
}  // namespace freshet::daemon
