#include "daemon/api/site_guard.h"

#include <string>

#include <gtest/gtest.h>

#include "tests/unit/daemon/parsed_request.h"

namespace freshet::daemon::api {
namespace {

bool Answers(const config::ServerSettings& settings, std::string_view host) {
  const http::ParsedRequest parsed("GET /healthz HTTP/1.1\r\nHost: " + std::string(host) +
                                   "\r\n\r\n");
  EXPECT_FALSE(parsed.refusal) << host;
  SiteGuard guard(settings);
  return guard.AnswersFor(parsed.request);
}

bool IsCrossSite(std::string_view headers, std::string_view host = "127.0.0.1:7979") {
  const http::ParsedRequest parsed("POST /v1/events HTTP/1.1\r\nHost: " + std::string(host) +
                                   "\r\n" + std::string(headers) + "\r\n");
  return SiteGuard::IsCrossSite(parsed.request);
}

TEST(SiteGuard, ANameThatSomebodyMadePointHereIsNotAnswered) {
  const config::ServerSettings loopback;
  for (const char* host : {"evil.example:7979", "evil.example", "127.0.0.1.evil.example",
                           "localhost.evil.example", "10.0.0.1", "[fd00::1]:7979", ""}) {
    EXPECT_FALSE(Answers(loopback, host)) << host;
  }
  for (const char* host : {"localhost", "LocalHost:7979", "localhost.", "127.0.0.1:7979",
                           "127.3.4.5", "[::1]:7979", "localhost:8080"}) {
    EXPECT_TRUE(Answers(loopback, host)) << host;
  }
}

TEST(SiteGuard, BeyondLoopbackNumbersAreAnsweredAndNamesMustBeListed) {
  config::ServerSettings settings;
  settings.listen = "0.0.0.0:7979";
  EXPECT_TRUE(Answers(settings, "10.1.2.3:7979"));
  EXPECT_TRUE(Answers(settings, "localhost:7979"));
  EXPECT_FALSE(Answers(settings, "freshet:7979"));
  settings.allowed_hosts = {"Freshet", "recommend.shop.example"};
  EXPECT_TRUE(Answers(settings, "freshet:7979"));
  EXPECT_TRUE(Answers(settings, "recommend.shop.example"));
  EXPECT_FALSE(Answers(settings, "evil.example"));
  settings.allowed_hosts = {"*"};
  EXPECT_TRUE(Answers(settings, "evil.example"));
}

TEST(SiteGuard, TheAddressThatIsListenedOnIsAnswered) {
  config::ServerSettings settings;
  settings.listen = "10.0.0.5:7979";
  EXPECT_TRUE(Answers(settings, "10.0.0.5:7979"));
  EXPECT_TRUE(Answers(settings, "127.0.0.1:7979"));
  EXPECT_FALSE(Answers(settings, "10.0.0.6:7979"));
}

TEST(SiteGuard, AnAbsoluteTargetIsCheckedInPlaceOfTheHostHeader) {
  const config::ServerSettings settings;
  const http::ParsedRequest parsed(
      "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  SiteGuard guard(settings);
  EXPECT_FALSE(guard.AnswersFor(parsed.request));
}

TEST(SiteGuard, OldClientsMayNameNoHost) {
  const config::ServerSettings settings;
  const http::ParsedRequest parsed("GET /healthz HTTP/1.0\r\n\r\n");
  SiteGuard guard(settings);
  EXPECT_TRUE(guard.AnswersFor(parsed.request));
}

TEST(SiteGuard, WhatAPageOfAnotherSiteSendsIsKnownByWhatBrowsersAdd) {
  for (const char* headers :
       {"Origin: https://evil.example\r\n", "Origin: null\r\n", "Sec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-site\r\n", "Origin: http://127.0.0.1:3000\r\n",
        "Origin: http://127.0.0.1\r\n", "Origin: http://127.0.0.1:7979.evil.example\r\n",
        "Origin: http://127.0.0.1:7979\r\nOrigin: https://evil.example\r\n",
        "Origin: http://127.0.0.1:7979\r\nSec-Fetch-Site: cross-site\r\n",
        "Sec-Fetch-Site: same-origin\r\nOrigin: https://evil.example\r\n"}) {
    EXPECT_TRUE(IsCrossSite(headers)) << headers;
  }
}

TEST(SiteGuard, OwnPagesAndClientsThatAreNoBrowsersAreNotCrossSite) {
  EXPECT_FALSE(IsCrossSite(""));
  EXPECT_FALSE(IsCrossSite("Content-Type: application/x-www-form-urlencoded\r\n"));
  EXPECT_FALSE(IsCrossSite("Origin: http://127.0.0.1:7979\r\nSec-Fetch-Site: same-origin\r\n"));
  EXPECT_FALSE(IsCrossSite("Sec-Fetch-Site: none\r\n"));
  EXPECT_FALSE(IsCrossSite("Origin: https://Shop.example\r\n", "shop.example"));
  EXPECT_FALSE(IsCrossSite("Origin: https://shop.example\r\n", "shop.example:443"));
  EXPECT_TRUE(IsCrossSite("Origin: https://shop.example\r\n", "shop.example:80"));
}

}  // namespace
}  // namespace freshet::daemon::api
