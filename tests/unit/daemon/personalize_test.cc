// Personalize's data plane over a real socket: shapes, limits, errors.
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/daemon/api_world.h"

namespace freshet::daemon::api {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PersonalizeTest : public ApiTest {
 protected:
  void SetUp() override {
    Start();
    LearnShop();
  }

  TestAnswer Recommend(const std::string& members) {
    return Post("/recommendations", "{" + members + "}");
  }
  TestAnswer Rank(const std::string& members) {
    return Post("/personalize-ranking", "{" + members + "}");
  }

  static void ExpectError(const TestAnswer& answer, int status, const std::string& type,
                          const std::string& message) {
    EXPECT_EQ(answer.status, status) << answer.body;
    ASSERT_EQ(answer.headers.count("x-amzn-errortype"), 1u) << answer.body;
    EXPECT_EQ(answer.headers.at("x-amzn-errortype"), type);
    EXPECT_EQ(answer.headers.count("x-amzn-requestid"), 1u);
    const auto body = Parse(answer.body);
    EXPECT_EQ(body.at("__type").as_string(), type);
    EXPECT_THAT(body.at("message").as_string().c_str(), HasSubstr(message));
  }
  static void ExpectInvalid(const TestAnswer& answer, const std::string& message) {
    ExpectError(answer, 400, "InvalidInputException", message);
  }
};

TEST_F(PersonalizeTest, APutAnswersWithAnEmptyBodyAndItsPosition) {
  const TestAnswer answer = Post("/events", R"({"trackingId":"t","sessionId":"s","eventList":[
        {"eventType":"view","sentAt":1700000000.5,"properties":"{\"itemId\":\"lamp\"}"}]})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(std::regex_match(answer.headers.at("freshet-position"), std::regex("0:[0-9]+")));
  EXPECT_EQ(answer.headers.at("x-amzn-requestid").size(), 36u);
}

TEST_F(PersonalizeTest, TheNextAnswerKnowsWhatWasPut) {
  Learn("eve", "tent");
  const auto answer =
      Parse(Recommend(R"("campaignArn":"user-personalization","userId":"eve")").body);
  EXPECT_EQ(ItemsOf(answer, "itemList").front(), "stove");
}

TEST_F(PersonalizeTest, AnswersHaveTheModelsShape) {
  const auto answer =
      Parse(Recommend(
                R"("campaignArn":"arn:aws:personalize:us-east-1:1:campaign/user-personalization",
             "userId":"nobody")")
                .body);
  const std::string id = answer.at("recommendationId").as_string().c_str();
  EXPECT_TRUE(std::regex_match(
      id, std::regex("RID-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")))
      << id;
  const auto& first = answer.at("itemList").as_array().at(0).as_object();
  EXPECT_EQ(first.at("reason").as_array().at(0).as_string(), "Popular item");
  EXPECT_FALSE(first.contains("score"));
}

TEST_F(PersonalizeTest, SimilarItemsLeavesScoresOut) {
  const auto answer =
      Parse(Recommend(R"("recommenderArn":"similar-items","itemId":"tent","numResults":1)").body);
  EXPECT_THAT(ItemsOf(answer, "itemList"), ElementsAre("stove"));
  EXPECT_FALSE(answer.at("itemList").as_array().at(0).as_object().contains("score"));
}

TEST_F(PersonalizeTest, AnUnknownItemIsAnsweredWithWhatIsPopular) {
  const auto answer = Parse(Recommend(R"("campaignArn":"similar-items","itemId":"none")").body);
  EXPECT_EQ(ItemsOf(answer, "itemList").size(), 3u);
}

TEST_F(PersonalizeTest, RankingKeepsEveryIdOnceUnknownOnesLast) {
  const auto answer = Parse(Rank(R"("campaignArn":"personalized-ranking","userId":"dan",
                                   "inputList":["none","soap","tent"])")
                                .body);
  const auto items = ItemsOf(answer, "personalizedRanking");
  EXPECT_EQ(items.size(), 3u);
  EXPECT_EQ(items.back(), "none");
  const auto& ranking = answer.at("personalizedRanking").as_array();
  EXPECT_TRUE(ranking.at(0).as_object().contains("score"));
  EXPECT_FALSE(ranking.at(2).as_object().contains("score"));
}

