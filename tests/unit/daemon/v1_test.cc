// Freshet's own endpoints over a real socket.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/api_world.h"

namespace freshet::daemon::api {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class V1Test : public ApiTest {
 protected:
  void SetUp() override {
    Start();
    LearnShop();
  }

  static void ExpectError(const TestAnswer& answer, int status, const std::string& code,
                          const std::string& message) {
    EXPECT_EQ(answer.status, status) << answer.body;
    const auto body = Parse(answer.body);
    ASSERT_TRUE(body.contains("error")) << answer.body;
    const auto& error = body.at("error").as_object();
    EXPECT_EQ(error.at("code").as_string(), code);
    EXPECT_THAT(error.at("message").as_string().c_str(), HasSubstr(message));
  }
};

TEST_F(V1Test, RecommendsToUsersAndToSessions) {
  Learn("eve", "tent");
  EXPECT_THAT(ItemsOf(GetJson("/v1/recommendations?user=eve&n=1")), ElementsAre("stove"));
  EXPECT_THAT(ItemsOf(GetJson("/v1/recommendations?session=s-eve&n=1")), ElementsAre("stove"));
}

TEST_F(V1Test, ExplainsWhatSpokeForAnItem) {
  Learn("eve", "tent");
  const auto answer = GetJson("/v1/recommendations?user=eve&n=1&explain=1");
  const auto& item = answer.at("items").as_array().at(0).as_object();
  EXPECT_EQ(item.at("because").as_string(), "tent");
  EXPECT_GT(item.at("features").as_object().size(), 0u);
}

TEST_F(V1Test, AnswersSimilarTrendingAndPopular) {
  EXPECT_THAT(ItemsOf(GetJson("/v1/items/tent/similar?n=1")), ElementsAre("stove"));
  EXPECT_FALSE(ItemsOf(GetJson("/v1/trending")).empty());
  EXPECT_EQ(ItemsOf(GetJson("/v1/popular")).size(), 3u);
  EXPECT_TRUE(ItemsOf(GetJson("/v1/popular?n=0")).empty());
}

TEST_F(V1Test, RefusesParametersByName) {
  ExpectError(Get("/v1/recommendations?usr=ann"), 400, "invalid_argument", "unknown parameter usr");
  ExpectError(Get("/v1/recommendations?n=501"), 400, "invalid_argument", "n must be");
  ExpectError(Get("/v1/recommendations?n=x"), 400, "invalid_argument", "n must be");
  ExpectError(Get("/v1/recommendations?user=a&user=b"), 400, "invalid_argument", "occurs twice");
  ExpectError(Get("/v1/recommendations?user=%"), 400, "invalid_argument", "hex");
  ExpectError(Get("/v1/recommendations?explain=2"), 400, "invalid_argument", "explain");
  ExpectError(Get("/v1/recommendations?user=" + std::string(257, 'u')), 400, "invalid_argument",
              "user has 257 bytes");
  ExpectError(Get("/v1/recommendations?user=%C3%28"), 400, "invalid_argument", "UTF-8");
  ExpectError(Get("/v1/recommendations?campaign=none"), 404, "not_found", "none");
  ExpectError(Get("/v1/items/tent/similar?campaign=trending-now"), 400, "invalid_argument",
              "similar-items");
  ExpectError(client_->Ask("PUT", "/v1/items/x?force=1"), 400, "invalid_argument", "force");
}

TEST_F(V1Test, ItemsAreWrittenReadAndForgotten) {
  const TestAnswer put = client_->Ask("PUT", "/v1/items/a%2Fb%20c", R"({"category":"camp"})");
  EXPECT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(put.headers.count("freshet-position"), 1u);
  const auto item = GetJson("/v1/items/a%2Fb%20c");
  EXPECT_EQ(item.at("itemId").as_string(), "a/b c");
  EXPECT_EQ(item.at("metadata").as_object().at("category").as_string(), "camp");
  EXPECT_EQ(client_->Ask("DELETE", "/v1/items/a%2Fb%20c").status, 200);
  ExpectError(Get("/v1/items/a%2Fb%20c"), 404, "not_found", "a/b c");
  ExpectError(client_->Ask("DELETE", "/v1/items/a%2Fb%20c"), 404, "not_found", "a/b c");
}

TEST_F(V1Test, ADeletedItemIsGoneFromTheVeryNextAnswer) {
  EXPECT_EQ(client_->Ask("DELETE", "/v1/items/stove").status, 200);
  EXPECT_THAT(ItemsOf(GetJson("/v1/items/tent/similar")), Not(Contains("stove")));
  EXPECT_THAT(ItemsOf(GetJson("/v1/popular")), Not(Contains("stove")));
}

TEST_F(V1Test, UsersAreWrittenReadAndForgotten) {
  EXPECT_EQ(client_->Ask("PUT", "/v1/users/ann", R"({"age":30})").status, 200);
  const auto user = GetJson("/v1/users/ann");
  EXPECT_EQ(user.at("metadata").as_object().at("age").as_int64(), 30);
  EXPECT_THAT(ItemsOf(user, "history"), ElementsAre("stove", "tent"));
  EXPECT_THAT(ItemsOf(GetJson("/v1/users/ann?n=1"), "history"), ElementsAre("stove"));
  EXPECT_EQ(client_->Ask("DELETE", "/v1/users/ann").status, 200);
  ExpectError(Get("/v1/users/ann"), 404, "not_found", "ann");
}

TEST_F(V1Test, AVisitorIsFoundByTheSession) {
  const TestAnswer put =
      Post("/v1/events", R"({"sessionId":"walk","itemId":"tent","eventType":"v"})");
  EXPECT_EQ(put.status, 200) << put.body;
  const auto visitor = GetJson("/v1/users?session=walk");
  EXPECT_TRUE(visitor.at("anonymous").as_bool());
  EXPECT_THAT(ItemsOf(visitor, "history"), ElementsAre("tent"));
  ExpectError(Get("/v1/users"), 400, "invalid_argument", "session is missing");
  ExpectError(Get("/v1/users?session=none"), 404, "not_found", "none");
}

TEST_F(V1Test, BulkEventsSayWhichLinesFailed) {
  const TestAnswer answer = Post("/v1/events",
                                 R"({"userId":"u","itemId":"i1","eventType":"view"})"
                                 "\n\nnonsense\r\n"
                                 R"({"userId":"u","eventType":"view"})"
                                 "\n"
                                 R"({"userId":"u","itemId":"i2","eventType":"view"})",
                                 "Content-Type: application/x-ndjson\r\n");
  EXPECT_EQ(answer.status, 200);
  const auto body = Parse(answer.body);
  EXPECT_EQ(body.at("accepted").as_int64(), 2);
  EXPECT_EQ(body.at("failedCount").as_int64(), 2);
  const auto& failed = body.at("failed").as_array();
  EXPECT_EQ(failed.at(0).as_object().at("line").as_int64(), 3);
  EXPECT_EQ(failed.at(1).as_object().at("line").as_int64(), 4);
  EXPECT_THAT(failed.at(1).as_object().at("error").as_string().c_str(), HasSubstr("itemId"));
  EXPECT_EQ(answer.headers.at("freshet-position"), body.at("position").as_string().c_str());
  EXPECT_EQ(ItemsOf(GetJson("/v1/users/u"), "history").size(), 2u);
}

TEST_F(V1Test, BulkEventsTakeThousandsOfLines) {
  std::string lines;
  for (int i = 0; i < 20'000; ++i) {
    lines += R"({"userId":"u)" + std::to_string(i % 100) + R"(","itemId":"i)" +
             std::to_string(i % 777) + R"(","eventType":"view","sentAt":1700000000})" + "\n";
  }
  const TestAnswer answer = Post("/v1/events", lines);
  EXPECT_EQ(Parse(answer.body).at("accepted").as_int64(), 20'000) << answer.body.substr(0, 500);
  EXPECT_EQ(GetJson("/v1/status").at("counts").as_object().at("events").as_int64(), 20'007);
}

TEST_F(V1Test, BulkEventsTakeArraysAndSingleEvents) {
  const std::string one = R"({"userId":"u", "itemId":"i",
                             "eventType":"view"})";
  const auto accepted = [&](const std::string& body) {
    return Parse(Post("/v1/events", body, "Content-Type: application/json\r\n").body)
        .at("accepted")
        .as_int64();
  };
  EXPECT_EQ(accepted(one), 1);
  EXPECT_EQ(accepted("[" + one + "," + one + ",{}]"), 2);
}

