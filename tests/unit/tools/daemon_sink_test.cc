#include "tools/daemon_sink.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tools/scripted_server.h"
#include "tests/unit/tools/temporary_files.h"

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string StatusAnswer(int duplicates) {
  return ScriptedServer::Answer(200,
                                R"({"entries":{"duplicates":)" + std::to_string(duplicates) + "}}");
}

std::string Accepted(int count) {
  return ScriptedServer::Answer(
      200, R"({"accepted":)" + std::to_string(count) + R"(,"failed":[],"failedCount":0})");
}

core::Event View(const std::string& item) {
  core::Event event;
  event.user_id = "u";
  event.item_id = item;
  event.event_type = "view";
  event.time_ms = 5'000;
  return event;
}

class DaemonSinkTest : public ::testing::Test {
 protected:
  core::Result<std::unique_ptr<DaemonSink>> Connect(const std::string& url) {
    PatientClient::Patience patience;
    patience.give_up_after = std::chrono::seconds(10);
    patience.sleep = [this](std::chrono::milliseconds pause) { pauses_.push_back(pause.count()); };
    return DaemonSink::Connect(url, &rejected_, patience);
  }

  TemporaryFolder folder_;
  RejectedRows rejected_{folder_.Path("rejected.csv")};
  std::vector<std::int64_t> pauses_;
};

TEST_F(DaemonSinkTest, EventsGoAsLinesWithAnIdOfTheirFileAndLine) {
  ScriptedServer server({StatusAnswer(0), Accepted(2)});
  auto sink = Connect(server.url());
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  core::Event named = View("b");
  named.event_id = "own";
  ASSERT_TRUE((*sink)->Add(View("a"), {"f.csv", 7, "row a", "0123"}).ok());
  ASSERT_TRUE((*sink)->Add(named, {"f.csv", 8, "row b", "0123"}).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  EXPECT_EQ((*sink)->acknowledged(), 2U);
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].line, "POST /v1/events");
  EXPECT_EQ(requests[1].body,
            R"({"itemId":"a","userId":"u","eventType":"view","sentAt":5,"eventId":"import:0123:7"})"
            "\n"
            R"({"itemId":"b","userId":"u","eventType":"view","sentAt":5,"eventId":"own"})"
            "\n");
}

TEST_F(DaemonSinkTest, ABusyDaemonAndABrokenConnectionAreTriedAgainWithTheSameLines) {
  ScriptedServer server({StatusAnswer(0), ScriptedServer::Answer(503, "busy", "Retry-After: 2\r\n"),
                         "", ScriptedServer::Answer(429, "busy"), Accepted(1)});
  auto sink = Connect(server.url());
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  ASSERT_TRUE((*sink)->Add(View("a"), {"f.csv", 1, "row", "k"}).ok());
  const core::Status flushed = (*sink)->Flush();
  ASSERT_TRUE(flushed.ok()) << flushed.error().message;
  const auto requests = server.requests();
  ASSERT_EQ(requests.size(), 5U);
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(requests[i].body, requests[1].body);
  EXPECT_THAT(pauses_, ElementsAre(2000, 200, 400));
  EXPECT_EQ((*sink)->acknowledged(), 1U);
}

TEST_F(DaemonSinkTest, LinesThatFailTwiceAreWrittenAside) {
  const std::string one_failed = ScriptedServer::Answer(
      200, R"({"accepted":1,"failed":[{"line":2,"error":"too odd"}],"failedCount":1})");
  ScriptedServer server({StatusAnswer(0), one_failed, one_failed});
  auto sink = Connect(server.url());
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  ASSERT_TRUE((*sink)->Add(View("a"), {"f.csv", 1, "row a", "k"}).ok());
  ASSERT_TRUE((*sink)->Add(View("b"), {"f.csv", 2, "row b", "k"}).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  ASSERT_TRUE(rejected_.Close().ok());
  EXPECT_EQ((*sink)->acknowledged(), 1U);
  EXPECT_THAT(folder_.Read("rejected.csv"), HasSubstr("f.csv,2,too odd,row b\n"));
}

TEST_F(DaemonSinkTest, OneBadItemDoesNotCostTheOthers) {
  const std::string bad = ScriptedServer::Answer(400, R"({"message":"no such thing"})");
  const std::string good = ScriptedServer::Answer(200, "");
  ScriptedServer server({StatusAnswer(0), bad, good, bad});
  auto sink = Connect(server.url());
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  const core::PutItem item{"a", {{"PRICE", *core::Number::Parse("2.5")}}};
  ASSERT_TRUE((*sink)->Add(item, {"i.csv", 2, "row a", {}}).ok());
  ASSERT_TRUE((*sink)->Add(core::PutItem{"b", {}}, {"i.csv", 3, "row b", {}}).ok());
  ASSERT_TRUE((*sink)->Flush().ok());
  ASSERT_TRUE(rejected_.Close().ok());
  EXPECT_EQ((*sink)->acknowledged(), 1U);
  EXPECT_THAT(folder_.Read("rejected.csv"), HasSubstr("i.csv,3,no such thing,row b\n"));
  EXPECT_THAT(server.requests().at(2).body,
              HasSubstr(R"("items":[{"itemId":"a","properties":"{\"price\":2.5}"}])"));
}

TEST_F(DaemonSinkTest, ItEndsWhenPatienceDoes) {
  ScriptedServer server({StatusAnswer(0)});
  auto sink = Connect(server.url());
  ASSERT_TRUE(sink.has_value()) << sink.error().message;
  ASSERT_TRUE((*sink)->Add(View("a"), {"f.csv", 1, "row", "k"}).ok());
  const core::Status flushed = (*sink)->Flush();
  ASSERT_FALSE(flushed.ok());
  EXPECT_EQ(flushed.error().code, core::ErrorCode::kUnavailable);
  EXPECT_GE(pauses_.size(), 5U);
}

TEST_F(DaemonSinkTest, SomethingThatIsNoFreshetIsRefusedAtOnce) {
  ScriptedServer server({ScriptedServer::Answer(404, "what?")});
  const auto sink = Connect(server.url());
  ASSERT_FALSE(sink.has_value());
  EXPECT_THAT(sink.error().message, HasSubstr("/v1/status answered 404"));
  EXPECT_THAT(Connect("ftp://x").error().message, HasSubstr("is not an address like"));
}

TEST(UrlEncode, KeepsOnlyWhatIsPlainInAPath) {
  EXPECT_EQ(UrlEncode("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(UrlEncode("a b/ü"), "a%20b%2F%C3%BC");
}

}  // namespace
}  // namespace freshet::tools