TEST_F(PersonalizeTest, MetadataComesAsStringsUnderCamelCaseNames) {
  const TestAnswer put = Post("/items", R"({"datasetArn":"arn:x:dataset/d/ITEMS","items":[
    {"itemId":"tent","properties":"{\"genres\":\"a|b\",\"priceCents\":950,\"sale\":true}"}]})");
  EXPECT_EQ(put.status, 200) << put.body;
  const auto answer = Parse(Recommend(R"("campaignArn":"popularity-count","numResults":1,
                   "metadataColumns":{"ITEMS":["GENRES","PRICE_CENTS","SALE","NONE"]})")
                                .body);
  const auto& metadata =
      answer.at("itemList").as_array().at(0).as_object().at("metadata").as_object();
  EXPECT_EQ(metadata.at("genres").as_string(), "a|b");
  EXPECT_EQ(metadata.at("priceCents").as_string(), "950");
  EXPECT_EQ(metadata.at("sale").as_string(), "true");
  EXPECT_EQ(metadata.size(), 3u);
}

TEST_F(PersonalizeTest, NumResultsIsHeldToItsLimits) {
  const std::string campaign = R"("campaignArn":"popularity-count",)";
  EXPECT_EQ(Recommend(campaign + R"("numResults":500)").status, 200);
  EXPECT_THAT(ItemsOf(Parse(Recommend(campaign + R"("numResults":0)").body), "itemList"),
              ElementsAre());
  ExpectInvalid(Recommend(campaign + R"("numResults":501)"), "numResults is out of range");
  ExpectInvalid(Recommend(campaign + R"("numResults":-1)"), "numResults");
  ExpectInvalid(Recommend(campaign + R"("numResults":1.5)"), "numResults is a fraction");
  ExpectInvalid(Recommend(campaign + R"("numResults":"5")"), "numResults is a string");
  ExpectInvalid(Recommend(campaign + R"("numResults":51,"metadataColumns":{"ITEMS":["A"]})"),
                "0 to 50");
}

std::string Many(const std::string& one, int count) {
  std::string list;
  for (int i = 0; i < count; ++i) {
    std::string next = one;
    if (const auto mark = next.find('#'); mark != std::string::npos) {
      next.replace(mark, 1, std::to_string(i));
    }
    list += (i == 0 ? "" : ",") + next;
  }
  return list;
}