TEST_F(V1Test, AByteOrderMarkDoesNotCostTheFirstEvent) {
  const std::string mark = "\xEF\xBB\xBF";
  const std::string one = R"({"userId":"u","itemId":"i","eventType":"view"})";
  for (const std::string& body : {mark + one + "\n" + one, mark + "[" + one + "," + one + "]"}) {
    EXPECT_EQ(Parse(Post("/v1/events", body).body).at("accepted").as_int64(), 2) << body;
  }
  EXPECT_EQ(Parse(Post("/v1/events", one + "\n" + mark + one).body).at("failedCount").as_int64(),
            1);
}

TEST_F(V1Test, ACompressedBodyIsRefusedInPlainWords) {
  ExpectError(Post("/v1/events", "\x1f\x8b", "Content-Encoding: gzip\r\n"), 400, "invalid_argument",
              "Content-Encoding");
}

TEST_F(V1Test, BulkEventsOfWhichNoneIsValidAreAnError) {
  ExpectError(Post("/v1/events", "{}\n{}"), 400, "invalid_argument", "line 1");
  ExpectError(Post("/v1/events", "\n\n"), 400, "invalid_argument", "no event");
  ExpectError(Post("/v1/events", "[1,"), 400, "invalid_argument", "not valid JSON");
}

