#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/http/server.h"
#include "tests/unit/daemon/http_client.h"

namespace freshet::daemon::http {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Milliseconds = std::chrono::milliseconds;

// Where a deferred exchange waits until the test answers it.
struct Deferred {
  std::mutex mutex;
  std::optional<Later> later;
  std::atomic<int> abandoned{0};
  std::vector<std::string> order;  // of the requests handled
  std::atomic<bool> holds{false};  // /hold keeps the server's thread until it is released
  std::atomic<bool> released{false};

  void Hold() {
    holds = true;
    while (!released) std::this_thread::yield();
  }

  Later Take() {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < deadline) {
      const std::lock_guard lock(mutex);
      if (later) return *std::exchange(later, std::nullopt);
    }
    ADD_FAILURE() << "no exchange was deferred";
    std::abort();
  }
};

// Answers "METHOD target body"; /defer and /brief are left for later, /large is large.
class EchoHandler final : public Handler {
 public:
  explicit EchoHandler(Deferred* deferred) : deferred_(deferred) {}

  void Handle(Exchange& exchange) override {
    const Request& request = exchange.request();
    if (request.path() == "/no-memory") throw std::bad_alloc();
    if (request.path() == "/hold") deferred_->Hold();
    if (request.path() == "/busy") KeepBusy();
    {
      const std::lock_guard lock(deferred_->mutex);
      deferred_->order.emplace_back(request.path());
    }
    if (request.path() == "/wait") {
      const Later later = exchange.Defer(Milliseconds(60'000));
      exchange.WhenAbandoned([this] { ++deferred_->abandoned; });
      const std::lock_guard lock(deferred_->mutex);
      deferred_->later = later;
      return;
    }
    if (request.path() == "/defer" || request.path() == "/brief") {
      const bool brief = request.path() == "/brief";
      const Later later = exchange.Defer(brief ? Milliseconds(20) : Milliseconds(60'000));
      const std::lock_guard lock(deferred_->mutex);
      deferred_->later = later;
      return;
    }
    if (request.path() == "/large") {
      exchange.response().body.assign(20'000'000, 'x');
      return;
    }
    std::string& body = exchange.response().body;
    body += to_string(request.method);
    body += ' ';
    body += request.target();
    body += ' ';
    body += request.body;
    exchange.response().AddHeader("X-Agent", request.Header("user-AGENT"));
  }
  void Expire(const Request&, Response* response) override {
    response->status = 503;
    response->body = "expired";
  }
  [[nodiscard]] bool IsHealthCheck(const Request& request) const override {
    return request.path() == "/healthz";
  }
  void Refuse(Refusal refusal, const Request&, Response* response) override {
    constexpr unsigned kStatuses[] = {400, 400, 400, 408, 413, 431, 501, 501, 503, 503, 503};
    response->status = kStatuses[static_cast<std::size_t>(refusal)];
    response->body = "refused";
  }
  void Answered(const Request&, const Response&, double seconds) override { EXPECT_GE(seconds, 0); }

 private:
  // Longer than a connection's turn.
  static void KeepBusy() {
    const auto end = std::chrono::steady_clock::now() + Milliseconds(1);
    while (std::chrono::steady_clock::now() < end) {
    }
  }

  Deferred* deferred_;
};

class ServerTest : public ::testing::Test {
 protected:
  void Start() {
    auto server = Server::Listen(options_);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    server_->Start([this](std::size_t) { return std::make_unique<EchoHandler>(&deferred_); });
  }
  // A Later must not outlive the server.
  void TearDown() override {
    if (server_) server_->Stop(Milliseconds(0));
    deferred_.later.reset();
  }
  [[nodiscard]] std::uint16_t port() const { return server_->port(); }
  void AwaitConnections(std::uint32_t count) {
    Await([&] { return server_->open_connections() == count; });
  }
  static void Await(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }

  ServerOptions options_;
  Deferred deferred_;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerTest, AnswersManyRequestsOnOneConnection) {
  Start();
  TestClient client(port());
  for (int i = 0; i < 100; ++i) {
    const TestAnswer answer =
        client.Ask("POST", "/a?b=" + std::to_string(i), "body", "User-Agent: t\r\n");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "POST /a?b=" + std::to_string(i) + " body");
    EXPECT_EQ(answer.headers.at("x-agent"), "t");
    EXPECT_THAT(answer.headers.at("date"), HasSubstr(" GMT"));
  }
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  Start();
  TestClient client(port());
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    all += TestClient::RequestText("POST", "/" + std::to_string(i), std::string(50, 'b'));
  }
  std::thread sender([&] { client.Send(all); });
  for (int i = 0; i < 2000; ++i) {
    ASSERT_THAT(client.Receive().body, HasSubstr("POST /" + std::to_string(i) + " b"));
  }
  sender.join();
}

TEST_F(ServerTest, AnswersBehindADeferredOneWaitForIt) {
  Start();
  TestClient client(port());
  client.Send(TestClient::RequestText("GET", "/first") + TestClient::RequestText("GET", "/defer") +
              TestClient::RequestText("GET", "/third"));
  EXPECT_EQ(client.Receive().body, "GET /first ");
  deferred_.Take().Finish([](const Request& request, Response* response) {
    response->body = "late " + std::string(request.target());
  });
  EXPECT_EQ(client.Receive().body, "late /defer");
  EXPECT_EQ(client.Receive().body, "GET /third ");
}

TEST_F(ServerTest, AnExpiredExchangeIsAnsweredOnce) {
  options_.idle_timeout = Milliseconds(10'000);
  options_.request_timeout = Milliseconds(80);  // makes the server look every 10 ms
  Start();
  TestClient client(port());
  EXPECT_EQ(client.Ask("GET", "/brief").body, "expired");
  deferred_.Take().Finish([](const Request&, Response* response) { response->body = "late"; });
  EXPECT_EQ(client.Ask("GET", "/next").body, "GET /next ");
}

TEST_F(ServerTest, ContinueRunsWithoutAnAnswer) {
  Start();
  TestClient client(port());
  client.Send(TestClient::RequestText("POST", "/defer", "12"));
  const Later later = deferred_.Take();
  later.Continue([](const Request& request, Response* response) { response->body = request.body; });
  later.Continue(
      [](const Request& request, Response* response) { response->body += request.body; });
  later.Finish([](const Request&, Response* response) { response->body += "!"; });
  EXPECT_EQ(client.Receive().body, "1212!");
}

TEST_F(ServerTest, HeadHasTheLengthButNoBody) {
  Start();
  TestClient client(port());
  const TestAnswer head = client.Ask("HEAD", "/x");
  EXPECT_EQ(head.headers.at("content-length"), std::to_string(std::string("HEAD /x ").size()));
  EXPECT_EQ(client.Ask("GET", "/y").body, "GET /y ");
}

TEST_F(ServerTest, ExpectContinueIsAnsweredBeforeTheBody) {
  Start();
  TestClient client(port());
  client.Send(
      "POST /e HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.Receive().status, 100);
  client.Send("body");
  EXPECT_EQ(client.Receive().body, "POST /e body");
}

TEST_F(ServerTest, ReadsChunkedBodiesAndBodiesInPieces) {
  Start();
  TestClient client(port());
  client.Send(
      "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.Send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(client.Receive().body, "POST /c abcde");
  const std::string text = TestClient::RequestText("POST", "/p", "0123456789");
  for (const char c : text) ASSERT_TRUE(client.Send({&c, 1}));
  EXPECT_EQ(client.Receive().body, "POST /p 0123456789");
}

TEST_F(ServerTest, LargeBodiesAndAnswersPassWhole) {
  Start();
  TestClient client(port());
  const std::string body(10'000'000, 'z');
  EXPECT_EQ(client.Ask("POST", "/b", body).body, "POST /b " + body);
  EXPECT_EQ(client.Ask("GET", "/large").body.size(), 20'000'000u);
  EXPECT_EQ(client.Ask("GET", "/next").body, "GET /next ");
}

TEST_F(ServerTest, ABodyOverTheLimitIsRefusedWhileTheClientStillSends) {
  options_.maximum_body_bytes = 1000;
  Start();
  TestClient client(port());
  client.Send("POST /b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50000000\r\n\r\n");
  EXPECT_TRUE(client.Send(std::string(50'000'000, 'x')));
  EXPECT_EQ(client.Receive().status, 413);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, AChunkedBodyOverTheLimitIsRefused) {
  options_.maximum_body_bytes = 1000;
  Start();
  TestClient client(port());
  client.Send("POST /b HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 20; ++i) client.Send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_EQ(client.Receive().status, 413);
}

TEST_F(ServerTest, ABodyAtTheLimitIsTaken) {
  options_.maximum_body_bytes = 1000;
  Start();
  TestClient client(port());
  EXPECT_EQ(client.Ask("POST", "/b", std::string(1000, 'x')).status, 200);
}

TEST_F(ServerTest, HeadersOverTheLimitAreRefused) {
  options_.maximum_header_bytes = 4096;
  Start();
  {
    TestClient client(port());
    EXPECT_EQ(client.Ask("GET", "/", {}, "A: " + std::string(5000, 'x') + "\r\n").status, 431);
  }
  TestClient client(port());  // many small ones, one after the other
  client.Send("GET / HTTP/1.1\r\n");
  for (int i = 0; i < 200; ++i)
    client.Send("Header-Of-Number-" + std::to_string(i) + ": value\r\n");
  EXPECT_EQ(client.Receive().status, 431);
}

TEST_F(ServerTest, NoHttpIsRefusedAndClosed) {
  Start();
  for (const char* text : {"nonsense\r\n\r\n", "GET / HTTP/3.0\r\n\r\n",
                           "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", "\x16\x03\x01\r\n\r\n"}) {
    TestClient client(port());
    client.Send(text);
    EXPECT_EQ(client.Receive().status, 400) << text;
    EXPECT_TRUE(client.IsClosed());
  }
}

TEST_F(ServerTest, ASlowRequestIsToldSo) {
  options_.request_timeout = Milliseconds(50);
  Start();
  TestClient client(port());
  client.Send("GET / HT");
  EXPECT_EQ(client.Receive().status, 408);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, AnIdleConnectionIsClosed) {
  options_.idle_timeout = Milliseconds(50);
  Start();
  TestClient client(port());
  EXPECT_EQ(client.Ask("GET", "/x").status, 200);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, AClientThatDoesNotReadIsCutOff) {
  options_.idle_timeout = Milliseconds(100);
  Start();
  TestClient client(port());
  client.Send(TestClient::RequestText("GET", "/large"));
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (server_->open_connections() > 0 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  EXPECT_EQ(server_->open_connections(), 0u);
}

TEST_F(ServerTest, ConnectionsBeyondTheLimitAreToldSo) {
  options_.maximum_connections = 2;
  Start();
  auto first = std::make_unique<TestClient>(port());
  TestClient second(port());
  EXPECT_EQ(first->Ask("GET", "/a").status, 200);
  EXPECT_EQ(second.Ask("GET", "/b").status, 200);
  TestClient third(port());
  EXPECT_EQ(third.Receive().status, 503);
  EXPECT_TRUE(third.IsClosed());
  first.reset();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (server_->open_connections() > 1 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
  }
  TestClient fourth(port());
  EXPECT_EQ(fourth.Ask("GET", "/c").status, 200);
}

TEST_F(ServerTest, HealthChecksAreAnsweredBeyondTheLimitOfConnections) {
  options_.maximum_connections = 1;
  Start();
  TestClient only(port());
  EXPECT_EQ(only.Ask("GET", "/a").status, 200);
  std::vector<std::unique_ptr<TestClient>> idle;  // they take the guests' places
  for (int i = 0; i < 200; ++i) idle.push_back(std::make_unique<TestClient>(port()));
  for (int i = 0; i < 10; ++i) {
    TestClient health(port());
    EXPECT_EQ(health.Ask("GET", "/healthz").status, 200);
    EXPECT_TRUE(health.IsClosed()) << "a guest has one request";
    TestClient other(port());
    EXPECT_EQ(other.Ask("GET", "/b").status, 503);
    TestClient body(port());
    EXPECT_EQ(body.Ask("POST", "/healthz", std::string(100'000, 'x')).status, 503);
  }
  EXPECT_EQ(only.Ask("GET", "/c").status, 200);
}

TEST_F(ServerTest, AClientThatLeavesItsWaitIsForgottenAtOnce) {
  options_.idle_timeout = Milliseconds(10'000);
  options_.request_timeout = Milliseconds(80);  // makes the server look every 10 ms
  Start();
  {
    TestClient client(port());
    client.Send(TestClient::RequestText("GET", "/wait") + std::string(20'000, 'x'));
    const Later later = deferred_.Take();
  }
  AwaitConnections(0);
  EXPECT_EQ(deferred_.abandoned, 1);
}

TEST_F(ServerTest, AWaitThatEndsInTimeIsNotAbandoned) {
  Start();
  TestClient client(port());
  client.Send(TestClient::RequestText("GET", "/wait"));
  deferred_.Take().Finish([](const Request&, Response* response) { response->body = "done"; });
  EXPECT_EQ(client.Receive().body, "done");
  EXPECT_EQ(client.Ask("GET", "/next").status, 200);
  EXPECT_EQ(deferred_.abandoned, 0);
}

TEST_F(ServerTest, AClientThatLeavesItsPutIsForgottenSoon) {
  options_.request_timeout = Milliseconds(80);
  Start();
  std::optional<Later> later;
  {
    TestClient client(port());
    client.Send(TestClient::RequestText("POST", "/defer", "x"));
    later = deferred_.Take();
  }
  AwaitConnections(0);
  later->Finish([](const Request&, Response*) { FAIL() << "nobody wants the answer"; });
}

TEST_F(ServerTest, AnAllocationThatFailsRefusesOneRequest) {
  Start();
  TestClient client(port());
  TestClient other(port());
  EXPECT_EQ(client.Ask("GET", "/no-memory").status, 503);
  EXPECT_EQ(client.Ask("GET", "/next").status, 200);
  EXPECT_EQ(other.Ask("GET", "/other").status, 200);
}

TEST_F(ServerTest, AnAllocationThatFailsInADeferredAnswerRefusesOneRequest) {
  Start();
  TestClient client(port());
  TestClient other(port());
  client.Send(TestClient::RequestText("GET", "/defer"));
  deferred_.Take().Finish([](const Request&, Response*) { throw std::bad_alloc(); });
  EXPECT_EQ(client.Receive().status, 503);
  EXPECT_TRUE(client.IsClosed());
  EXPECT_EQ(other.Ask("GET", "/other").status, 200);
}

TEST_F(ServerTest, BodiesBeyondTheBudgetAreRefusedAndRoomComesBack) {
  options_.maximum_memory_bytes = 1'000'000;
  Start();
  TestClient holder(port());
  holder.Send("POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n");
  holder.Send(std::string(899'999, 'x'));
  const auto refused = [this] {
    TestClient other(port());
    return other.Ask("POST", "/b", std::string(500'000, 'x')).status == 503;
  };
  Await([this] { return server_->memory_used() >= 900'000; });
  EXPECT_TRUE(refused());
  TestClient small(port());
  EXPECT_EQ(small.Ask("POST", "/c", std::string(1000, 'x')).status, 200);
  holder.Send("x");
  EXPECT_EQ(holder.Receive().status, 200);
  Await([this] { return server_->memory_used() == 0; });
  EXPECT_FALSE(refused());
}

TEST_F(ServerTest, AnEndlessChunkExtensionIs431AtOnce) {
  Start();
  TestClient client(port());
  client.Send("POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1;");
  client.Send(std::string(70'000, 'e'));
  EXPECT_EQ(client.Receive().status, 431);
  TestClient trailing(port());
  trailing.Send(
      "POST /c HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: ");
  trailing.Send(std::string(70'000, 't'));
  EXPECT_EQ(trailing.Receive().status, 431);
}

TEST_F(ServerTest, ABodyThatLooksLikeARequestIsNotTakenForOne) {
  Start();
  TestClient client(port());
  client.Send("POST /v1/events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n" +
              TestClient::RequestText("DELETE", "/v1/users/u1"));
  EXPECT_EQ(client.Receive().status, 501);
  EXPECT_TRUE(client.IsClosed());
}

TEST_F(ServerTest, APipelineOfSlowRequestsDoesNotHoldUpOtherConnections) {
  Start();
  TestClient flood(port());
  TestClient client(port());
  EXPECT_EQ(client.Ask("GET", "/warm").status, 200);
  std::string all = TestClient::RequestText("GET", "/hold");
  for (int i = 0; i < 30; ++i) all += TestClient::RequestText("GET", "/busy");
  flood.Send(all);
  Await([this] { return deferred_.holds.load(); });
  client.Send(TestClient::RequestText("GET", "/quick"));
  deferred_.released = true;
  EXPECT_EQ(client.Receive().status, 200);
  for (int i = 0; i < 31; ++i) EXPECT_EQ(flood.Receive().status, 200);
  const auto quick = std::find(deferred_.order.begin(), deferred_.order.end(), "/quick");
  EXPECT_LT(quick - deferred_.order.begin(), 10) << "it had to wait for the whole pipeline";
}

TEST_F(ServerTest, ConnectionCloseAndHttp10AreHonoured) {
  Start();
  TestClient closing(port());
  EXPECT_EQ(closing.Ask("GET", "/x", {}, "Connection: close\r\n").headers.at("connection"),
            "close");
  EXPECT_TRUE(closing.IsClosed());
  TestClient old(port());
  old.Send("GET /x HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.Receive().body, "GET /x ");
  EXPECT_TRUE(old.IsClosed());
  TestClient kept(port());
  kept.Send("GET /x HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.Receive().headers.at("connection"), "keep-alive");
  EXPECT_EQ(kept.Ask("GET", "/y").status, 200);
}

TEST_F(ServerTest, APortInUseIsNamed) {
  Start();
  options_.port = port();
  const auto second = Server::Listen(options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, core::ErrorCode::kUnavailable);
  EXPECT_THAT(second.error().message, HasSubstr("127.0.0.1:" + std::to_string(port())));
}

TEST_F(ServerTest, StopLetsARequestUnderWayFinish) {
  Start();
  TestClient client(port());
  TestClient idle(port());
  EXPECT_EQ(idle.Ask("GET", "/x").status, 200);
  client.Send(TestClient::RequestText("GET", "/defer"));
  const Later later = deferred_.Take();
  std::thread stopper([&] { server_->Stop(std::chrono::seconds(30)); });
  EXPECT_TRUE(idle.IsClosed());
  later.Finish([](const Request&, Response* response) { response->body = "done"; });
  const TestAnswer answer = client.Receive();
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.headers.at("connection"), "close");
  stopper.join();
}

TEST_F(ServerTest, StopCutsWhatDoesNotFinish) {
  Start();
  TestClient client(port());
  client.Send(TestClient::RequestText("GET", "/defer"));
  const Later later = deferred_.Take();
  server_->Stop(Milliseconds(10));
  EXPECT_EQ(client.Receive().status, 0);
  later.Finish([](const Request&, Response*) { FAIL() << "the exchange is over"; });
}

TEST_F(ServerTest, SeveralThreadsShareTheConnections) {
  options_.threads = 3;
  Start();
  std::vector<std::thread> clients;
  for (int i = 0; i < 6; ++i) {
    clients.emplace_back([this] {
      TestClient client(port());
      for (int j = 0; j < 200; ++j) EXPECT_EQ(client.Ask("GET", "/x").body, "GET /x ");
    });
  }
  for (std::thread& client : clients) client.join();
}

}  // namespace
}  // namespace freshet::daemon::http