TEST_F(PersonalizeTest, MapsAndListsAreHeldToTheirLimits) {
  const std::string campaign = R"("campaignArn":"popularity-count",)";
  const auto context = [&](int count) {
    return Recommend(campaign + "\"context\":{" + Many(R"("K#":"v")", count) + "}");
  };
  EXPECT_EQ(context(150).status, 200);
  ExpectInvalid(context(151), "context has 151 entries, the limit is 150");
  ExpectInvalid(Recommend(campaign + R"("context":{"a b":"v"})"), "context has a key");
  ExpectInvalid(Recommend(campaign + R"("context":{"a":5})"), "context");
  ExpectInvalid(Recommend(campaign + "\"filterValues\":{" + Many(R"("K#":"v")", 26) + "}"),
                "filterValues has 26 entries");
  ExpectInvalid(
      Recommend(campaign + "\"metadataColumns\":{\"ITEMS\":[" + Many("\"C#\"", 11) + "]}"),
      "the limit is 10");
  ExpectInvalid(Recommend(campaign + R"("metadataColumns":{"USERS":["A"]})"), "ITEMS");
  ExpectInvalid(Recommend(campaign + R"("promotions":[{},{}])"), "promotions has 2 elements");
  ExpectInvalid(Recommend(campaign + R"("promotions":[{"name":"p"}])"),
                "promotions[0].filterArn is missing");
  ExpectInvalid(
      Recommend(campaign +
                R"("promotions":[{"name":"p","filterArn":"f","percentPromotedItems":0}])"),
      "percentPromotedItems");
}

TEST_F(PersonalizeTest, ACampaignIsNeededAndMustExist) {
  ExpectInvalid(Recommend(R"("userId":"u")"), "campaignArn and recommenderArn are both missing");
  ExpectInvalid(Recommend(R"("campaignArn":"a","recommenderArn":"b")"), "exclude each other");
  ExpectError(Recommend(R"("campaignArn":"arn:aws:personalize:x:1:campaign/gone","userId":"u")"),
              404, "ResourceNotFoundException", "gone");
  ExpectInvalid(Recommend(R"("campaignArn":"similar-items","userId":"u")"), "itemId is missing");
  ExpectInvalid(Recommend(R"("campaignArn":"user-personalization","itemId":"i")"),
                "userId is missing");
  ExpectInvalid(Recommend(R"("campaignArn":"personalized-ranking","userId":"u")"),
                "GetPersonalizedRanking");
  ExpectInvalid(Recommend(R"("campaignArn":")" + std::string(257, 'c') + "\""),
                "campaignArn has 257 bytes");
}

TEST_F(PersonalizeTest, AnyFilterIsUnknownAndSaysSo) {
  ExpectError(Recommend(R"("campaignArn":"popularity-count","filterArn":"arn:x:filter/f")"), 404,
              "ResourceNotFoundException", "there is no filter f");
  ExpectError(Rank(R"("campaignArn":"personalized-ranking","userId":"u","inputList":["a"],
                      "filterArn":"f")"),
              404, "ResourceNotFoundException", "filter");
}

TEST_F(PersonalizeTest, RankingNamesWhatIsWrong) {
  const std::string start = R"("campaignArn":"personalized-ranking","userId":"u",)";
  EXPECT_EQ(Rank(start + "\"inputList\":[" + Many("\"i#\"", 500) + "]").status, 200);
  ExpectInvalid(Rank(start + "\"inputList\":[" + Many("\"i#\"", 501) + "]"),
                "inputList has 501 elements");
  ExpectInvalid(Rank(start + "\"inputList\":[]"), "inputList has 0 elements");
  ExpectInvalid(Rank(start + "\"inputList\":[1]"), "inputList must hold itemIds");
  ExpectInvalid(Rank(R"("campaignArn":"personalized-ranking","userId":"u")"),
                "inputList is missing");
  ExpectInvalid(Rank(R"("campaignArn":"personalized-ranking","inputList":["a"])"),
                "userId is missing");
  ExpectInvalid(Rank(R"("campaignArn":"similar-items","userId":"u","inputList":["a"])"),
                "not of the recipe personalized-ranking");
}

TEST_F(PersonalizeTest, PutsNameWhatIsWrong) {
  ExpectInvalid(Post("/events", "{"), "not valid JSON");
  ExpectInvalid(Post("/events", ""), "there is no text");
  ExpectInvalid(Post("/events", R"({"trackingId":"t","sessionId":"s","eventList":[]})"),
                "eventList has 0 elements");
  ExpectInvalid(Post("/items", R"({"datasetArn":"d/USERS","items":[{"itemId":"i"}]})"),
                "datasetArn");
  ExpectInvalid(Post("/users", R"({"datasetArn":"d/USERS","users":[{}]})"),
                "users[0].userId is missing");
}

TEST_F(PersonalizeTest, ActionsAreRefusedInPlainWords) {
  for (const char* path : {"/actions", "/action-interactions", "/action-recommendations"}) {
    ExpectInvalid(Post(path, "{}"), "actions are not supported");
  }
}

TEST_F(PersonalizeTest, WrongMethodsAreTold) {
  const TestAnswer answer = Get("/recommendations");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.headers.at("allow"), "POST");
  EXPECT_EQ(answer.headers.count("x-amzn-errortype"), 1u);
}

TEST_F(PersonalizeTest, AnEventIdIsAppliedOnce) {
  const std::string put = R"({"trackingId":"t","sessionId":"s","eventList":[
    {"eventType":"view","sentAt":1700000000,"itemId":"tent","eventId":"once"}]})";
  EXPECT_EQ(Post("/events", put).status, 200);
  EXPECT_EQ(Post("/events", put).status, 200);
  EXPECT_EQ(engine_->Status().duplicates, 1u);
}

TEST_F(PersonalizeTest, AQueryWaitsForAPositionAndSaysWhenItDoesNotCome) {
  const std::string body = R"({"campaignArn":"popularity-count"})";
  EXPECT_EQ(Post("/recommendations", body, "Freshet-Wait-For: 0:1\r\n").status, 200);
  ExpectError(Post("/recommendations", body,
                   "Freshet-Wait-For: 0:999999\r\nFreshet-Wait-Timeout-Ms: 1\r\n"),
              503, "ServiceUnavailable", "Freshet-Wait-For");
  ExpectInvalid(Post("/recommendations", body, "Freshet-Wait-For: yesterday\r\n"), "position");
  ExpectInvalid(
      Post("/recommendations", body, "Freshet-Wait-For: 0:1\r\nFreshet-Wait-Timeout-Ms: soon\r\n"),
      "Freshet-Wait-Timeout-Ms");
}

