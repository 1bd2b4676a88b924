#include "daemon/machine_memory.h"

#include <gmock/gmock.h>

namespace freshet::daemon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TEST(CapsWarning, NamesTheKeysToLowerWhenTheCapsCannotFitTheMachine) {
  const auto warning = CapsWarning(core::Settings(), std::uint64_t{8} << 30);
  ASSERT_TRUE(warning.has_value());
  EXPECT_THAT(*warning, AllOf(HasSubstr("8.0 GiB"), HasSubstr("learning.maximum_users (10000000"),
                              HasSubstr("learning.maximum_items (5000000"),
                              Not(HasSubstr("maximum_event_ids"))));
}

TEST(CapsWarning, IsNoneWhenTheyFit) {
  core::Settings settings;
  settings.maximum_users = 100'000;
  settings.maximum_items = 50'000;
  settings.maximum_sessions = 100'000;
  EXPECT_EQ(CapsWarning(settings, std::uint64_t{8} << 30), std::nullopt);
}

TEST(MachineMemory, IsSomething) { EXPECT_GT(MachineMemoryBytes(), std::uint64_t{1} << 20); }

}  // namespace
}  // namespace freshet::daemon
