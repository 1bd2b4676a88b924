#include "config/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/config/config_files.h"

namespace freshet::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class LoadTest : public ConfigFiles {};

TEST_F(LoadTest, NothingGivenIsTheDefaults) {
  const auto settings = Load({});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->server.listen, "127.0.0.1:7979");
  EXPECT_EQ(settings->server.threads, 0u);
  EXPECT_EQ(settings->log.kind, "journal");
  EXPECT_EQ(settings->data, "data");
}

TEST_F(LoadTest, EnvironmentGoesBeforeTheFileAndFlagsBeforeBoth) {
  LoadInputs inputs;
  inputs.file = Write("data = 'a'\n[server]\nthreads = 1\nidle_timeout_ms = 111\nlisten='[::1]:1'");
  inputs.environment = {
      {"FRESHET_SERVER_THREADS", "2"}, {"FRESHET_SERVER_LISTEN", "127.0.0.1:2"}, {"PATH", "/bin"}};
  inputs.sets = {"server.listen=127.0.0.1:3"};
  const auto settings = Load(inputs);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->data, "a");
  EXPECT_EQ(settings->server.idle_timeout_ms, 111u);
  EXPECT_EQ(settings->server.threads, 2u);
  EXPECT_EQ(settings->server.listen, "127.0.0.1:3");
}

TEST_F(LoadTest, DataAndListenHaveFlagsOfTheirOwn) {
  const auto settings = Load({.data = "elsewhere", .listen = "[::1]:0"});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->data, "elsewhere");
  EXPECT_EQ(settings->server.listen, "[::1]:0");
  EXPECT_EQ(Problems({.data = "", .listen = "here"}),
            "--data: data: \"\" is not a text of 1..4096 bytes\n"
            "--listen: server.listen: \"here\" is not ADDRESS:PORT, such as 127.0.0.1:7979 or "
            "[::1]:7979");
}

TEST_F(LoadTest, UnitsOfKeysBecomeMilliseconds) {
  const auto settings = LoadText(
      "[learning]\nsession_gap_minutes = 45\npopularity_half_life_hours = 3\n"
      "trend_half_life_minutes = 7\n");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->learning.session_gap_ms, 45 * 60'000);
  EXPECT_EQ(settings->learning.popularity_half_life_ms, 3 * 3'600'000);
  EXPECT_EQ(settings->learning.trend_half_life_ms, 7 * 60'000);
}

TEST_F(LoadTest, TellsFileLineKeyAndRange) {
  EXPECT_EQ(ProblemsOf("[server]\n\nthreads = 5000\n"),
            "freshet.toml:3: server.threads: 5000 is not in 0..256");
}

TEST_F(LoadTest, TellsAllProblemsAtOnce) {
  LoadInputs inputs;
  inputs.file = Write(
      "dat = 'x'\n"
      "[server]\n"
      "threads = 'many'\n"
      "thread = 4\n"
      "insecure = 1\n"
      "listen = 'localhost:80'\n"
      "[servers]\n"
      "threads = 4\n"
      "[logging]\n"
      "level = 'loud'\n"
      "[learning]\n"
      "trend_prior = nan\n"
      "category_columns = [1]\n"
      "session_gap_minutes = 2.5\n"
      "popular_items = 2024-01-01\n");
  inputs.environment = {{"FRESHET_SERVER_THREADS", "-1"}, {"FRESHET_SERVER_LISTENS", "x"}};
  inputs.sets = {"server.threads", "log.durability=hope"};
  EXPECT_EQ(
      Problems(inputs),
      "freshet.toml:1: dat: is not a key; did you mean data?\n"
      "freshet.toml:3: server.threads: \"many\" is not a whole number (0..256)\n"
      "freshet.toml:4: server.thread: is not a key; did you mean server.threads?\n"
      "freshet.toml:5: server.insecure: 1 is not true or false\n"
      "freshet.toml:6: server.listen: \"localhost:80\" is not ADDRESS:PORT, such as 127.0.0.1:7979 "
      "or [::1]:7979\n"
      "freshet.toml:7: servers: is not a section; did you mean server?\n"
      "freshet.toml:10: logging.level: \"loud\" is not trace, debug, info, warning or error\n"
      "freshet.toml:12: learning.trend_prior: nan is not in 0.01..1000.0\n"
      "freshet.toml:13: learning.category_columns: a list of other things than texts is not a list "
      "of texts (column names of 1..150 bytes)\n"
      "freshet.toml:14: learning.session_gap_minutes: 2.5 is not a whole number (1..10080)\n"
      "freshet.toml:15: learning.popular_items: a date or time is not a whole number (1..100000)\n"
      "FRESHET_SERVER_LISTENS: is not a variable of Freshet; did you mean FRESHET_SERVER_LISTEN?\n"
      "FRESHET_SERVER_THREADS: server.threads: -1 is not in 0..256\n"
      "--set: \"server.threads\" is not section.key=value\n"
      "--set: log.durability: \"hope\" is not fsync or os");
}

TEST_F(LoadTest, AKeyWithoutItsSectionGetsTheHint) {
  EXPECT_EQ(ProblemsOf("threads = 4"),
            "freshet.toml:1: threads: is not a key; did you mean server.threads?");
}

TEST_F(LoadTest, TellsAKeyFromASectionAndASectionFromAList) {
  EXPECT_EQ(ProblemsOf("server = 4"), "freshet.toml:1: server: is a section: write [server]");
  EXPECT_EQ(ProblemsOf("[data]\nx = 1"), "freshet.toml:1: data: is a key, not a section");
  EXPECT_EQ(ProblemsOf("[[server]]\nthreads = 1"),
            "freshet.toml:1: server: is one section: write [server]");
  EXPECT_EQ(ProblemsOf("[campaign]\nname = 'x'"),
            "freshet.toml:1: campaign: is a list of tables: write [[campaign]]");
}

TEST_F(LoadTest, BrokenTomlIsRefusedWithItsLine) {
  EXPECT_THAT(ProblemsOf("[server]\nthreads = = 4\n"), StartsWith("freshet.toml:2: "));
  EXPECT_THAT(ProblemsOf("[server]\nthreads = 1\nthreads = 2\n"), StartsWith("freshet.toml:3: "));
  EXPECT_THAT(ProblemsOf("a = \"\xff\xfe\""), StartsWith("freshet.toml:1: "));
}

TEST_F(LoadTest, AFileThatCannotBeReadIsToldApart) {
  const auto absent = Load({.file = PathOf("absent.toml")});
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, core::ErrorCode::kNotFound);
  EXPECT_THAT(absent.error().message, HasSubstr("absent.toml: cannot be read: No such file"));

  const auto folder = Load({.file = PathOf("")});
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, core::ErrorCode::kIo);
}

