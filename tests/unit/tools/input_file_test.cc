#include "tools/input_file.h"

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tools/temporary_files.h"
#include "tools/output_file.h"

namespace freshet::tools {
namespace {

using ::testing::HasSubstr;

core::Result<std::string> ReadAll(const std::string& path) {
  auto file = InputFile::Open(path);
  if (!file) return file.error();
  std::string text;
  std::string buffer(1000, '\0');
  while (true) {
    auto count = (*file)->Read(buffer.data(), buffer.size());
    if (!count) return count.error();
    if (*count == 0) break;
    text.append(buffer, 0, *count);
  }
  EXPECT_EQ((*file)->consumed(), (*file)->size());
  return text;
}

std::string ManyLines() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "line " + std::to_string(i * 7919 % 10'007) + "\n";
  return text;
}

TEST(InputFile, PlainAndGzipFilesReadTheSame) {
  const TemporaryFolder folder;
  const std::string text = ManyLines();
  EXPECT_EQ(ReadAll(folder.Write("plain.csv", text)).value(), text);
  EXPECT_EQ(ReadAll(folder.WriteGzip("packed.csv.gz", text)).value(), text);
  EXPECT_EQ(ReadAll(folder.WriteGzip("misnamed.csv", text)).value(), text);
}

TEST(InputFile, AGzipFileCutShortIsAnErrorThatNamesIt) {
  const TemporaryFolder folder;
  const std::string path = folder.WriteGzip("cut.csv.gz", ManyLines());
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto read = ReadAll(path);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().code, core::ErrorCode::kCorruption);
  EXPECT_THAT(read.error().message, HasSubstr("cut.csv.gz: the gzip data is cut short"));
}

TEST(InputFile, AllMembersOfAGzipFileAreRead) {
  const TemporaryFolder folder;
  ASSERT_FALSE(folder.WriteGzip("1.gz", "first\n").empty());
  ASSERT_FALSE(folder.WriteGzip("2.gz", "").empty());
  ASSERT_FALSE(folder.WriteGzip("3.gz", ManyLines()).empty());
  const std::string members = folder.Read("1.gz") + folder.Read("2.gz") + folder.Read("3.gz");
  EXPECT_EQ(ReadAll(folder.Write("all.gz", members)).value(), "first\n" + ManyLines());
  const std::string zeros(1000, '\0');
  EXPECT_EQ(ReadAll(folder.Write("padded.gz", members + zeros)).value(), "first\n" + ManyLines());
}

TEST(InputFile, WhatFollowsTheLastGzipMemberIsAnErrorWithItsPlace) {
  const TemporaryFolder folder;
  ASSERT_FALSE(folder.WriteGzip("a.gz", "a\n").empty());
  const std::string member = folder.Read("a.gz");
  for (const std::string& behind : {std::string("b\n"), std::string("\x1f"),
                                    std::string("\0\0x", 3), std::string(100'000, 'x')}) {
    const auto read = ReadAll(folder.Write("x.csv.gz", member + behind));
    ASSERT_FALSE(read.has_value());
    const std::size_t place = member.size() + behind.find_first_not_of('\0');
    EXPECT_THAT(read.error().message,
                HasSubstr("x.csv.gz: at byte " + std::to_string(place) + ", behind 1 whole gzip"));
  }
}

TEST(InputFile, AMemberCutShortBehindAWholeOneIsAnError) {
  const TemporaryFolder folder;
  ASSERT_FALSE(folder.WriteGzip("a.gz", "a\n").empty());
  const std::string member = folder.Read("a.gz");
  for (std::size_t bytes = 2; bytes < member.size(); ++bytes) {
    const auto read = ReadAll(folder.Write("x.gz", member + member.substr(0, bytes)));
    ASSERT_FALSE(read.has_value()) << bytes;
    EXPECT_THAT(read.error().message, HasSubstr("x.gz: the gzip data is cut short"));
  }
}

TEST(InputFile, ItsBeginningIsReadAgain) {
  const TemporaryFolder folder;
  auto file = InputFile::Open(folder.WriteGzip("a.gz", "one two")).value();
  EXPECT_EQ(file->Beginning().value(), "one two");
  std::string buffer(100, '\0');
  EXPECT_EQ(file->Read(buffer.data(), 3).value(), 3U);
  EXPECT_EQ(file->Read(buffer.data() + 3, 97).value(), 4U);
  EXPECT_EQ(buffer.substr(0, 7), "one two");
  EXPECT_EQ(file->Read(buffer.data(), 100).value(), 0U);
}

TEST(InputFile, ADamagedGzipFileIsAnError) {
  const TemporaryFolder folder;
  const std::string path = folder.WriteGzip("bad.csv.gz", ManyLines());
  std::string bytes = folder.Read("bad.csv.gz");
  for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 50; ++i) bytes[i] = '!';
  EXPECT_EQ(ReadAll(folder.Write("bad.csv.gz", bytes)).error().code, core::ErrorCode::kCorruption);
}

TEST(InputFile, WhatIsAbsentOrAFolderIsNamed) {
  const TemporaryFolder folder;
  EXPECT_EQ(InputFile::Open(folder.Path("none.csv")).error().code, core::ErrorCode::kNotFound);
  EXPECT_THAT(InputFile::Open(folder.Path("")).error().message, HasSubstr("is a folder"));
}

TEST(OutputFile, PacksWhatIsNamedGz) {
  const TemporaryFolder folder;
  const std::string text = ManyLines();
  for (const std::string name : {"out.csv", "out.csv.gz"}) {
    auto file = OutputFile::Create(folder.Path(name));
    ASSERT_TRUE(file.has_value());
    ASSERT_TRUE((*file)->Write(text).ok());
    ASSERT_TRUE((*file)->Close().ok());
    EXPECT_EQ(ReadAll(folder.Path(name)).value(), text);
  }
  EXPECT_LT(folder.Read("out.csv.gz").size(), text.size() / 2);
}

TEST(OutputFile, AFullDiskIsAnError) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "there is no /dev/full here";
  auto file = OutputFile::Create("/dev/full");
  ASSERT_TRUE(file.has_value());
  const core::Status written = (*file)->Write(std::string(1 << 20, 'x'));
  const core::Status closed = (*file)->Close();
  EXPECT_FALSE(written.ok() && closed.ok());
}

}  // namespace
}  // namespace freshet::tools
