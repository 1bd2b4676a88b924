#include "tools/import.h"

#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tools/temporary_files.h"

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// Remembers what an import hands over.
class RecordingSink final : public EntrySink {
 public:
  core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) override {
    lines.push_back(origin.line);
    keys.emplace_back(origin.file_key);
    entries.push_back(std::move(entry));
    return {};
  }
  core::Status Flush() override { return {}; }
  core::Status Close() override { return {}; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return entries.size(); }
  std::uint64_t duplicates() override { return 0; }

  std::vector<core::LogEntry> entries;
  std::vector<std::uint64_t> lines;
  std::vector<std::string> keys;
};

class ImportTest : public ::testing::Test {
 protected:
  core::Status ImportAll(const std::string& path, InputKind kind = InputKind::kEventCsv) {
    auto inputs = ListInputs(path, kind);
    if (!inputs) return inputs.error();
    FRESHET_RETURN_IF_ERROR(CheckInputs(*inputs));
    ProgressBar bar(&progress_, {}, 1);
    Import import(&sink_, &rejected_, &bar);
    for (const InputPath& input : *inputs) FRESHET_RETURN_IF_ERROR(import.Read(input));
    counts_ = import.counts();
    return rejected_.Close();
  }
  std::string Item(std::size_t i) { return std::get<core::Event>(sink_.entries.at(i)).item_id; }

  TemporaryFolder folder_;
  RecordingSink sink_;
  RejectedRows rejected_{folder_.Path("rejected.csv")};
  std::ostringstream progress_;
  ImportCounts counts_;
};

TEST_F(ImportTest, BadRowsAreWrittenAsideAndTheRestGoesOn) {
  const std::string path = folder_.Write("events.csv",
                                         "USER_ID,ITEM_ID,TIMESTAMP\n"
                                         "u1,i1,1\n"
                                         "u2,i2,never\n"
                                         "u3,i3\n"
                                         "u4,,4\n"
                                         "u5,i5,-5\n"
                                         ",i6,6\n"
                                         "u7,\"i7,7\n"
                                         "u8,i8,8\n");
  ASSERT_TRUE(ImportAll(path).ok());
  EXPECT_THAT(sink_.lines, ElementsAre(2, 9));
  EXPECT_EQ(rejected_.count(), 6U);
  EXPECT_EQ(counts_.events, 2U);
  const std::string aside = folder_.Read("rejected.csv");
  EXPECT_THAT(aside, HasSubstr(",3,\"TIMESTAMP is \"\"never\"\", it must be a number of seconds"));
  EXPECT_THAT(aside, HasSubstr(",4,\"the row has 2 fields, the header has 3\",\"u3,i3\"\n"));
  EXPECT_THAT(aside, HasSubstr(",5,\"itemId is empty"));
  EXPECT_THAT(aside, HasSubstr(",6,TIMESTAMP is before 1970"));
  EXPECT_THAT(aside, HasSubstr(",7,\"sessionId and userId are both missing"));
  EXPECT_THAT(aside, HasSubstr(",8,a quoted field is never closed,"));
}

TEST_F(ImportTest, AMissingColumnIsKnownBeforeAnythingIsImported) {
  ASSERT_TRUE(folder_.Write("a.csv", "USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n").size() > 0);
  ASSERT_TRUE(folder_.Write("b.csv", "USER_ID,TIMESTAMP\nu,1\n").size() > 0);
  const core::Status imported = ImportAll(folder_.Path(""));
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("b.csv:1: header: the required column ITEM_ID"));
  EXPECT_THAT(sink_.entries, SizeIs(0));
}

TEST_F(ImportTest, AFolderImportsItsFilesByNameWhateverTheyHold) {
  ASSERT_TRUE(folder_.Write("2.csv", "USER_ID,ITEM_ID,TIMESTAMP\nu,second,1\n").size() > 0);
  ASSERT_TRUE(folder_.WriteGzip("1.csv.gz", "USER_ID,ITEM_ID,TIMESTAMP\nu,first,1\n").size() > 0);
  ASSERT_TRUE(folder_
                  .WriteGzip("3.ndjson.gz",
                             R"({"userId":"u","itemId":"third","eventType":"view","sentAt":3})")
                  .size() > 0);
  ASSERT_TRUE(folder_.Write(".hidden", "no CSV").size() > 0);
  ASSERT_TRUE(ImportAll(folder_.Path("")).ok());
  ASSERT_THAT(sink_.entries, SizeIs(3));
  EXPECT_EQ(Item(0), "first");
  EXPECT_EQ(Item(1), "second");
  EXPECT_EQ(Item(2), "third");
}

TEST_F(ImportTest, LinesOfJsonAreImportedAndBadOnesNamedByLine) {
  const std::string path =
      folder_.Write("events.jsonl", R"({"userId":"u","itemId":"a","eventType":"view","sentAt":1})"
                                    "\n\n"
                                    R"({"userId":"u","itemId":)"
                                    "\n"
                                    R"({"userId":"u","itemId":"b","eventType":"view","sentAt":2})"
                                    "\n");
  ASSERT_TRUE(ImportAll(path).ok());
  EXPECT_THAT(sink_.lines, ElementsAre(1, 4));
  EXPECT_EQ(rejected_.count(), 1U);
  EXPECT_THAT(rejected_.first(), HasSubstr("events.jsonl:3:"));
}

TEST_F(ImportTest, ItemsAndUsersBecomeRecords) {
  ASSERT_TRUE(ImportAll(folder_.Write("items.csv", "ITEM_ID,PRICE,GENRES\ni,9.5,a|b\n"),
                        InputKind::kItemCsv)
                  .ok());
  ASSERT_TRUE(
      ImportAll(folder_.Write("users.csv", "AGE,USER_ID\n33,u\n"), InputKind::kUserCsv).ok());
  ASSERT_THAT(sink_.entries, SizeIs(2));
  const core::PutItem item{"i", {{"PRICE", 9.5}, {"GENRES", std::string("a|b")}}};
  EXPECT_EQ(std::get<core::PutItem>(sink_.entries[0]), item);
  const core::PutUser user{"u", {{"AGE", 33.0}}};
  EXPECT_EQ(std::get<core::PutUser>(sink_.entries[1]), user);
}

TEST_F(ImportTest, AnEmptyOrAbsentFileIsAnErrorThatNamesIt) {
  EXPECT_THAT(ImportAll(folder_.Write("empty.csv", "")).error().message,
              HasSubstr("empty.csv: the file is empty"));
  EXPECT_THAT(ImportAll(folder_.Path("none.csv")).error().message, HasSubstr("none.csv"));
}

TEST_F(ImportTest, TheSameFileHasTheSameKeyWhereverItLies) {
  const std::string text = "USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n";
  const TemporaryFolder elsewhere;
  const auto key = FileKey(folder_.Write("events.csv", text));
  EXPECT_EQ(key.value(), FileKey(elsewhere.Write("events.csv", text)).value());
  EXPECT_NE(key.value(), FileKey(elsewhere.Write("other.csv", text)).value());
  EXPECT_NE(key.value(), FileKey(elsewhere.Write("events.csv", text + "u,i,2\n")).value());
  EXPECT_EQ(key.value().size(), 16U);
}

}  // namespace
}  // namespace freshet::tools
