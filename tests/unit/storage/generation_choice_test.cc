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

class GenerationChoiceTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& created_ms) {
    fs::create_directory(folder_.path() + "/" + name);
    WriteWholeFile(folder_.path() + "/" + name + "/manifest.json",
                   R"({"format": 1, "algorithm": "ials", "dimension": 3, "items": 5,)"
                   R"( "created_ms": )" +
                       created_ms + "}");
  }
  std::vector<ListedGeneration> List() {
    auto all = ListGenerations(folder_.path());
    EXPECT_TRUE(all.has_value());
    return all ? *all : std::vector<ListedGeneration>();
  }
  [[nodiscard]] std::string CurrentPath() const { return folder_.path() + "/current"; }

  TemporaryFolder folder_;
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

}  // namespace
}  // namespace freshet::storage