TEST_F(LoadTest, KafkaNeedsBrokersAndATopic) {
  EXPECT_EQ(ProblemsOf("[log]\nkind = 'kafka'"),
            "freshet.toml:2: log.brokers: is missing, log.kind = \"kafka\" needs it\n"
            "freshet.toml:2: log.events_topic: is missing, log.kind = \"kafka\" needs it");
  EXPECT_EQ(ProblemsOf("[log]\nkind = 'x'"),
            "freshet.toml:2: log.kind: \"x\" is not journal or kafka");
  EXPECT_EQ(ProblemsOf("[log]\nkind = 'kafka'\nbrokers = 'b:1'\nevents_topic = 'e'"), "");
}

TEST_F(LoadTest, TopicsAreOneOrSeveralAndEachOnce) {
  const std::string head = "[log]\nkind = 'kafka'\nbrokers = 'b:1'\n";
  for (const char* topics : {"'a, b'", "['a', 'b']"}) {
    const auto settings = LoadText(head + "events_topic = " + topics);
    ASSERT_TRUE(settings) << settings.error().message;
    EXPECT_EQ(settings->log.kafka.events_topics, (std::vector<std::string>{"a", "b"}));
  }
  EXPECT_THAT(ProblemsOf(head + "events_topic = 'a/b'"),
              HasSubstr("\"a/b\" is not a topic's name"));
  EXPECT_EQ(ProblemsOf(head + "events_topic = 'a'\nitems_topic = 'a'"),
            "freshet.toml:4: log.events_topic: \"a\" is named twice, the other is log.items_topic");
}

TEST_F(LoadTest, PropertiesOfLibrdkafkaArePassedThrough) {
  const auto settings = LoadText(
      "[log.librdkafka]\nsecurity.protocol = 'sasl_ssl'\n\"sasl.password\" = 'p'\nlinger.ms = 5\n"
      "socket.keepalive.enable = true");
  ASSERT_TRUE(settings) << settings.error().message;
  const std::map<std::string, std::string> expected = {{"security.protocol", "sasl_ssl"},
                                                       {"sasl.password", "p"},
                                                       {"linger.ms", "5"},
                                                       {"socket.keepalive.enable", "true"}};
  EXPECT_EQ(settings->log.kafka.librdkafka, expected);

  const auto loaded = Load({.environment = {{"FRESHET_LOG_LIBRDKAFKA_SASL_PASSWORD", "secret"}},
                            .sets = {"log.librdkafka.linger.ms=7"}});
  ASSERT_TRUE(loaded) << loaded.error().message;
  EXPECT_EQ(loaded->log.kafka.librdkafka.at("sasl.password"), "secret");
  EXPECT_EQ(loaded->log.kafka.librdkafka.at("linger.ms"), "7");
}

