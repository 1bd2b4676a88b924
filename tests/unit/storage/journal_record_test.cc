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

std::vector<core::StampedEntry> Stamped(std::vector<core::LogEntry> entries) {
  std::vector<core::StampedEntry> stamped;
  for (core::LogEntry& entry : entries) stamped.push_back({{}, 1'234'567, std::move(entry)});
  return stamped;
}

std::string Record(std::vector<core::LogEntry> entries) {
  std::string record;
  EncodeRecord(Stamped(std::move(entries)), &record);
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
  EXPECT_EQ(EncodeRecord(Stamped(SampleEvents(0, 1000)), &record), kMaximumRecordEntries);
  core::Event large;
  large.properties = std::string(40'000, 'p');
  record.clear();
  EXPECT_EQ(EncodeRecord(Stamped({large, large, large}), &record), 2u);
  LogBatch batch;
  EXPECT_EQ(DecodeRecord(1, record, 1, 10, &batch), 3u);
  EXPECT_EQ(batch.entries.size(), 2u);
}

TEST(JournalRecord, GoldenRecordOfVersion1LoadsForEver) {
  const auto golden = ReadGolden("values_v1.txt");
  std::vector<core::LogEntry> entries;
  for (const auto& [name, entry] : NamedEntries()) entries.push_back(entry);
  ASSERT_TRUE(golden.contains("journal-record")) << ToHex(Record(entries));
  LogBatch batch;
  EXPECT_EQ(DecodeRecord(7, golden.at("journal-record"), 7, 100, &batch), 7 + entries.size());
  ASSERT_EQ(batch.entries.size(), entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) EXPECT_EQ(batch.entries[i].entry, entries[i]);
  EXPECT_EQ(batch.entries[0].received_ms, 1'234'567);
  EXPECT_EQ(ToHex(golden.at("journal-record")), ToHex(Record(entries)));
}

// Every number of a record is either an entry or covered by a bad one.
void ExpectAccountedFor(const LogBatch& batch, std::uint64_t read_to) {
  EXPECT_GT(read_to, 100u);
  for (const auto& entry : batch.entries) EXPECT_LT(entry.position.offset, read_to);
  for (const auto& bad : batch.bad) {
    EXPECT_LT(bad.position.offset, read_to);
    EXPECT_FALSE(bad.reason.empty());
  }
}

TEST(JournalRecord, EveryPrefixBringsABadEntryAndNoMore) {
  const std::string record = Record(SampleEvents(0, 5));
  for (std::size_t size = 0; size < record.size(); ++size) {
    LogBatch batch;
    const std::uint64_t read_to =
        DecodeRecord(100, std::string_view(record).substr(0, size), 100, 10, &batch);
    EXPECT_EQ(batch.bad.size(), 1u) << size;
    ExpectAccountedFor(batch, read_to);
  }
}

TEST(JournalRecord, DamagedBytesNeverDoMoreThanBringBadEntries) {
  const std::string record = Record(SampleEvents(0, 5));
  for (std::size_t at = 0; at < record.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = record;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
      LogBatch batch;
      ExpectAccountedFor(batch, DecodeRecord(100, damaged, 100, 1000, &batch));
    }
  }
}

}  // namespace
}  // namespace freshet::storage
