#include "core/result.h"

#include <memory>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

TEST(Status, IsSuccessByDefault) {
  const Status status;
  EXPECT_TRUE(status.ok());
  EXPECT_TRUE(static_cast<bool>(status));
}

TEST(Status, CarriesItsError) {
  const Status status = Corruption("bad bytes");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, ErrorCode::kCorruption);
  EXPECT_EQ(status.error().message, "bad bytes");
}

TEST(Result, HoldsAValueThatMayOnlyBeMoved) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(**result, 7);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(Result, HoldsAnError) {
  const Result<std::string> result = NotFound("no such item");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(result.error().message, "no such item");
}

TEST(Result, ReachesIntoItsValue) {
  Result<std::string> result = std::string("abc");
  EXPECT_EQ(result->size(), 3u);
  result.value() += "d";
  EXPECT_EQ(*result, "abcd");
}

TEST(Error, GainsContextInFrontAndKeepsItsCode) {
  const Error error = IoError("no space left").With("journal").With("append");
  EXPECT_EQ(error.message, "append: journal: no space left");
  EXPECT_EQ(error.code, ErrorCode::kIo);
}

TEST(Error, EachMakerGivesItsOwnCode) {
  EXPECT_EQ(InvalidArgument("").code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(NotFound("").code, ErrorCode::kNotFound);
  EXPECT_EQ(Unavailable("").code, ErrorCode::kUnavailable);
  EXPECT_EQ(Corruption("").code, ErrorCode::kCorruption);
  EXPECT_EQ(IoError("").code, ErrorCode::kIo);
}

TEST(ErrorCode, EachHasItsOwnName) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kInternal); ++code) {
    names.insert(ErrorCodeName(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(names.size(), static_cast<std::size_t>(ErrorCode::kInternal) + 1);
}

Status FailOn(int number, int bad) {
  return number == bad ? Status(InvalidArgument(std::to_string(number))) : Status();
}

Result<int> SumUpTo(int last, int bad) {
  int sum = 0;
  for (int number = 0; number <= last; ++number) {
    FRESHET_RETURN_IF_ERROR(FailOn(number, bad));
    sum += number;
  }
  return sum;
}

TEST(ReturnIfError, LeavesTheFunctionWithTheFirstError) {
  EXPECT_EQ(SumUpTo(3, 9).value(), 6);
  const Result<int> failed = SumUpTo(3, 2);
  ASSERT_FALSE(failed.has_value());
  EXPECT_EQ(failed.error().message, "2");
}

}  // namespace
}  // namespace freshet::core