TEST_F(V1Test, AnArrayIsHeldToTheLimitOfLinesBeforeItIsParsed) {
  std::string bomb = "[{}";
  for (int i = 0; i < 1'000'000; ++i) bomb += ",{}";
  ExpectError(Post("/v1/events", bomb + "]"), 400, "invalid_argument", "server.maximum_bulk_lines");
  std::string nested = R"({"userId":"u","itemId":"i","eventType":"view","x":[{})";
  for (int i = 0; i < 1'000'000; ++i) nested += ",{}";
  ExpectError(Post("/v1/events", nested + "]}", "Content-Type: application/json\r\n"), 400,
              "invalid_argument", "20000 values");
}

TEST_F(V1Test, AnArrayIsTakenWhateverItsLength) {
  std::string array = "[";
  for (int i = 0; i < 20'000; ++i) {
    array += R"({"userId":"u","itemId":"i","eventType":"view"},)";
  }
  const auto body = Parse(Post("/v1/events", array + "7]").body);
  EXPECT_EQ(body.at("accepted").as_int64(), 20'000);
  EXPECT_EQ(body.at("failed").as_array().at(0).as_object().at("line").as_int64(), 20'001);
}

TEST_F(V1Test, NothingOfABrokenArrayIsTaken) {
  ExpectError(Post("/v1/events", R"([{"userId":"eve","itemId":"i","eventType":"view"},)"), 400,
              "invalid_argument", "ends too early");
  EXPECT_EQ(Get("/v1/users/eve").status, 404);
}

TEST_F(V1Test, OnlyTheFirstThousandFailuresAreShown) {
  std::string lines = R"({"userId":"u","itemId":"i","eventType":"view"})";
  for (int i = 0; i < 1500; ++i) lines += "\n{}";
  const auto body = Parse(Post("/v1/events", lines).body);
  EXPECT_EQ(body.at("failed").as_array().size(), 1000u);
  EXPECT_EQ(body.at("failedCount").as_int64(), 1500);
  EXPECT_EQ(body.at("accepted").as_int64(), 1);
}

TEST_F(V1Test, StatusCampaignsAndReadinessAnswer) {
  const auto status = GetJson("/v1/status");
  EXPECT_TRUE(status.at("ready").as_bool());
  EXPECT_EQ(status.at("counts").as_object().at("items").as_int64(), 3);
  EXPECT_EQ(status.at("counts").as_object().at("events").as_int64(), 7);
  EXPECT_GT(status.at("bytes").as_object().size(), 3u);
  const auto campaigns = GetJson("/v1/campaigns").at("campaigns").as_array();
  EXPECT_EQ(campaigns.size(), settings_.learning.campaigns.size());
  EXPECT_TRUE(GetJson("/readyz").at("ready").as_bool());
  EXPECT_EQ(GetJson("/openapi.json").at("openapi").as_string(), "3.0.3");
}

TEST_F(V1Test, MetricsCountWhatWasDone) {
  Get("/v1/items/tent/similar");
  Get("/v1/nothing");
  const TestAnswer answer = Get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.headers.at("content-type"), HasSubstr("text/plain"));
  for (const char* line : {
           "freshet_acknowledged_entries_total{kind=\"event\"} 7",
           "freshet_query_seconds_count{campaign=\"similar-items\"} 1",
           "freshet_http_requests_total{path=\"other\",status=\"404\"} 1",
           "freshet_http_requests_total{path=\"/events\",status=\"200\"} 7",
           "freshet_entities{kind=\"item\"} 3",
           "freshet_lag_entries 0",
           "freshet_http_connections 1",
       }) {
    EXPECT_THAT(answer.body, HasSubstr(line));
  }
}

TEST_F(V1Test, EveryPathAndMethodThatIsWrongIsToldInJson) {
  ExpectError(Get("/"), 404, "not_found", "/openapi.json");
  ExpectError(Get("/v1/items/a/b/similar"), 404, "not_found", "/v1/items/a/b/similar");
  const TestAnswer answer = client_->Ask("PATCH", "/v1/items/x");
  ExpectError(answer, 405, "method_not_allowed", "DELETE");
  EXPECT_EQ(answer.headers.at("allow"), "GET, HEAD, PUT, DELETE");
}

TEST_F(V1Test, APageOfAnotherSiteChangesNothing) {
  const std::string cross =
      "Content-Type: text/plain\r\nOrigin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
  const std::string line = R"({"userId":"eve","itemId":"tent","eventType":"view"})";
  ExpectError(Post("/v1/events", line, cross), 403, "forbidden", "web page of another site");
  EXPECT_EQ(client_->Ask("DELETE", "/v1/items/tent", {}, cross).status, 403);
  EXPECT_EQ(client_->Ask("PUT", "/v1/items/tent", "{}", cross).status, 403);
  for (const char* path : {"/events", "/items", "/users"}) {
    EXPECT_EQ(Post(path, "{}", cross).headers.at("x-amzn-errortype"), "AccessDeniedException");
  }
  EXPECT_EQ(Get("/v1/users/eve").status, 404);
  EXPECT_EQ(Post("/v1/events", line, "Content-Type: text/plain\r\n").status, 200);
}

TEST_F(V1Test, ANameThatIsNotThisServersIsNotAnswered) {
  TestClient client(server_->port());
  client.Send("GET /v1/users/ann HTTP/1.1\r\nHost: evil.example:7979\r\n\r\n");
  ExpectError(client.Receive(), 421, "wrong_host", "server.allowed_hosts");
  client.Send("DELETE http://evil.example/v1/users/ann HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 421);
  client.Send("GET http://localhost:7979/v1/users/ann HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 200);
}

TEST_F(V1Test, TheControlPlaneOfPersonalizeIsRefusedInItsOwnForm) {
  const TestAnswer answer = Post("/", "{}", "X-Amz-Target: AmazonPersonalize.ListCampaigns\r\n");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.headers.at("x-amzn-errortype"), "UnknownOperationException");
  const auto body = Parse(answer.body);
  EXPECT_EQ(body.at("__type"), "UnknownOperationException");
  EXPECT_THAT(std::string(body.at("message").as_string()), HasSubstr("no control plane"));
}

TEST_F(V1Test, MediaTypesAndCodingsAreComparedWithoutCase) {
  const std::string event = "{\"userId\":\"eve\",\n\"itemId\":\"tent\",\"eventType\":\"view\"}";
  EXPECT_EQ(Post("/v1/events", event, "Content-Type: Application/JSON\r\n").status, 200);
  EXPECT_EQ(
      Post("/v1/events", event, "Content-Type: application/json\r\nContent-Encoding: Identity\r\n")
          .status,
      200);
}

TEST_F(V1Test, OptionsOfTheServerNameTheMethods) {
  const TestAnswer answer = client_->Ask("OPTIONS", "*");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.headers.at("allow"), HasSubstr("DELETE"));
  client_->Send("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n");
  ExpectError(client_->Receive(), 501, "not_implemented", "no proxy");
}

}  // namespace
}  // namespace freshet::daemon::api
