#include "config/listen_address.h"

#include <string>

#include <gtest/gtest.h>

namespace freshet::config {
namespace {

TEST(ListenAddress, ReadsBothFamilies) {
  const auto v4 = ParseListenAddress("127.0.0.1:7979");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->address, "127.0.0.1");
  EXPECT_EQ(v4->port, 7979);
  EXPECT_TRUE(v4->loopback);

  const auto v6 = ParseListenAddress("[::1]:80");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->address, "::1");
  EXPECT_EQ(v6->port, 80);
  EXPECT_TRUE(v6->loopback);
}

TEST(ListenAddress, TakesPortZeroForAnyFreeOne) {
  const auto listen = ParseListenAddress("127.0.0.1:0");
  ASSERT_TRUE(listen);
  EXPECT_EQ(listen->port, 0);
}

TEST(ListenAddress, KnowsWhatOtherMachinesCanReach) {
  for (const char* text : {"0.0.0.0:1", "192.168.1.4:1", "128.0.0.1:1", "[::]:1", "[fe80::1]:1"}) {
    const auto listen = ParseListenAddress(text);
    ASSERT_TRUE(listen) << text;
    EXPECT_FALSE(listen->loopback) << text;
  }
  for (const char* text : {"127.255.0.9:1", "[::ffff:127.0.0.1]:1"}) {
    const auto listen = ParseListenAddress(text);
    ASSERT_TRUE(listen) << text;
    EXPECT_TRUE(listen->loopback) << text;
  }
}

TEST(ListenAddress, RefusesWhatIsNoNumericAddressAndPort) {
  for (const char* text :
       {"", ":", "127.0.0.1", "127.0.0.1:", ":7979", "127.0.0.1:65536", "127.0.0.1:-1",
        "127.0.0.1:+1", "127.0.0.1:1x", "127.0.0.1: 1", "localhost:7979", "::1:7979", "[::1]",
        "[]:1", "[127.0.0.1]:1", "[::1:7979", "256.0.0.1:1", "127.1:1"}) {
    EXPECT_FALSE(ParseListenAddress(text)) << text;
  }
}

TEST(ListenAddress, RefusesANulInTheAddress) {
  EXPECT_FALSE(ParseListenAddress(std::string("127.0.0.1\0evil:1", 16)));
}

}  // namespace
}  // namespace freshet::config
