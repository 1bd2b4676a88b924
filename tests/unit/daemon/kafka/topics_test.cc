#include "daemon/kafka/topics.h"

#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::daemon::kafka {
namespace {

using ::testing::HasSubstr;

config::KafkaSettings Settings() {
  config::KafkaSettings settings;
  settings.events_topics = {"clicks", "purchases"};
  settings.items_topic = "items";
  return settings;
}

TEST(Topics, NumbersDoNotDependOnTheOtherTopics) {
  const auto one = Topics::Of(Settings());
  ASSERT_TRUE(one);
  config::KafkaSettings other = Settings();
  other.events_topics = {"purchases", "more", "clicks"};
  other.users_topic = "users";
  const auto two = Topics::Of(other);
  ASSERT_TRUE(two);
  for (const char* name : {"clicks", "purchases", "items"}) {
    EXPECT_EQ(one->Find(name)->number, two->Find(name)->number) << name;
    EXPECT_EQ(one->Find(name)->number & 0xFFFF, 0U);
  }
}

// Positions are stored: these numbers may never change.
TEST(Topics, NumbersStayWhatTheyAre) {
  const auto topics = Topics::Of(Settings());
  ASSERT_TRUE(topics);
  EXPECT_EQ(topics->Find("clicks")->number >> 16, 59548U);
  EXPECT_EQ(topics->Find("items")->number >> 16, 62335U);
}

TEST(Topics, APartitionIsFoundByItsNumberAndNamed) {
  const auto topics = Topics::Of(Settings());
  ASSERT_TRUE(topics);
  const Topics::Topic& topic = *topics->Find("purchases");
  const std::uint32_t number = Topics::NumberOf(topic, 65'535);
  EXPECT_EQ(topics->Find(number), &topic);
  EXPECT_EQ(Topics::PartitionOf(number), 65'535);
  EXPECT_EQ(topics->NameOf(number), "purchases/65535");
  EXPECT_EQ(topics->Find(topic.number ^ 0x10000), nullptr);
  EXPECT_EQ(topics->NameOf((topic.number ^ 0x10000) | 3), "?/3");
}

TEST(Topics, EntriesAreWrittenToTheFirstTopicOfTheirKind) {
  const auto topics = Topics::Of(Settings());
  ASSERT_TRUE(topics);
  EXPECT_EQ(topics->ForWriting(TopicKind::kEvents)->name, "clicks");
  EXPECT_EQ(topics->ForWriting(TopicKind::kItems)->name, "items");
  EXPECT_EQ(topics->ForWriting(TopicKind::kUsers), nullptr);
}

TEST(Topics, NamesThatHashAlikeAreRefused) {
  std::map<std::uint32_t, std::string> seen;
  for (int i = 0; i < 10'000; ++i) {
    config::KafkaSettings settings;
    const std::string name = "t" + std::to_string(i);
    settings.events_topics = {name};
    const std::uint32_t number = Topics::Of(settings)->all()[0].number;
    const auto [it, fresh] = seen.emplace(number, name);
    if (fresh) continue;
    settings.events_topics = {it->second, name};
    const auto refused = Topics::Of(settings);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message, HasSubstr(it->second + " and " + name));
    return;
  }
  FAIL() << "10,000 names without a collision in 16 bits";
}

}  // namespace
}  // namespace freshet::daemon::kafka