TEST_F(PersonalizeTest, AWaitThatExpiresIsForgotten) {
  for (int i = 0; i < 20; ++i) {
    const TestAnswer answer = Get("/v1/trending",
                                  "Freshet-Wait-For: 0:18446744073709551615\r\n"
                                  "Freshet-Wait-Timeout-Ms: 0\r\n");
    EXPECT_EQ(answer.status, 503);
  }
  EXPECT_EQ(engine_->waiting(), 0U);
}

TEST_F(PersonalizeTest, ALogThatCannotBeWrittenIsTheClientsToKnow) {
  disk_->FailNextWrites(core::IoError("the disk is full"), 1);
  const TestAnswer answer = Post("/events", R"({"trackingId":"t","sessionId":"s","eventList":[
        {"eventType":"view","sentAt":1,"itemId":"lamp"}]})");
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_EQ(Recommend(R"("campaignArn":"popularity-count")").status, 200);
}

// A log that has no room for anybody.
class FullLog final : public storage::MemoryLog {
 public:
  core::Status Append(std::vector<core::LogEntry>, Appended) override {
    return core::Error{core::ErrorCode::kOverloaded, "100000 entries wait already"};
  }
};

class FullQueueTest : public PersonalizeTest {
 protected:
  void SetUp() override { Start(); }
  std::unique_ptr<storage::EventLog> MakeLog() override { return std::make_unique<FullLog>(); }
};

TEST_F(FullQueueTest, AFullQueueIsThrottling) {
  const TestAnswer answer = Post("/events", R"({"trackingId":"t","sessionId":"s","eventList":[
                                   {"eventType":"view","sentAt":1,"itemId":"a"}]})");
  ExpectError(answer, 429, "ThrottlingException", "100000 entries wait already");
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
  const TestAnswer bulk = Post("/v1/events", R"({"userId":"u","itemId":"i","eventType":"view"})");
  EXPECT_EQ(bulk.status, 429) << bulk.body;
}

class LoadingTest : public ApiTest {};

TEST_F(LoadingTest, WhileLoadingOnlyOperationsAnswer) {
  Start(false);
  EXPECT_EQ(Get("/healthz").status, 200);
  EXPECT_EQ(Get("/readyz").status, 503);
  EXPECT_EQ(Get("/metrics").status, 200);
  const TestAnswer answer = Post("/recommendations", R"({"campaignArn":"popularity-count"})");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("x-amzn-errortype"), "ServiceUnavailable");
  EXPECT_EQ(answer.headers.at("retry-after"), "1");
}

TEST_F(PersonalizeTest, ARecommendationIdBringsBackWhatWasExplored) {
  const TestAnswer described = Post("/items", R"({"datasetArn":"arn:x:dataset/d/ITEMS","items":[
      {"itemId":"novelty","properties":"{\"title\":\"A tent\"}"}]})");
  ASSERT_EQ(described.status, 200) << described.body;
  const auto named = [](const boost::json::object& answer, std::string_view reason) {
    for (const auto& item : answer.at("itemList").as_array()) {
      const auto* reasons = item.as_object().if_contains("reason");
      if (reasons != nullptr && reasons->as_array().at(0).as_string() == reason) return true;
    }
    return false;
  };
  boost::json::object answer = {{"itemList", boost::json::array()}};
  for (int i = 0; i < 200 && !named(answer, "Exploration"); ++i) {
    answer = Parse(Recommend(R"("campaignArn":"user-personalization","numResults":2,"userId":"v)" +
                             std::to_string(i) + '"')
                       .body);
  }
  ASSERT_TRUE(named(answer, "Exploration"));
  const std::string id(answer.at("recommendationId").as_string());
  const auto put = [&](const char* item) {
    const TestAnswer done = Post(
        "/events",
        R"({"trackingId":"t","sessionId":"s","eventList":[{"itemId":")" + std::string(item) +
            R"(","eventType":"view","sentAt":1700000000,"recommendationId":")" + id + R"("}]})");
    ASSERT_EQ(done.status, 200) << done.body;
  };
  put("soap");
  EXPECT_EQ(GetJson("/v1/items/novelty").at("shown").as_int64(), 1);
  EXPECT_EQ(GetJson("/v1/items/novelty").at("chosen").as_int64(), 0);
  put("novelty");
  EXPECT_EQ(GetJson("/v1/items/novelty").at("shown").as_int64(), 1);  // it was one answer
  EXPECT_EQ(GetJson("/v1/items/novelty").at("chosen").as_int64(), 1);
}

}  // namespace
}  // namespace freshet::daemon::api
