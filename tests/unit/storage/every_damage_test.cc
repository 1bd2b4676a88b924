// Every single-bit flip and every truncation of every file of a small folder: all that was
// acknowledged is there, or the opening is refused with the file or its folder by name.
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "storage/data_folder.h"
#include "tests/unit/storage/damage.h"
#include "tests/unit/storage/log_reading.h"
#include "tests/unit/storage/samples.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kEvents = 30;  // each in a write of its own
constexpr std::size_t kCovered = 10;

struct Opened {
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<EventLog> log;
  std::unique_ptr<CheckpointStore> store;
};

core::Result<Opened> OpenAll(const std::string& path) {
  Opened opened;
  auto folder = DataFolder::Open(path);
  if (!folder) return folder.error();
  opened.folder = std::move(*folder);
  auto log = opened.folder->OpenJournal({});
  if (!log) return log.error();
  opened.log = std::move(*log);
  auto store = opened.folder->OpenStore({});
  if (!store) return store.error();
  opened.store = std::move(*store);
  return opened;
}

// What a start knows of the events: those that the checkpoint says it covers, and the rest.
core::Result<std::size_t> CountEvents(const std::string& path) {
  auto opened = OpenAll(path);
  if (!opened) return opened.error();
  std::uint64_t rows = 0;
  FRESHET_RETURN_IF_ERROR(
      opened->store->Load([&](core::Table, std::string_view, std::string_view value) {
        EXPECT_EQ(value, "row");
        ++rows;
        return core::Status();
      }));
  const auto covered = opened->store->Covered();
  if (!covered) return covered.error();
  FRESHET_RETURN_IF_ERROR(opened->log->Seek(*covered));
  std::size_t events = covered->empty() ? 0 : covered->at(0) - 1;
  EXPECT_EQ(rows, events) << "a checkpoint is whole";
  LogBatch batch;
  do {
    FRESHET_RETURN_IF_ERROR(opened->log->Poll(1000, kNoWait, &batch));
    for (const core::StampedEntry& entry : batch.entries) {
      EXPECT_EQ(entry.entry, SampleEvent(entry.position.offset - 1));
    }
    events += batch.entries.size();
  } while (!batch.entries.empty());
  return events;
}

void Append(Opened* opened, std::size_t first, std::size_t count) {
  LogBatch batch;
  for (std::size_t i = first; i < first + count; ++i) {
    ASSERT_TRUE(opened->log->Append(SampleEvents(i, 1), {}).ok());
    ASSERT_TRUE(opened->log->Poll(10, kNoWait, &batch).ok());
    if (i + 1 != kCovered / 2 && i + 1 != kCovered) continue;
    core::RowBatch rows;
    for (std::uint32_t slot = 0; slot <= i; ++slot) {
      rows.Put(slot % 2 == 0 ? core::Table::kItems : core::Table::kUsers, core::SlotKey(slot),
               "row");
    }
    ASSERT_TRUE(opened->store->Commit(rows, {{0, i + 2}}, {}).ok());
  }
}

enum class End { kClean, kKilled, kKilledLater };

class EveryDamageTest : public ::testing::TestWithParam<End> {
 protected:
  void SetUp() override {
    const std::string live = temporary_.path() + "/live";
    {
      auto opened = OpenAll(live);
      ASSERT_TRUE(opened.has_value()) << opened.error().message;
      Append(&*opened, 0, kEvents);
      // What kill -9 leaves behind is what the files hold at that moment.
      if (GetParam() == End::kKilled) fs::copy(live, original_, fs::copy_options::recursive);
    }
    if (GetParam() == End::kKilled) return;
    if (GetParam() == End::kKilledLater) {
      auto opened = OpenAll(live);
      ASSERT_TRUE(opened.has_value()) << opened.error().message;
      ASSERT_TRUE(opened->log->Seek({{0, kEvents + 1}}).ok());
      Append(&*opened, kEvents, kMore);
      fs::copy(live, original_, fs::copy_options::recursive);
      return;
    }
    fs::rename(live, original_);
  }

  [[nodiscard]] static std::size_t Acknowledged() {
    return GetParam() == End::kKilledLater ? kEvents + kMore : kEvents;
  }

