#include "daemon/kafka/standstills.h"

#include <chrono>
#include <cstdint>
#include <optional>

#include <gtest/gtest.h>

namespace freshet::daemon::kafka {
namespace {

using std::chrono::seconds;

class StandstillsTest : public testing::Test {
 protected:
  StandstillsTest() {
    config::KafkaSettings settings;
    settings.events_topics = {"events"};
    topics_.emplace(*Topics::Of(settings));
    partition_ = Topics::NumberOf(topics_->all()[0], 3);
  }

  std::optional<Topics> topics_;
  std::uint32_t partition_ = 0;
  Standstills standstills_;
  const Standstills::Time start_{};
};

TEST_F(StandstillsTest, AnOpenTransactionIsNamedWithItsPartitionAndForHowLong) {
  standstills_.See(partition_, 17, 25, start_);
  EXPECT_EQ(standstills_.Describe(*topics_, start_ + seconds(1)), "") << "that is usual";
  standstills_.See(partition_, 17, 27, start_ + seconds(30));
  EXPECT_EQ(standstills_.Describe(*topics_, start_ + seconds(40)),
            "events/3 stands still at offset 17 for 40 s, and ends at 27: a producer may hold a "
            "transaction open");
}

TEST_F(StandstillsTest, APartitionThatGoesOnIsForgotten) {
  standstills_.See(partition_, 17, 25, start_);
  standstills_.See(partition_, 20, 25, start_ + seconds(30));
  EXPECT_EQ(standstills_.Describe(*topics_, start_ + seconds(31)), "");
  standstills_.See(partition_, 25, 25, start_ + seconds(32));
  EXPECT_EQ(standstills_.Describe(*topics_, start_ + seconds(90)), "");
  standstills_.See(partition_, 25, 26, start_ + seconds(90));
  standstills_.Forget(partition_);
  EXPECT_EQ(standstills_.Describe(*topics_, start_ + seconds(99)), "");
}

}  // namespace
}  // namespace freshet::daemon::kafka
