#include "daemon/http/request_parser.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/daemon/parsed_request.h"

namespace freshet::daemon::http {
namespace {

std::optional<Refusal> RefusalOf(std::string_view headers, std::string_view body = {}) {
  const ParsedRequest parsed("POST /events HTTP/1.1\r\nHost: localhost\r\n" + std::string(headers) +
                             "\r\n" + std::string(body));
  EXPECT_EQ(parsed.is_whole, !parsed.refusal) << headers;
  return parsed.refusal;
}

std::optional<Refusal> RefusalOfTarget(std::string_view line) {
  return ParsedRequest(std::string(line) + " HTTP/1.1\r\nHost: localhost\r\n\r\n").refusal;
}

TEST(RequestParser, ATransferCodingThatIsNotChunkedIsNotTakenForNoBody) {
  for (const char* coding : {"xchunked", "chunked, identity", "gzip, chunked", "gzip", "identity",
                             "chunked, chunked", "", "chunked;q=1", "\"chunked\""}) {
    EXPECT_EQ(RefusalOf("Transfer-Encoding: " + std::string(coding) + "\r\n",
                        "DELETE /v1/users/u1 HTTP/1.1\r\nHost: x\r\n\r\n"),
              Refusal::kUnknownCoding)
        << coding;
  }
  for (const char* coding : {"chunked", "Chunked", " chunked\t"}) {
    EXPECT_EQ(RefusalOf("Transfer-Encoding: " + std::string(coding) + "\r\n", "0\r\n\r\n"),
              std::nullopt)
        << coding;
  }
}

TEST(RequestParser, TwoWaysToSayTheLengthAreRefused) {
  for (const char* headers :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5, 5\r\n", "Content-Length: +5\r\n", "Content-Length: 0x5\r\n",
        "Content-Length:\r\n", "Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n"}) {
    EXPECT_EQ(RefusalOf(headers, "12345"), Refusal::kAmbiguousLength) << headers;
  }
  const ParsedRequest old("POST /events HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_EQ(old.refusal, Refusal::kAmbiguousLength);
}

TEST(RequestParser, AFoldedHeaderIsRefused) {
  EXPECT_EQ(RefusalOf("X: one\r\n two\r\n"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOf("X: one\r\n\ttwo\r\n"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOf("X:\r\n one\r\n"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOf("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOf("X: one  \r\nY:\r\nZ:\t three\r\n"), std::nullopt);
}

TEST(RequestParser, ExactlyOneHostIsNeeded) {
  const auto with = [](std::string_view headers) {
    return ParsedRequest("GET / HTTP/1.1\r\n" + std::string(headers) + "\r\n").refusal;
  };
  EXPECT_EQ(with(""), Refusal::kBadHost);
  EXPECT_EQ(with("Host: a\r\nHost: a\r\n"), Refusal::kBadHost);
  EXPECT_EQ(with("Host: a, b\r\n"), Refusal::kBadHost);
  EXPECT_EQ(with("Host: user@a\r\n"), Refusal::kBadHost);
  EXPECT_EQ(with("Host: a/b\r\n"), Refusal::kBadHost);
  EXPECT_EQ(with("Host: a:b\r\n"), Refusal::kBadHost);
  EXPECT_EQ(with("Host: [::1\r\n"), Refusal::kBadHost);
  EXPECT_EQ(with("Host: [::1]:80\r\n"), std::nullopt);
  EXPECT_EQ(with("Host:\r\n"), std::nullopt);
  EXPECT_EQ(ParsedRequest("GET / HTTP/1.0\r\n\r\n").refusal, std::nullopt);
}

TEST(RequestParser, AnAbsoluteTargetIsItsPathAndItsHost) {
  const ParsedRequest whole(
      "GET http://Shop.example:80/v1/items/a?n=1 HTTP/1.1\r\nHost: other\r\n\r\n");
  EXPECT_EQ(whole.request.target(), "/v1/items/a?n=1");
  EXPECT_EQ(whole.request.host(), "Shop.example:80");
  EXPECT_EQ(ParsedRequest("GET HTTPS://a HTTP/1.1\r\nHost: a\r\n\r\n").request.target(), "/");
  EXPECT_EQ(ParsedRequest("GET http://a?b=c HTTP/1.1\r\nHost: a\r\n\r\n").request.target(),
            "/?b=c");
  EXPECT_EQ(RefusalOfTarget("GET http:///path"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOfTarget("GET http://user@a/path"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOfTarget("GET ftp://a/path"), Refusal::kMalformed);
}

TEST(RequestParser, OtherFormsOfTargetsBelongToTheirMethods) {
  EXPECT_EQ(RefusalOfTarget("OPTIONS *"), std::nullopt);
  EXPECT_EQ(RefusalOfTarget("GET *"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOfTarget("GET healthz"), Refusal::kMalformed);
  EXPECT_EQ(RefusalOfTarget("CONNECT example.com:443"), Refusal::kConnect);
}

TEST(RequestParser, ChunkExtensionsAndTrailersCountAsHeaders) {
  const std::string extension = "1;" + std::string(1000, 'e') + "\r\nx\r\n";
  EXPECT_EQ(RefusalOf("Transfer-Encoding: chunked\r\n", extension + "0\r\n\r\n"), std::nullopt);
  EXPECT_EQ(RefusalOf("Transfer-Encoding: chunked\r\n",
                      extension + extension + extension + extension + extension + "0\r\n\r\n"),
            Refusal::kHeaderTooLarge);
  std::string trailers;
  for (int i = 0; i < 5; ++i) trailers += "X-Trailer: " + std::string(1000, 't') + "\r\n";
  EXPECT_EQ(RefusalOf("Transfer-Encoding: chunked\r\n", "0\r\n" + trailers + "\r\n"),
            Refusal::kHeaderTooLarge);
}

TEST(RequestParser, ATrailerIsNoHeader) {
  const ParsedRequest parsed(
      "POST /events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
      "1\r\nx\r\n0\r\nContent-Encoding: gzip\r\nHost: evil\r\n\r\n");
  EXPECT_EQ(parsed.refusal, std::nullopt);
  EXPECT_EQ(parsed.request.host(), "localhost");
  EXPECT_EQ(parsed.request.Header("Content-Encoding"), "");
  EXPECT_EQ(parsed.request.body, "x");
}

TEST(RequestParser, ABodyThatTheBudgetHasNoRoomForIsRefusedBeforeItIsSent) {
  const std::string head = "POST /events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n";
  EXPECT_EQ(ParsedRequest(head + "\r\n", 50'000).refusal, Refusal::kOverBudget);
  const ParsedRequest announced(head + "\r\n", 100'000);
  EXPECT_EQ(announced.refusal, std::nullopt);
  EXPECT_EQ(announced.budget.used(), 0U) << "nothing has come yet";
  const ParsedRequest sent(head + "\r\n" + std::string(100'000, 'x'), 100'000);
  EXPECT_TRUE(sent.is_whole);
  EXPECT_EQ(sent.budget.used(), 100'000U);
}

TEST(RequestParser, AChunkedBodyIsHeldToTheBudgetAsItGrows) {
  const std::string head =
      "POST /events HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string chunk = "8000\r\n" + std::string(0x8000, 'x') + "\r\n";
  EXPECT_TRUE(ParsedRequest(head + chunk + "0\r\n\r\n", 100'000).is_whole);
  EXPECT_EQ(ParsedRequest(head + chunk + chunk + chunk + chunk + "0\r\n\r\n", 100'000).refusal,
            Refusal::kOverBudget);
}

TEST(MediaTypes, AreComparedWithoutCaseAndParameters) {
  EXPECT_TRUE(IsMediaType("Application/JSON; charset=utf-8", "application/json"));
  EXPECT_TRUE(IsMediaType("application/json ;x", "application/json"));
  EXPECT_FALSE(IsMediaType("application/json-seq", "application/json"));
  EXPECT_FALSE(IsMediaType("", "application/json"));
}

}  // namespace
}  // namespace freshet::daemon::http
