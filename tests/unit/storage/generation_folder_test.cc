#include "storage/generation_folder.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include "storage/npy.h"
#include "tests/unit/storage/damage.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

core::FactorMatrix Numbered(std::size_t rows, std::size_t dimension) {
  core::FactorMatrix matrix(rows, dimension);
  float next = 0.5F;
  for (float& value : matrix.values()) value = next += 0.25F;
  return matrix;
}

core::Generation Sample() {
  core::Generation generation;
  generation.item_ids = {"a", "b,\"c\"", "back\\slash", "two\nlines\r", "ü"};
  generation.items = Numbered(5, 3);
  generation.user_ids = {"u1", "u2"};
  generation.users = Numbered(2, 3);
  core::GenerationManifest& manifest = generation.manifest;
  manifest.objective = core::Objective{.alpha = 2,
                                       .background_weight = 0.25,
                                       .background_target = 1,
                                       .user_regularization = {0.5, 1, 1.25},
                                       .item_regularization = {0.5, 1, 0.5},
                                       .recency = {.weight = 8, .half_life_items = 2.5}};
  manifest.created_ms = 1'700'000'000'123;
  manifest.trained_through = {{0, 17}, {65536, 1ULL << 50}};
  manifest.interactions = 7;
  manifest.trained_until_ms = 1'699'999'999'456;
  manifest.metrics = {{"ndcg_at_10", 0.453125}};
  manifest.comparison = {"monday", "ndcg_at_10", 0.453125, 0.5, 0.0625};
  return generation;
}

class GenerationFolderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const auto written = WriteGeneration(Sample(), path_);
    ASSERT_TRUE(written.ok()) << written.error().message;
  }

  [[nodiscard]] std::string In(const std::string& name) const { return path_ + "/" + name; }

  // The error of reading the folder, which must name `file`.
  core::Error ReadError(const std::string& file) {
    const auto generation = ReadGeneration(path_);
    EXPECT_FALSE(generation.has_value());
    if (generation) return {};
    EXPECT_THAT(generation.error().message, HasSubstr(In(file)));
    return generation.error();
  }

  void Replace(const std::string& file, const std::string& old_text, const std::string& new_text) {
    std::string bytes = ReadWholeFile(In(file));
    const std::size_t at = bytes.find(old_text);
    ASSERT_NE(at, std::string::npos) << old_text << " in " << bytes;
    WriteWholeFile(In(file), bytes.replace(at, old_text.size(), new_text));
  }

  TemporaryFolder temporary_;
  const std::string path_ = temporary_.path() + "/deep/generation";
};

TEST_F(GenerationFolderTest, WhatWasWrittenIsRead) {
  const auto read = ReadGeneration(path_ + "/");
  ASSERT_TRUE(read.has_value()) << read.error().message;
  const core::Generation wanted = Sample();
  EXPECT_EQ(read->item_ids, wanted.item_ids);
  EXPECT_EQ(read->user_ids, wanted.user_ids);
  EXPECT_THAT(read->items.values(), ::testing::ElementsAreArray(wanted.items.values()));
  EXPECT_THAT(read->users.values(), ::testing::ElementsAreArray(wanted.users.values()));
  EXPECT_EQ(read->dimension(), 3u);
  EXPECT_EQ(read->manifest, wanted.manifest);
  const auto manifest = ReadGenerationManifest(path_);
  ASSERT_TRUE(manifest.has_value());
  EXPECT_EQ(manifest->manifest, wanted.manifest);
  EXPECT_EQ(manifest->items, 5U);
  EXPECT_FALSE(fs::exists(path_ + ".new"));
}

TEST_F(GenerationFolderTest, AManifestNeedsLittleAndAGenerationNoUsers) {
  WriteWholeFile(In("manifest.json"),
                 R"({"format": 1, "algorithm": "two-tower", "dimension": 3, "items": 5})");
  fs::remove(In("user_ids.txt"));
  fs::remove(In("user_factors.npy"));
  const auto read = ReadGeneration(path_);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->users.rows(), 0u);
  EXPECT_FALSE(read->manifest.objective.has_value());
}

TEST_F(GenerationFolderTest, TheGramianOfItsUsersIsReadWhereThereIsOne) {
  EXPECT_FALSE(fs::exists(In("user_gramian.npy")));
  core::Generation generation = Sample();
  generation.user_gramian = Numbered(3, 3);
  fs::remove_all(path_);
  ASSERT_TRUE(WriteGeneration(generation, path_).ok());
  const auto read = ReadGeneration(path_);
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_THAT(read->user_gramian.values(),
              ::testing::ElementsAreArray(generation.user_gramian.values()));
  ASSERT_TRUE(WriteNpy(In("user_gramian.npy"), Numbered(3, 2)).ok());
  EXPECT_THAT(ReadError("user_gramian.npy").message, HasSubstr("2 columns"));
}

