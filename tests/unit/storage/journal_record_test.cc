#include "storage/journal_record.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/golden.h"
#include "tests/unit/storage/samples.h"

namespace freshet::storage {
namespace {

constexpr std::uint64_t kFirst = 100;

std::vector<core::StampedEntry> Stamped(std::vector<core::LogEntry> entries) {
  std::vector<core::StampedEntry> stamped;
  for (core::LogEntry& entry : entries) {
    stamped.push_back({{0, kFirst + stamped.size()}, 1'234'567, std::move(entry)});
  }
  return stamped;
}

std::string Record(std::vector<core::LogEntry> entries) {
  std::string record;
  EncodeRecord(Stamped(std::move(entries)), 98, &record);
  return record;
}

TEST(JournalRecord, EntriesComeBackWithTheirNumbersAndTime) {
  const std::string record = Record(SampleEvents(0, 5));
  LogBatch batch;
  EXPECT_EQ(DecodeRecord(100, record, 100, 10, &batch), 105u);
  ASSERT_EQ(batch.entries.size(), 5u);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(batch.entries[i].position, (core::Position{0, 100 + i}));
    EXPECT_EQ(batch.entries[i].received_ms, 1'234'567);
    EXPECT_EQ(batch.entries[i].entry, SampleEvent(i));
  }
}

TEST(JournalRecord, IsReadInPartsFromAnyNumber) {
  const std::string record = Record(SampleEvents(0, 5));
  LogBatch batch;
  EXPECT_EQ(DecodeRecord(100, record, 101, 2, &batch), 103u);
  ASSERT_EQ(batch.entries.size(), 2u);
  EXPECT_EQ(batch.entries[0].entry, SampleEvent(1));
  batch.Clear();
  EXPECT_EQ(DecodeRecord(100, record, 103, 2, &batch), 105u);
  EXPECT_EQ(batch.entries.size(), 2u);
}

TEST(JournalRecord, TakesNoMoreThanItsMaximumOfEntriesOrBytes) {
  std::string record;
  EXPECT_EQ(EncodeRecord(Stamped(SampleEvents(0, 1000)), 1, &record), kMaximumRecordEntries);
  core::Event large;
  large.properties = std::string(40'000, 'p');
  record.clear();
  EXPECT_EQ(EncodeRecord(Stamped({large, large, large}), 1, &record), 2u);
  LogBatch batch;
  EXPECT_EQ(DecodeRecord(kFirst, record, kFirst, 10, &batch), kFirst + 2);
  EXPECT_EQ(batch.entries.size(), 2u);
}

TEST(JournalRecord, GoldenRecordOfVersion2) {
  const auto golden = ReadGolden("values_v2.txt");
  std::vector<core::LogEntry> entries;
  for (const auto& [name, entry] : NamedEntries()) entries.push_back(entry);
  ASSERT_TRUE(golden.contains("journal-record")) << ToHex(Record(entries));
  const auto header = DecodeRecordHeader(kFirst, golden.at("journal-record"));
  ASSERT_TRUE(header.has_value()) << ToHex(Record(entries));
  EXPECT_EQ(header->previous_end, 98u);
  EXPECT_EQ(header->received_ms, 1'234'567);
  LogBatch batch;
  EXPECT_EQ(DecodeRecord(kFirst, golden.at("journal-record"), kFirst, 100, &batch),
            kFirst + entries.size());
  ASSERT_EQ(batch.entries.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(batch.entries[i].entry, entries[i]);
  EXPECT_EQ(ToHex(golden.at("journal-record")), ToHex(Record(entries)));
}

TEST(JournalRecord, EveryPrefixIsRefused) {
  const std::string record = Record(SampleEvents(0, 5));
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(DecodeRecordHeader(kFirst, std::string_view(record).substr(0, size))) << size;
  }
}

TEST(JournalRecord, EveryFlippedBitIsRefused) {
  const std::string record = Record(SampleEvents(0, 5));
  ASSERT_TRUE(DecodeRecordHeader(kFirst, record));
  for (std::size_t at = 0; at < record.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = record;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      EXPECT_FALSE(DecodeRecordHeader(kFirst, damaged)) << at << " " << bit;
    }
  }
}

TEST(JournalRecord, ARecordUnderAnothersNumberIsRefused) {
  EXPECT_FALSE(DecodeRecordHeader(kFirst + 1, Record(SampleEvents(0, 5))));
}

}  // namespace
}  // namespace freshet::storage
