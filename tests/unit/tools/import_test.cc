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

using ::testing::AllOf;
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
  core::Status ImportAll(const std::string& path, InputKind kind = InputKind::kEvents,
                         const TableFormat& format = {}) {
    auto listed = ListInputs(path, kind);
    if (!listed) return listed.error();
    auto checked = CheckInputs(*listed, format);
    if (!checked) return checked.error();
    notes_ = checked->notes;
    ProgressBar bar(&progress_, {}, 1);
    Import import(&sink_, &rejected_, &bar, format);
    for (const InputPath& input : checked->inputs) FRESHET_RETURN_IF_ERROR(import.Read(input));
    counts_ = import.counts();
    return rejected_.Close();
  }
  std::string Item(std::size_t i) { return std::get<core::Event>(sink_.entries.at(i)).item_id; }

  TemporaryFolder folder_;
  RecordingSink sink_;
  RejectedRows rejected_{folder_.Path("rejected.csv")};
  std::ostringstream progress_;
  ImportCounts counts_;
  std::vector<std::string> notes_;
};

std::string KeyOf(const std::string& path) {
  return FileKey(InputFile::Open(path).value().get()).value();
}

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
  EXPECT_THAT(aside, HasSubstr(",5,\"ITEM_ID is empty"));
  EXPECT_THAT(aside, HasSubstr(",6,TIMESTAMP is before 1970"));
  EXPECT_THAT(aside, HasSubstr(",7,\"sessionId and USER_ID are both missing"));
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
  ASSERT_TRUE(
      ImportAll(folder_.Write("items.csv", "ITEM_ID,PRICE,GENRES\ni,9.5,a|b\n"), InputKind::kItems)
          .ok());
  ASSERT_TRUE(ImportAll(folder_.Write("users.csv", "AGE,USER_ID\n33,u\n"), InputKind::kUsers).ok());
  ASSERT_THAT(sink_.entries, SizeIs(2));
  const core::PutItem item{
      "i", {{"PRICE", *core::Number::Parse("9.5")}, {"GENRES", std::string("a|b")}}};
  EXPECT_EQ(std::get<core::PutItem>(sink_.entries[0]), item);
  const core::PutUser user{"u", {{"AGE", *core::Number::Parse("33")}}};
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
  const std::string key = KeyOf(folder_.Write("events.csv", text));
  EXPECT_EQ(key, KeyOf(elsewhere.Write("events.csv", text)));
  EXPECT_NE(key, KeyOf(elsewhere.Write("other.csv", text)));
  EXPECT_NE(key, KeyOf(elsewhere.Write("events.csv", text + "u,i,2\n")));
  EXPECT_EQ(key.size(), 16U);
}

TEST_F(ImportTest, AFolderThatSparkWroteIsRead) {
  const std::string header = "USER_ID,ITEM_ID,TIMESTAMP\n";
  ASSERT_FALSE(folder_.Write("part-00000.csv", header + "u,a,1\n").empty());
  ASSERT_FALSE(folder_.WriteGzip("part-00001.csv.gz", header + "u,b,2\n").empty());
  ASSERT_FALSE(
      folder_.Write("part-00002.json", R"({"userId":"u","itemId":"c","eventType":"v","sentAt":3})")
          .empty());
  ASSERT_FALSE(folder_.Write("part-00003.csv", "").empty());
  ASSERT_FALSE(folder_.WriteGzip("part-00004.csv.gz", "").empty());
  ASSERT_FALSE(folder_.Write("_SUCCESS", "").empty());
  ASSERT_FALSE(folder_.Write(".part-00000.csv.crc", "\1\2").empty());
  ASSERT_TRUE(ImportAll(folder_.Path("")).ok());
  ASSERT_THAT(sink_.entries, SizeIs(3));
  EXPECT_EQ(Item(2), "c");
  EXPECT_THAT(notes_, ElementsAre(HasSubstr("passed over .part-00000.csv.crc, _SUCCESS"),
                                  AllOf(HasSubstr("empty files"), HasSubstr("part-00003.csv"),
                                        HasSubstr("part-00004.csv.gz"))));
}

TEST_F(ImportTest, AFileOfAFolderThatIsNoTableIsNamed) {
  ASSERT_FALSE(folder_.Write("a.csv", "USER_ID,ITEM_ID,TIMESTAMP\nu,a,1\n").empty());
  ASSERT_FALSE(folder_.Write("notes.txt", "All of May.\n").empty());
  const core::Status imported = ImportAll(folder_.Path(""));
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("notes.txt:1: this is no table"));
}