TEST_F(GenerationFolderTest, NothingIsOverwritten) {
  const auto written = WriteGeneration(Sample(), path_);
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_THAT(written.error().message, HasSubstr(path_ + " is there already"));
}

TEST_F(GenerationFolderTest, WhatAKilledWriterLeftIsReplaced) {
  const std::string other = temporary_.path() + "/other";
  fs::create_directories(other + ".new");
  WriteWholeFile(other + ".new/item_ids.txt", "half of");
  ASSERT_TRUE(WriteGeneration(Sample(), other).ok());
  EXPECT_TRUE(ReadGeneration(other).has_value());
}

TEST_F(GenerationFolderTest, AFileThatCannotGrowLeavesNothing) {
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit small = before;
  small.rlim_cur = 200;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string other = temporary_.path() + "/other";
  core::Generation generation = Sample();
  generation.items = Numbered(5, 64);
  const auto written = WriteGeneration(generation, other);
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  ASSERT_FALSE(written.ok());
  EXPECT_THAT(written.error().message, HasSubstr("item_factors.npy"));
  EXPECT_FALSE(fs::exists(other));
  EXPECT_FALSE(fs::exists(other + ".new"));
}

TEST_F(GenerationFolderTest, EveryMissingFileIsNamed) {
  for (const char* file :
       {"user_factors.npy", "user_ids.txt", "item_factors.npy", "item_ids.txt", "manifest.json"}) {
    fs::remove(In(file));
    EXPECT_EQ(ReadError(file).code, core::ErrorCode::kNotFound);
  }
  fs::remove(path_);
  EXPECT_EQ(ReadGeneration(path_).error().code, core::ErrorCode::kNotFound);
}

TEST_F(GenerationFolderTest, EveryCutIsFound) {
  for (const char* file :
       {"item_factors.npy", "item_ids.txt", "user_factors.npy", "user_ids.txt"}) {
    const std::string whole = ReadWholeFile(In(file));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      WriteWholeFile(In(file), whole.substr(0, size));
      EXPECT_EQ(ReadError(file).code, core::ErrorCode::kCorruption) << file << " at " << size;
    }
    WriteWholeFile(In(file), whole);
  }
  const std::string whole = ReadWholeFile(In("manifest.json"));
  for (std::size_t size = 0; size + 2 < whole.size(); ++size) {
    WriteWholeFile(In("manifest.json"), whole.substr(0, size));
    EXPECT_EQ(ReadError("manifest.json").code, core::ErrorCode::kCorruption) << size;
  }
}

TEST_F(GenerationFolderTest, BytesAfterTheValuesAreRefused) {
  std::ofstream(In("item_factors.npy"), std::ios::app) << "more";
  EXPECT_THAT(ReadError("item_factors.npy").message, HasSubstr("make 188"));
}

TEST_F(GenerationFolderTest, OtherTypesOrdersAndShapesAreNamed) {
  const std::string whole = ReadWholeFile(In("item_factors.npy"));
  const auto message = [&](const std::string& old_text, const std::string& new_text) {
    WriteWholeFile(In("item_factors.npy"), whole);
    Replace("item_factors.npy", old_text, new_text);
    return ReadError("item_factors.npy").message;
  };
  EXPECT_THAT(message("<f4", "<f8"), HasSubstr("holds '<f8', it must be little-endian float32"));
  EXPECT_THAT(message("<f4", ">f4"), HasSubstr("holds '>f4'"));
  EXPECT_THAT(message("False", "True "), HasSubstr("Fortran order"));
  EXPECT_THAT(message("(5, 3)", "(15,) "), HasSubstr("two-dimensional"));
  EXPECT_THAT(message("(5, 3), }   ", "(5, 1, 3), }"), HasSubstr("two-dimensional"));
  EXPECT_THAT(message("(5, 3)", "(3, 5)"), HasSubstr("has 3 rows, but manifest.json says 5"));
  EXPECT_THAT(message("(5, 3), }          ", "(99999999999, 3), }"), HasSubstr("more than can be"));
  EXPECT_THAT(message("\x93NUMPY", "\x93NUMPX"), HasSubstr("not a NumPy file"));
  EXPECT_THAT(message(std::string("NUMPY\x01", 6), std::string("NUMPY\x04", 6)),
              HasSubstr("version 4"));
}

