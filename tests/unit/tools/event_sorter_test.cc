#include "tools/event_sorter.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/tools/temporary_files.h"
#include "tools/time_order.h"

namespace freshet::tools {
namespace {

using ::testing::ElementsAre;

// Remembers what the sorter hands on.
class RecordingSink final : public EntrySink {
 public:
  core::Status Add(core::LogEntry&& entry, const RowOrigin& origin) override {
    lines.push_back(origin.line);
    places.push_back(std::string(origin.file) + " " + std::string(origin.text));
    entries.push_back(std::move(entry));
    return {};
  }
  core::Status Flush() override { return {}; }
  core::Status Close() override { return {}; }
  [[nodiscard]] std::uint64_t acknowledged() const override { return entries.size(); }
  std::uint64_t duplicates() override { return 0; }

  std::vector<core::LogEntry> entries;
  std::vector<std::uint64_t> lines;
  std::vector<std::string> places;
};

core::Event At(std::int64_t time_ms) {
  core::Event event;
  event.user_id = "u";
  event.item_id = "i";
  event.event_type = "view";
  event.time_ms = time_ms;
  return event;
}

TEST(EventSorter, EventsOfEqualTimeKeepTheirOrder) {
  RecordingSink sink;
  EventSorter sorter(&sink);
  const std::vector<std::int64_t> times = {5, 3, 5, 3, 1};
  for (std::size_t i = 0; i < times.size(); ++i) {
    ASSERT_TRUE(sorter.Add(At(times[i]), {"f", i + 1, "row", "key"}).ok());
  }
  EXPECT_TRUE(sink.entries.empty());
  ASSERT_TRUE(sorter.Close().ok());
  EXPECT_THAT(sink.lines, ElementsAre(5, 2, 4, 1, 3));
  EXPECT_EQ(sorter.stepped_back(), 3U);
  EXPECT_EQ(sorter.place(), "f:3");
}

TEST(EventSorter, MoreThanFitsIntoMemoryIsMergedFromDisk) {
  RecordingSink in_memory;
  RecordingSink from_disk;
  EventSorter large(&in_memory);
  EventSorter small(&from_disk, 2'000);
  for (std::uint64_t i = 0; i < 3'000; ++i) {
    const RowOrigin origin{i < 1'500 ? "a" : "b", i, "text", "key"};
    const auto time_ms = static_cast<std::int64_t>(i * 7919 % 1'009);
    ASSERT_TRUE(large.Add(At(time_ms), origin).ok());
    ASSERT_TRUE(small.Add(At(time_ms), origin).ok());
  }
  ASSERT_TRUE(large.Close().ok());
  ASSERT_TRUE(small.Close().ok());
  ASSERT_EQ(in_memory.entries.size(), 3'000U);
  EXPECT_EQ(from_disk.entries, in_memory.entries);
  EXPECT_EQ(from_disk.lines, in_memory.lines);
  EXPECT_EQ(from_disk.places, in_memory.places);
}

TEST(EventSorter, ItemsDoNotWait) {
  RecordingSink sink;
  EventSorter sorter(&sink);
  ASSERT_TRUE(sorter.Add(core::PutItem{"i", {}}, {}).ok());
  EXPECT_EQ(sink.entries.size(), 1U);
}

TEST(AreInTimeOrder, FilesAreLookedAtOneAfterTheOther) {
  const TemporaryFolder folder;
  const std::string header = "USER_ID,ITEM_ID,TIMESTAMP\n";
  const InputPath early{folder.Write("early.csv", header + "u,i,1\nu,i,never\nu,i,2\n"),
                        InputKind::kEvents, 0};
  const InputPath late{folder.Write("late.csv", header + "u,i,2\nu,i,3\n"), InputKind::kEvents, 0};
  EXPECT_TRUE(AreInTimeOrder({early, late}, {}).value());
  EXPECT_FALSE(AreInTimeOrder({late, early}, {}).value());
}

}  // namespace
}  // namespace freshet::tools