TEST_F(LoadTest, VariablesOfAKubernetesServiceNamedFreshetArePassedOver) {
  for (const char* name : {"FRESHET_PORT", "FRESHET_PORT_7979_TCP_ADDR", "FRESHET_SERVICE_HOST",
                           "FRESHET_SERVICE_PORT_HTTP"}) {
    EXPECT_EQ(Problems({.environment = {{name, "tcp://10.0.0.1:7979"}}}), "") << name;
  }
  EXPECT_THAT(Problems({.environment = {{"FRESHET_PORTS", "1"}}}), HasSubstr("is not a variable"));
}

TEST_F(LoadTest, StartAtIsAWordOrATime) {
  EXPECT_EQ(ProblemsOf("[log]\nstart_at = '2026-01-31T12:00:00Z'"), "");
  EXPECT_EQ(ProblemsOf("[log]\nstart_at = '20260131T120000Z'"), "");
  EXPECT_THAT(ProblemsOf("[log]\nstart_at = '2026-02-31'"), HasSubstr("is not earliest"));
  EXPECT_THAT(ProblemsOf("[log]\nstart_at = 'yesterday'"),
              HasSubstr("is not earliest, latest or a time such as"));
}

TEST_F(LoadTest, ListensBeyondLoopbackOnlyWhenToldThatItIsInsecure) {
  const std::string problem = ProblemsOf("[server]\nlisten = '0.0.0.0:7979'");
  EXPECT_THAT(problem, StartsWith("freshet.toml:2: server.listen: \"0.0.0.0:7979\""));
  EXPECT_THAT(problem, HasSubstr("no TLS"));
  EXPECT_THAT(problem, HasSubstr("server.insecure = true"));
  EXPECT_THAT(Problems({.environment = {{"FRESHET_SERVER_LISTEN", "[::]:1"}}}),
              StartsWith("FRESHET_SERVER_LISTEN: server.listen: "));

  const auto settings = LoadText("[server]\nlisten = '0.0.0.0:7979'\ninsecure = true");
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->server.listen, "0.0.0.0:7979");
}

TEST_F(LoadTest, EventWeightsAddToTheBuiltInOnesWhateverTheCase) {
  LoadInputs inputs;
  inputs.file = Write("[learning.event_weights]\nView = 2\n'add to.list' = 7\nother = 9\n");
  inputs.environment = {{"FRESHET_LEARNING_EVENT_WEIGHTS_LIKE", "4"}};
  inputs.sets = {"learning.event_weights.purchase=50"};
  const auto settings = Load(inputs);
  ASSERT_TRUE(settings) << settings.error().message;
  const core::EventWeights& weights = settings->learning.event_weights;
  EXPECT_EQ(weights.other, 9u);
  EXPECT_THAT(weights.by_type,
              testing::UnorderedElementsAre(
                  testing::Pair("view", 2u), testing::Pair("cart", 3u), testing::Pair("like", 4u),
                  testing::Pair("purchase", 50u), testing::Pair("add to.list", 7u)));
}

TEST_F(LoadTest, AnEventTypeMayHaveTheWeightZero) {
  const auto settings = Load({.sets = {"learning.event_weights.remove_from_cart=0"}});
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_THAT(settings->learning.event_weights.by_type,
              testing::Contains(testing::Pair("remove_from_cart", 0u)));
}

TEST_F(LoadTest, EventTypesHaveThresholdsOfTheirValues) {
  LoadInputs inputs;
  inputs.file = Write("[learning.event_value_thresholds]\nRating = 3.5\n");
  inputs.environment = {{"FRESHET_LEARNING_EVENT_VALUE_THRESHOLDS_WATCH", "60"}};
  inputs.sets = {"learning.event_value_thresholds.rating=4"};
  const auto settings = Load(inputs);
  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_THAT(
      settings->learning.event_weights.value_thresholds,
      testing::UnorderedElementsAre(testing::Pair("Rating", 4.0), testing::Pair("watch", 60.0)));
  EXPECT_THAT(
      ProblemsOf("[learning.event_value_thresholds]\nrating = 'low'"),
      testing::HasSubstr("freshet.toml:2: learning.event_value_thresholds.rating: \"low\""));
}

TEST_F(LoadTest, EventWeightsOutOfRangeAreRefused) {
  EXPECT_EQ(
      ProblemsOf("[learning.event_weights]\nview = 1001\nlike = 'much'"),
      "freshet.toml:2: learning.event_weights.view: 1001 is not in 0..1000\n"
      "freshet.toml:3: learning.event_weights.like: \"much\" is not a whole number (0..1000)");
}

TEST(ProcessEnvironment, HoldsTheVariablesOfThisProcess) {
  ASSERT_EQ(setenv("FRESHET_SERVER_THREADS", "3=4", 1), 0);
  EXPECT_THAT(ProcessEnvironment(),
              testing::Contains(testing::Pair("FRESHET_SERVER_THREADS", "3=4")));
  unsetenv("FRESHET_SERVER_THREADS");
}

}  // namespace
}  // namespace freshet::config