TEST_F(GenerationFolderTest, ValuesThatCannotBeUsedAreNamed) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), 1e9F}) {
    core::FactorMatrix matrix = Numbered(5, 3);
    matrix.Row(3)[1] = bad;
    ASSERT_TRUE(WriteNpy(In("item_factors.npy"), matrix).ok());
    EXPECT_THAT(ReadError("item_factors.npy").message,
                AllOf(HasSubstr("row 3, column 1"), HasSubstr("finite")));
  }
}

TEST_F(GenerationFolderTest, BadIdsAreNamedByLine) {
  const auto message = [&](const std::string& text) {
    WriteWholeFile(In("item_ids.txt"), text);
    return ReadError("item_ids.txt").message;
  };
  EXPECT_THAT(message("a\nb\nc\nb\ne\n"),
              HasSubstr("line 4: the id \"b\" stands in line 2 already"));
  EXPECT_THAT(message("a\n\nc\nd\ne\n"), HasSubstr("line 2: the id"));
  EXPECT_THAT(message("a\nb\\x\nc\nd\ne\n"), HasSubstr("line 2: a backslash"));
  EXPECT_THAT(message("a\nb\\\nc\nd\ne\n"), HasSubstr("line 2: a backslash"));
  EXPECT_THAT(message("a\nb\xff\nc\nd\ne\n"), HasSubstr("line 2: the id"));
  EXPECT_THAT(message(std::string(257, 'x') + "\nb\nc\nd\ne\n"), HasSubstr("line 1: the id"));
  EXPECT_THAT(message("a\nb\nc\nd\n"), HasSubstr("has 4 ids, but manifest.json says 5"));
  EXPECT_THAT(message(""), HasSubstr("has 0 ids"));
}

TEST_F(GenerationFolderTest, AManifestThatLiesIsRefused) {
  const std::string whole = ReadWholeFile(In("manifest.json"));
  const auto message = [&](const std::string& old_text, const std::string& new_text) {
    WriteWholeFile(In("manifest.json"), whole);
    Replace("manifest.json", old_text, new_text);
    return ReadError("manifest.json").message;
  };
  EXPECT_THAT(message("\"format\": 1", "\"format\": 2"),
              HasSubstr("this version of Freshet reads 1"));
  EXPECT_THAT(message("\"format\": 1,", ""), HasSubstr("format is missing"));
  EXPECT_THAT(message("\"algorithm\": \"ials\"", "\"algorithm\": 5"),
              HasSubstr("algorithm must be a string"));
  EXPECT_THAT(message("\"dimension\": 3", "\"dimension\": 0"), HasSubstr("dimension must be"));
  EXPECT_THAT(message("\"dimension\": 3", "\"dimension\": -3"), HasSubstr("dimension must be"));
  EXPECT_THAT(message("\"items\": 5", "\"items\": \"5\""), HasSubstr("items must be"));
  EXPECT_THAT(message("\"alpha\"", "\"alhpa\""), HasSubstr("objective.alhpa is not known"));
  EXPECT_THAT(message("\"implicit\"", "\"else\""), HasSubstr("objective.feedback must be"));
  EXPECT_THAT(message("\"lambda\": ", "\"lambda\": -"),
              HasSubstr("objective.user_regularization.lambda must not be negative"));
  EXPECT_THAT(message("\"weight\": ", "\"weight\": -"),
              HasSubstr("objective.recency.weight must not be negative"));
  EXPECT_THAT(message("\"half_life_items\": 2.5", "\"half_life_items\": 0"),
              HasSubstr("objective.recency.half_life_items must be above 0"));
  EXPECT_THAT(message("\"implicit\"", "\"explicit\""),
              HasSubstr("objective.recency is of implicit feedback only"));
  EXPECT_THAT(message("\"65536\"", "\"p\""), HasSubstr("trained_through.p is no number"));
  EXPECT_THAT(message("{", "["), HasSubstr("is not JSON"));
}

TEST_F(GenerationFolderTest, AManifestOfAnotherDimensionIsRefused) {
  Replace("manifest.json", "\"dimension\": 3", "\"dimension\": 4");
  EXPECT_THAT(ReadError("item_factors.npy").message,
              HasSubstr("has 3 columns, but manifest.json says 4"));
}

}  // namespace
}  // namespace freshet::storage
