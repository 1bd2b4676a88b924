// ApiWorld: an engine in memory behind a real server on loopback, for tests of the endpoints.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "daemon/api/api.h"
#include "daemon/http/server.h"
#include "storage/memory_log.h"
#include "storage/memory_store.h"
#include "tests/unit/daemon/http_client.h"

namespace freshet::daemon::api {

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : disk_(std::make_shared<storage::MemoryEntries>()) {}

  // Starts the engine and the server; with `serving` false as it is while loading.
  void Start(bool serving = true) {
    campaigns_.emplace(settings_.learning.campaigns);
    metrics_.emplace(1, CampaignLabels(*campaigns_), RouteLabels());
    auto server = http::Server::Listen(
        http::ServerOptions{.maximum_body_bytes = settings_.server.maximum_body_bytes});
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    engine_ = std::make_unique<Engine>(settings_.learning, MakeLog(),
                                       std::make_unique<storage::MemoryStore>(), EngineOptions{});
    process_.emplace(settings_, *engine_, *campaigns_, *metrics_,
                     [this] { return server_->open_connections(); });
    server_->Start(
        [this](std::size_t thread) { return std::make_unique<Api>(&*process_, thread); });
    ASSERT_TRUE(engine_->Start().ok());
    process_->serving = serving;
    client_.emplace(server_->port());
  }

  virtual std::unique_ptr<storage::EventLog> MakeLog() {
    return std::make_unique<storage::MemoryLog>(storage::JournalOptions{}, disk_);
  }

  void TearDown() override {
    client_.reset();
    if (server_) server_->Stop(std::chrono::milliseconds(0));
    if (engine_) {
      EXPECT_TRUE(engine_->Stop().ok());
    }
    engine_.reset();
  }

  TestAnswer Get(std::string_view target, std::string_view headers = {}) {
    return client_->Ask("GET", target, {}, headers);
  }
  TestAnswer Post(std::string_view target, std::string_view body, std::string_view headers = {}) {
    return client_->Ask("POST", target, body, headers);
  }
  boost::json::object GetJson(std::string_view target) {
    const TestAnswer answer = Get(target);
    EXPECT_EQ(answer.status, 200) << target << " " << answer.body;
    return Parse(answer.body);
  }

  static boost::json::object Parse(const std::string& text) {
    boost::json::error_code error;
    const boost::json::value value = boost::json::parse(text, error);
    EXPECT_TRUE(!error && value.is_object()) << text;
    return value.is_object() ? value.get_object() : boost::json::object();
  }

  // The ids in the array `member` of an answer.
  static std::vector<std::string> ItemsOf(const boost::json::object& answer,
                                          std::string_view member = "items") {
    std::vector<std::string> ids;
    for (const boost::json::value& item : answer.at(member).as_array()) {
      ids.emplace_back(item.as_object().at("itemId").as_string().c_str());
    }
    return ids;
  }

  void Learn(std::string_view user, std::string_view item, std::string_view type = "view") {
    const std::string body = R"({"trackingId":"t","sessionId":"s-)" + std::string(user) +
                             R"(","userId":")" + std::string(user) +
                             R"(","eventList":[{"eventType":")" + std::string(type) +
                             R"(","sentAt":1700000000,"itemId":")" + std::string(item) + "\"}]}";
    const TestAnswer answer = Post("/events", body);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }

  // Three visitors who like tents and stoves, one who likes soap.
  void LearnShop() {
    for (const char* user : {"ann", "bob", "cid"}) {
      Learn(user, "tent");
      Learn(user, "stove");
    }
    Learn("dan", "soap");
  }

  config::Settings settings_;
  std::shared_ptr<storage::MemoryEntries> disk_;
  std::optional<Campaigns> campaigns_;
  std::optional<Metrics> metrics_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<Engine> engine_;
  std::optional<ProcessContext> process_;
  std::optional<TestClient> client_;
};

}  // namespace freshet::daemon::api
