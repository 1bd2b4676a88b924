#include "storage/generation_choice.h"

#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/storage/damage.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* kRegularized =
    R"(, "user_regularization": {"lambda": 0.1}, "item_regularization": {"lambda": 0.1}})";
const std::string kImplicit =
    std::string(R"(, "objective": {"feedback": "implicit")") + kRegularized;
const std::string kExplicit =
    std::string(R"(, "objective": {"feedback": "explicit")") + kRegularized;

class GenerationChoiceTest : public ::testing::Test {
 protected:
  // `more` are further members of the manifest.
  void Write(const std::string& name, const std::string& created_ms, const std::string& more = "") {
    fs::create_directory(folder_.path() + "/" + name);
    WriteWholeFile(folder_.path() + "/" + name + "/manifest.json",
                   R"({"format": 1, "algorithm": "ials", "dimension": 3, "items": 5,)"
                   R"( "created_ms": )" +
                       created_ms + more + objective_ + "}");
  }
  std::vector<ListedGeneration> List() {
    auto all = ListGenerations(folder_.path());
    EXPECT_TRUE(all.has_value());
    return all ? *all : std::vector<ListedGeneration>();
  }
  [[nodiscard]] std::string CurrentPath() const { return folder_.path() + "/current"; }

  TemporaryFolder folder_;
  std::string objective_ = kImplicit;
};

TEST_F(GenerationChoiceTest, ListsWhatHasAManifestByName) {
  for (const char* name : {"b", "a", "c", "unfinished.new", "unfinished.training"}) {
    Write(name, "1");
  }
  WriteWholeFile(folder_.path() + "/c/manifest.json", "{}");
  fs::create_directory(folder_.path() + "/no manifest");
  std::vector<std::string> names;
  for (const ListedGeneration& one : List()) names.push_back(one.name);
  EXPECT_THAT(names, ElementsAre("a", "b", "c"));
  EXPECT_EQ(List()[0].file->items, 5U);
  EXPECT_THAT(List()[2].file.error().message, HasSubstr("c/manifest.json"));
  const auto absent = ListGenerations(folder_.path() + "/absent");
  ASSERT_TRUE(absent.has_value());
  EXPECT_TRUE(absent->empty());
}

TEST_F(GenerationChoiceTest, TheFingerprintChangesWithAnyFile) {
  Write("a", "1");
  const std::string before = List()[0].fingerprint;
  EXPECT_EQ(List()[0].fingerprint, before);
  WriteWholeFile(folder_.path() + "/a/item_ids.txt", "x\n");
  EXPECT_NE(List()[0].fingerprint, before);
}

TEST_F(GenerationChoiceTest, TheNewestIsTheLastMade) {
  Write("a", "3");
  Write("b", "3");
  Write("c", "2");
  const auto all = List();
  const auto any = [](const ListedGeneration&) { return true; };
  EXPECT_EQ(NewestOf(all, any)->name, "b");
  EXPECT_EQ(NewestOf(all, [](const auto& one) { return one.name == "c"; })->name, "c");
  EXPECT_EQ(NewestOf(all, [](const auto&) { return false; }), nullptr);
}

TEST_F(GenerationChoiceTest, CurrentIsReadAsItWasWritten) {
  const auto none = ReadCurrent(folder_.path());
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  for (const char* former : {"", "monday"}) {
    ASSERT_TRUE(WriteCurrent(folder_.path(), {"tuesday", former}).ok());
    const auto read = ReadCurrent(folder_.path());
    ASSERT_TRUE(read.has_value());
    ASSERT_TRUE(read->has_value());
    EXPECT_EQ((*read)->name, "tuesday");
    EXPECT_EQ((*read)->former, former);
    EXPECT_FALSE(fs::exists(CurrentPath() + ".new"));
  }
  // By hand, without a line's end.
  WriteWholeFile(CurrentPath(), "monday");
  EXPECT_EQ((*ReadCurrent(folder_.path()))->name, "monday");
}