TEST_F(ImportTest, AByteOrderMarkCostsNoEvent) {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string line = R"({"userId":"u","itemId":"i","eventType":"v","sentAt":1})";
  ASSERT_TRUE(ImportAll(folder_.Write("a.jsonl", mark + line + "\n")).ok());
  ASSERT_TRUE(ImportAll(folder_.Write("b.json", mark + "[" + line + "]")).ok());
  ASSERT_TRUE(ImportAll(folder_.Write("c.csv", mark + "USER_ID,ITEM_ID,TIMESTAMP\nu,i,1\n")).ok());
  EXPECT_THAT(sink_.entries, SizeIs(3));
  EXPECT_EQ(rejected_.count(), 0U);
}

TEST_F(ImportTest, AJsonArrayIsReadObjectByObject) {
  const std::string path = folder_.Write(
      "events.json",
      "[\n {\"userId\": \"u\", \"itemId\": \"}\\\"{\", \"eventType\": \"v\",\n  \"sentAt\": 1},\n"
      " {\"userId\": 5.5},\n "
      "{\"userId\":\"u\",\"itemId\":\"b\",\"eventType\":\"v\",\"sentAt\":2}\n]\n");
  ASSERT_TRUE(ImportAll(path).ok());
  ASSERT_THAT(sink_.lines, ElementsAre(2, 5));
  EXPECT_EQ(Item(0), "}\"{");
  EXPECT_THAT(rejected_.first(), HasSubstr("events.json:4:"));
}

TEST_F(ImportTest, AJsonArrayThatIsCutShortIsAnError) {
  const core::Status imported = ImportAll(folder_.Write("cut.json", "[{\"userId\":\"u\""));
  ASSERT_FALSE(imported.ok());
  EXPECT_THAT(imported.error().message, HasSubstr("cut.json:1: the JSON object that begins here"));
}

TEST_F(ImportTest, ItemsMayBeLinesOfJson) {
  const std::string path =
      folder_.Write("items.ndjson", R"({"itemId":"a","properties":{"title":"A tent"}})"
                                    "\n"
                                    R"({"itemId":"b","title":"A stove"})"
                                    "\n"
                                    R"({"title":"of nothing"})"
                                    "\n");
  ASSERT_TRUE(ImportAll(path, InputKind::kItems).ok());
  ASSERT_THAT(sink_.entries, SizeIs(2));
  const core::PutItem a{"a", {{"TITLE", std::string("A tent")}}};
  const core::PutItem b{"b", {{"TITLE", std::string("A stove")}}};
  EXPECT_EQ(std::get<core::PutItem>(sink_.entries[0]), a);
  EXPECT_EQ(std::get<core::PutItem>(sink_.entries[1]), b);
  EXPECT_EQ(rejected_.count(), 1U);
}

TEST_F(ImportTest, MovieLensIsReadAsItIs) {
  ASSERT_TRUE(
      ImportAll(folder_.Write("ratings.csv", "userId,movieId,rating,timestamp\n7,31,2.5,10\n"))
          .ok());
  const auto& event = std::get<core::Event>(sink_.entries.at(0));
  EXPECT_EQ(event.user_id, "7");
  EXPECT_EQ(event.item_id, "31");
  EXPECT_EQ(event.value, 2.5);
  EXPECT_EQ(event.time_ms, 10'000);
  EXPECT_THAT(notes_, ElementsAre("movieId is taken as ITEM_ID, rating is taken as EVENT_VALUE"));
}

TEST_F(ImportTest, AFileWithoutAHeaderIsReadByTheNamesGiven) {
  TableFormat format;
  format.delimiter = "::";
  format.columns = {"USER_ID", "ITEM_ID", "EVENT_VALUE", "TIMESTAMP"};
  ASSERT_TRUE(ImportAll(folder_.Write("ratings.dat", "1::1193::5::978300760\n1::661::3::978302109"),
                        InputKind::kEvents, format)
                  .ok());
  ASSERT_THAT(sink_.lines, ElementsAre(1, 2));
  EXPECT_EQ(Item(1), "661");
}

TEST_F(ImportTest, ARenameThatNoFileHasUseForIsRefused) {
  TableFormat format;
  format.renames = {{"film", "ITEM_ID"}, {"fillm", "TITLE"}};
  const core::Status imported =
      ImportAll(folder_.Write("a.csv", "user,film,time\nu,i,1\n"), InputKind::kEvents, format);
  ASSERT_FALSE(imported.ok());
  EXPECT_EQ(imported.error().message, "--rename fillm=TITLE: no file has a column fillm");
}

}  // namespace
}  // namespace freshet::tools
