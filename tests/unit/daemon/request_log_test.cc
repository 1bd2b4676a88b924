#include "daemon/api/request_log.h"

#include <chrono>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::daemon::api {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::Optional;

class RequestLogTest : public testing::Test {
 protected:
  std::optional<std::string> Answer(http::Method method, const std::string& target, unsigned status,
                                    const std::string& body = "") {
    http::Request request;
    request.method = method;
    request.SetTarget(target);
    http::Response response;
    response.status = status;
    response.body = body;
    return log_.LineFor(request, response, now_);
  }

  RequestLog log_;
  std::chrono::steady_clock::time_point now_ =
      std::chrono::steady_clock::time_point() + std::chrono::hours(1);
};

TEST_F(RequestLogTest, ADeleteLeavesALine) {
  EXPECT_THAT(Answer(http::Method::delete_, "/v1/users/ann", 200),
              Optional(HasSubstr("deleted by request: DELETE /v1/users/ann")));
}

TEST_F(RequestLogTest, AnswersAndMissingItemsLeaveNone) {
  EXPECT_EQ(Answer(http::Method::get, "/v1/popular", 200), std::nullopt);
  EXPECT_EQ(Answer(http::Method::get, "/v1/items/none", 404), std::nullopt);
}

TEST_F(RequestLogTest, ARefusalLeavesALineWithItsReason) {
  EXPECT_THAT(Answer(http::Method::post, "/v1/events", 400, "userId is empty"),
              Optional(HasSubstr("refused with 400: POST /v1/events: userId is empty")));
}

TEST_F(RequestLogTest, AThousandRefusalsLeaveOneLineAMinuteForEachStatus) {
  EXPECT_NE(Answer(http::Method::post, "/v1/events", 400), std::nullopt);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(Answer(http::Method::post, "/v1/events", 400), std::nullopt);
  }
  EXPECT_NE(Answer(http::Method::post, "/v1/events", 503), std::nullopt);
  now_ += RequestLog::kInterval;
  EXPECT_THAT(Answer(http::Method::post, "/v1/events", 400),
              Optional(HasSubstr("and 1000 more with this status")));
}

TEST_F(RequestLogTest, AClientCannotWriteALineOfItsOwn) {
  const auto line = Answer(http::Method::post, "/v1/events", 400, "bad\n\x1b[31mfake line");
  ASSERT_NE(line, std::nullopt);
  EXPECT_THAT(*line, Not(HasSubstr("\n")));
  EXPECT_THAT(*line, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace freshet::daemon::api