TEST_F(GenerationChoiceTest, ACurrentThatIsNoNameIsDamage) {
  for (const char* text : {"", "\n", "../elsewhere\n", "..", "a\tb\n"}) {
    WriteWholeFile(CurrentPath(), text);
    const auto read = ReadCurrent(folder_.path());
    ASSERT_FALSE(read.has_value()) << text;
    EXPECT_EQ(read.error().code, core::ErrorCode::kCorruption);
    EXPECT_THAT(read.error().message, HasSubstr(CurrentPath()));
  }
}

constexpr const char* kWorse =
    R"(, "comparison": {"against": "a", "metric": "hits", "value": 0.4, "other_value": 0.5,)"
    R"( "tolerance": 0.125})";
constexpr const char* kGoodEnough =
    R"(, "comparison": {"against": "a", "metric": "hits", "value": 0.4, "other_value": 0.5,)"
    R"( "tolerance": 0.25})";

TEST_F(GenerationChoiceTest, WhatTheDaemonCannotAnswerByIsNeverCurrent) {
  Write("good", "1");
  objective_ = kExplicit;
  Write("ratings", "2");
  objective_.clear();
  Write("embeddings", "3");
  const auto all = List();
  const auto newest = CurrentOrNewest(folder_.path(), all);
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->name, "good");
  EXPECT_EQ(newest->former, "");
  EXPECT_THAT(WhyNotServed(all[0]), HasSubstr("no objective"));
  EXPECT_EQ(WhyNotServed(all[1]), "");
  EXPECT_THAT(WhyNotServed(all[2]), HasSubstr("explicit"));
}

TEST_F(GenerationChoiceTest, WhatDoesNotHoldIsNotServedUnlessItIsNamed) {
  Write("a", "1");
  Write("b", "2", kGoodEnough);
  Write("c", "3", kWorse);
  Write("d", "x");
  const auto all = List();
  EXPECT_TRUE(MayBeServed(all[0]));
  EXPECT_TRUE(MayBeServed(all[1]));
  EXPECT_FALSE(MayBeServed(all[2]));
  EXPECT_EQ(WhyRefused(*all[2].file->manifest.comparison),
            "hits 0.4000 falls short of 0.5000, that of a");
  EXPECT_FALSE(MayBeServed(all[3])) << "its manifest cannot be read";
  const auto newest = CurrentOrNewest(folder_.path(), all);
  ASSERT_TRUE(newest.has_value());
  EXPECT_EQ(newest->name, "b");
  EXPECT_EQ(newest->former, "a");
  ASSERT_TRUE(WriteCurrent(folder_.path(), {"c", "b"}).ok());
  EXPECT_EQ(CurrentOrNewest(folder_.path(), all)->name, "c");
}

TEST_F(GenerationChoiceTest, TheOldestOfTheScheduleAreOutlived) {
  for (int day = 1; day <= 6; ++day) {
    Write("scheduled-" + std::to_string(day), std::to_string(day), day > 4 ? kWorse : "");
  }
  Write("scheduled-broken", "x");
  Write("by hand", "0");
  const auto all = List();
  EXPECT_THAT(OutlivedGenerations(all, 2, {"scheduled-2", "scheduled-4", ""}),
              ElementsAre("scheduled-3", "scheduled-1", "scheduled-broken"));
  EXPECT_THAT(OutlivedGenerations(all, 6, {}), ElementsAre("scheduled-broken"));
  EXPECT_THAT(OutlivedGenerations(all, 7, {}), ElementsAre());
}

TEST_F(GenerationChoiceTest, WhatIsRemovedIsGoneWithAllOfIt) {
  for (const char* name : {"a", "a.new", "a.training", "ab"}) Write(name, "1");
  ASSERT_TRUE(RemoveGeneration(folder_.path(), "a").ok());
  ASSERT_TRUE(RemoveGeneration(folder_.path(), "a").ok());
  std::vector<std::string> left;
  for (const auto& each : fs::directory_iterator(folder_.path())) {
    left.push_back(each.path().filename());
  }
  EXPECT_THAT(left, ElementsAre("ab"));
}

}  // namespace
}  // namespace freshet::storage