  // Opens a copy of the folder in which the file holds `bytes`, or is absent.
  void Try(const std::string& name, const std::string* bytes, const std::string& what) {
    fs::remove_all(copy_);
    fs::copy(original_, copy_, fs::copy_options::recursive);
    if (bytes != nullptr) {
      WriteWholeFile(copy_ + "/" + name, *bytes);
    } else {
      fs::remove(copy_ + "/" + name);
    }
    const auto events = CountEvents(copy_);
    ++tried_;
    if (events) {
      EXPECT_EQ(*events, Acknowledged()) << name << ": " << what;
      return;
    }
    ++refused_;
    EXPECT_THAT(events.error().message, ::testing::HasSubstr(copy_)) << name << ": " << what;
  }

  std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const auto& file : fs::recursive_directory_iterator(original_)) {
      if (file.is_regular_file()) names.push_back(fs::relative(file.path(), original_));
    }
    return names;
  }

  static constexpr std::size_t kMore = 7;
  TemporaryFolder temporary_;
  const std::string original_ = temporary_.path() + "/data";
  const std::string copy_ = temporary_.path() + "/copy";
  int tried_ = 0;
  int refused_ = 0;
};

// FRESHET_EVERY_DAMAGE = 1 tries each bit and each length, which takes an hour; else a sample, in
// which each place near a file's ends is.
std::size_t Step(std::size_t size, std::size_t most) {
  return std::getenv("FRESHET_EVERY_DAMAGE") != nullptr ? 1 : std::max<std::size_t>(1, size / most);
}

bool Matters(const std::string& name) {
  const std::string file = fs::path(name).filename();
  return file != "LOCK" && !file.starts_with("OPTIONS") && !file.starts_with("WARNINGS") &&
         file != "IDENTITY";
}

TEST_P(EveryDamageTest, WithoutDamageAllIsThere) {
  const auto events = CountEvents(original_);
  ASSERT_TRUE(events.has_value()) << events.error().message;
  EXPECT_EQ(*events, Acknowledged());
}

TEST_P(EveryDamageTest, AFileThatIsGoneOrEmptyOrCutIsNoticed) {
  for (const std::string& name : Names()) {
    const std::string whole = ReadWholeFile(original_ + "/" + name);
    Try(name, nullptr, "gone");
    const std::size_t step = Step(whole.size(), Matters(name) ? 4 : 1);
    for (std::size_t size = 0; size < whole.size(); size += step) {
      const std::string cut = whole.substr(0, size);
      Try(name, &cut, "cut to " + std::to_string(size));
    }
  }
  EXPECT_GT(refused_, 20);
  EXPECT_LT(refused_, tried_);
}

TEST_P(EveryDamageTest, AFlippedBitIsNoticed) {
  for (const std::string& name : Names()) {
    const std::string whole = ReadWholeFile(original_ + "/" + name);
    const std::size_t step = Step(whole.size() * 8, Matters(name) ? 6 : 1);
    for (std::size_t bit = 0; bit < whole.size() * 8; bit += step) {
      std::string flipped = whole;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      Try(name, &flipped, "bit " + std::to_string(bit));
    }
  }
  EXPECT_GT(refused_, 20);
}

// The seventh byte of a record of RocksDB's log is its type: as a "recyclable" one it ends the log.
TEST_P(EveryDamageTest, ARecordOfTheWriteAheadLogThatBecameRecyclableIsNoticed) {
  for (const std::string& name : Names()) {
    if (!name.ends_with(".log") && name.find("MANIFEST") == std::string::npos) continue;
    const std::string whole = ReadWholeFile(original_ + "/" + name);
    for (std::size_t at = 0; at + 7 < whole.size();) {
      std::string flipped = whole;
      flipped[at + 6] = static_cast<char>(flipped[at + 6] ^ 4);
      Try(name, &flipped, "type at " + std::to_string(at));
      at += 7 + static_cast<unsigned char>(whole[at + 4]) +
            256U * static_cast<unsigned char>(whole[at + 5]);
    }
  }
}

std::string EndName(const ::testing::TestParamInfo<End>& end) {
  switch (end.param) {
    case End::kClean:
      return "AfterACleanStop";
    case End::kKilled:
      return "AfterKill9";
    case End::kKilledLater:
      return "AfterKill9OfTheSecondStart";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Ends, EveryDamageTest,
                         ::testing::Values(End::kClean, End::kKilled, End::kKilledLater), EndName);

}  // namespace
}  // namespace freshet::storage
