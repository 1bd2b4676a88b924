#include "tools/csv_reader.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tools/temporary_files.h"

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct ReadRow {
  std::uint64_t line;
  std::string text;
  std::vector<std::string> fields;
  std::string problem;
};

std::vector<ReadRow> ReadAll(const std::string& path) {
  CsvReader reader(std::move(InputFile::Open(path).value()));
  std::vector<ReadRow> rows;
  while (true) {
    auto row = reader.Next();
    EXPECT_TRUE(row.has_value()) << row.error().message;
    if (!row || *row == nullptr) return rows;
    ReadRow read{(*row)->line, std::string((*row)->text), {}, (*row)->problem};
    for (const CsvField& field : (*row)->fields) read.fields.emplace_back(field.text);
    rows.push_back(read);
  }
}

class CsvReaderTest : public ::testing::Test {
 protected:
  std::vector<ReadRow> Rows(std::string_view text) {
    return ReadAll(folder_.Write("rows.csv", text));
  }

  TemporaryFolder folder_;
};

TEST_F(CsvReaderTest, FieldsAreSplitAtCommas) {
  const auto rows = Rows("a,b,c\n1,,3\n");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b", "c"));
  EXPECT_THAT(rows[1].fields, ElementsAre("1", "", "3"));
  EXPECT_EQ(rows[1].line, 2U);
}

TEST_F(CsvReaderTest, TheLastLineNeedsNoLineEnd) {
  EXPECT_THAT(Rows("a,b\n1,2").at(1).fields, ElementsAre("1", "2"));
  EXPECT_THAT(Rows("a,b\n1,\"2\"").at(1).fields, ElementsAre("1", "2"));
}

TEST_F(CsvReaderTest, CarriageReturnsByteOrderMarkAndEmptyLinesAreSkipped) {
  const auto rows = Rows(
      "\xEF\xBB\xBF"
      "a,b\r\n\r\n\n1,\"2\"\r\n3,4\r\n");
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_THAT(rows[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(rows[1].fields, ElementsAre("1", "2"));
  EXPECT_EQ(rows[1].line, 4U);
  EXPECT_THAT(rows[2].fields, ElementsAre("3", "4"));
}

TEST_F(CsvReaderTest, QuotesHoldCommasLineEndsAndDoubledQuotes) {
  const auto rows = Rows("1,\"a,b\",\"say \"\"hi\"\"\"\n2,\"two\nlines\",x\n3,\"\",y\n");
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_THAT(rows[0].fields, ElementsAre("1", "a,b", "say \"hi\""));
  EXPECT_THAT(rows[1].fields, ElementsAre("2", "two\nlines", "x"));
  EXPECT_THAT(rows[2].fields, ElementsAre("3", "", "y"));
  EXPECT_EQ(rows[2].line, 4U);
}

TEST_F(CsvReaderTest, BackslashEscapesAQuoteAndItself) {
  const auto rows = Rows("\"say \\\"hi\\\"\",\"C:\\\\\",\"a\\b\"\n");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_THAT(rows[0].fields, ElementsAre("say \"hi\"", "C:\\", "a\\b"));
}

TEST_F(CsvReaderTest, QuotesInsideAnUnquotedFieldAreText) {
  EXPECT_THAT(Rows("5\" nail,x\n").at(0).fields, ElementsAre("5\" nail", "x"));
}

TEST_F(CsvReaderTest, AnOpenQuoteCostsOneRow) {
  const auto rows = Rows("1,\"open\n2,b\n3,c\n");
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_THAT(rows[0].problem, HasSubstr("never closed"));
  EXPECT_EQ(rows[0].text, "1,\"open");
  EXPECT_THAT(rows[1].fields, ElementsAre("2", "b"));
  EXPECT_EQ(rows[2].line, 3U);
}

TEST_F(CsvReaderTest, TextBehindAClosingQuoteIsAProblemOfThatRow) {
  const auto rows = Rows("1,\"a\"b\n2,c\n");
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_THAT(rows[0].problem, HasSubstr("column 2"));
  EXPECT_THAT(rows[1].fields, ElementsAre("2", "c"));
}

TEST_F(CsvReaderTest, ALineBeyondTheLimitIsRefusedAndReadingGoesOn) {
  const std::string long_line(TextWindow::kMaximumRecordBytes + 700'000, 'x');
  const auto rows = Rows("a\n" + long_line + "\nb\n");
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_THAT(rows[1].problem, HasSubstr("longer than 1048576 bytes"));
  EXPECT_THAT(rows[2].fields, ElementsAre("b"));
  EXPECT_EQ(rows[2].line, 3U);
}

TEST_F(CsvReaderTest, RowsThatStraddleReadsComeWhole) {
  std::string text;
  for (int i = 0; i < 60'000; ++i) {
    text += std::to_string(i) + ",\"quoted, " + std::to_string(i) + "\"\n";
    text += "plain," + std::to_string(i) + "\n";
  }
  const auto rows = Rows(text);
  ASSERT_THAT(rows, SizeIs(120'000));
  for (int i = 0; i < 60'000; ++i) {
    const auto at = static_cast<std::size_t>(i) * 2;
    ASSERT_THAT(rows[at].fields, ElementsAre(std::to_string(i), "quoted, " + std::to_string(i)));
    ASSERT_THAT(rows[at + 1].fields, ElementsAre("plain", std::to_string(i)));
  }
}

TEST_F(CsvReaderTest, AnEmptyFileHasNoRows) { EXPECT_THAT(Rows(""), SizeIs(0)); }

}  // namespace
}  // namespace freshet::tools
