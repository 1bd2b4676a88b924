#include "storage/data_folder.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/storage/damage.h"
#include "tests/unit/storage/log_reading.h"
#include "tests/unit/storage/samples.h"
#include "tests/unit/storage/temporary_folder.h"

namespace freshet::storage {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DataFolderTest : public ::testing::Test {
 protected:
  // A folder with some events and a checkpoint of them.
  void Fill() {
    auto folder = DataFolder::Open(path_);
    ASSERT_TRUE(folder.has_value()) << folder.error().message;
    auto log = (*folder)->OpenJournal({});
    ASSERT_TRUE(log.has_value()) << log.error().message;
    auto store = (*folder)->OpenStore({});
    ASSERT_TRUE(store.has_value()) << store.error().message;
    ASSERT_TRUE((*log)->Append(SampleEvents(0, 100), {}).ok());
    ASSERT_EQ(ReadAll(log->get()).size(), 100u);
    core::RowBatch rows;
    for (std::uint32_t slot = 0; slot < 100; ++slot) {
      rows.Put(core::Table::kItems, core::SlotKey(slot), "item" + std::to_string(slot));
    }
    ASSERT_TRUE((*store)->Commit(rows, {{0, 101}}, {}).ok());
  }

  // The first file of `part` ("journal", "state") whose name begins so.
  std::string FileNamed(const std::string& part, const std::string& beginning,
                        const std::string& ending = "") {
    for (const auto& file : fs::directory_iterator(path_ + "/" + part)) {
      const std::string name = file.path().filename();
      if (name.starts_with(beginning) && name.ends_with(ending)) return file.path();
    }
    return {};
  }

  core::Error OpenError(const std::string& part) {
    auto folder = DataFolder::Open(path_);
    EXPECT_TRUE(folder.has_value());
    if (part == "journal") {
      const auto log = (*folder)->OpenJournal({});
      EXPECT_FALSE(log.has_value());
      return log ? core::Error() : log.error();
    }
    const auto store = (*folder)->OpenStore({});
    EXPECT_FALSE(store.has_value());
    return store ? core::Error() : store.error();
  }

  TemporaryFolder temporary_;
  const std::string path_ = temporary_.path() + "/deep/data";
};

TEST_F(DataFolderTest, IsCreatedWithItsParentsAndOpensAgain) {
  Fill();
  EXPECT_EQ(ReadWholeFile(path_ + "/FORMAT"), "freshet data 2\n");
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  auto log = (*folder)->OpenJournal({});
  auto store = (*folder)->OpenStore({});
  ASSERT_TRUE(log.has_value() && store.has_value());
  EXPECT_EQ(ReadAll(log->get()).size(), 100u);
  EXPECT_EQ(*(*store)->Covered(), (core::Positions{{0, 101}}));
}

TEST_F(DataFolderTest, ASecondOpeningNamesTheProcessThatHasIt) {
  const auto first = DataFolder::Open(path_);
  ASSERT_TRUE(first.has_value());
  const auto second = DataFolder::Open(path_);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, core::ErrorCode::kUnavailable);
  EXPECT_EQ(second.error().message,
            "data folder " + path_ + " is in use by process " + std::to_string(::getpid()));
}

TEST_F(DataFolderTest, TheLockOfADeadProcessIsFree) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto folder = DataFolder::Open(path_);
    ::_exit(folder.has_value() ? 0 : 1);  // without a destructor, as after kill -9
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  const auto folder = DataFolder::Open(path_);
  EXPECT_TRUE(folder.has_value()) << folder.error().message;
}

TEST_F(DataFolderTest, AnotherFormatVersionIsRefused) {
  Fill();
  WriteWholeFile(path_ + "/FORMAT", "freshet data 3\n");
  const auto folder = DataFolder::Open(path_);
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().code, core::ErrorCode::kCorruption);
  EXPECT_THAT(folder.error().message, HasSubstr(path_ + "/FORMAT says \"freshet data 3\""));
}

TEST_F(DataFolderTest, SomebodysFolderIsLeftAlone) {
  fs::create_directories(path_);
  WriteWholeFile(path_ + "/thesis.txt", "...");
  const auto folder = DataFolder::Open(path_);
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().message, HasSubstr("thesis.txt"));
  EXPECT_FALSE(fs::exists(path_ + "/LOCK"));
}

TEST_F(DataFolderTest, AFolderWhoseFirstOpeningWasCutShortIsFinished) {
  fs::create_directories(path_ + "/lost+found");
  WriteWholeFile(path_ + "/LOCK", "1\n");
  WriteWholeFile(path_ + "/FORMAT.new", "fre");
  const auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  EXPECT_EQ(ReadWholeFile(path_ + "/FORMAT"), "freshet data 2\n");
}

TEST_F(DataFolderTest, AFileIsNoFolder) {
  WriteWholeFile(temporary_.path() + "/file", "x");
  const auto folder = DataFolder::Open(temporary_.path() + "/file");
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().message, HasSubstr("/file is not a folder"));
  EXPECT_FALSE(DataFolder::Open(temporary_.path() + "/file/data").has_value());
}

TEST_F(DataFolderTest, APathThatCannotBeWrittenIsNamed) {
  const auto folder = DataFolder::Open("/proc/freshet-data");
  ASSERT_FALSE(folder.has_value());
  EXPECT_EQ(folder.error().code, core::ErrorCode::kIo);
  EXPECT_THAT(folder.error().message, HasSubstr("/proc/freshet-data"));
}

// Each way to damage a database, by name; given the test and the part of the folder.
struct Damage {
  std::string name;
  std::string part;
  std::string beginning;
  std::string ending;
  enum { kCut, kRemove, kEmpty } how;

  friend void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }
};

class DamagedFolderTest : public DataFolderTest, public ::testing::WithParamInterface<Damage> {};

TEST_P(DamagedFolderTest, IsRefusedWithTheFileAndWhatToDo) {
  ASSERT_NO_FATAL_FAILURE(Fill());
  const std::string file = FileNamed(GetParam().part, GetParam().beginning, GetParam().ending);
  ASSERT_FALSE(file.empty());
  if (GetParam().how == Damage::kCut) CutFile(file);
  if (GetParam().how == Damage::kRemove) fs::remove(file);
  if (GetParam().how == Damage::kEmpty) fs::resize_file(file, 0);
  const core::Error error = OpenError(GetParam().part);
  EXPECT_EQ(error.code, core::ErrorCode::kCorruption) << error.message;
  EXPECT_THAT(error.message, HasSubstr(path_ + "/" + GetParam().part));
  EXPECT_THAT(error.message, HasSubstr(fs::path(file).stem().string()));
  EXPECT_THAT(error.message, HasSubstr("restore a backup"));
  EXPECT_THAT(error.message, HasSubstr("freshet check --data " + path_));
  EXPECT_THAT(error.message, HasSubstr("--salvage"));
}

INSTANTIATE_TEST_SUITE_P(
    Files, DamagedFolderTest,
    ::testing::Values(Damage{"JournalCurrentEmpty", "journal", "CURRENT", "", Damage::kEmpty},
                      Damage{"JournalCurrentCut", "journal", "CURRENT", "", Damage::kCut},
                      Damage{"JournalCurrentGone", "journal", "CURRENT", "", Damage::kRemove},
                      Damage{"JournalManifestCut", "journal", "MANIFEST", "", Damage::kCut},
                      Damage{"JournalManifestGone", "journal", "MANIFEST", "", Damage::kRemove},
                      Damage{"JournalTableCut", "journal", "", ".sst", Damage::kCut},
                      Damage{"JournalTableGone", "journal", "", ".sst", Damage::kRemove},
                      Damage{"StateCurrentEmpty", "state", "CURRENT", "", Damage::kEmpty},
                      Damage{"StateCurrentGone", "state", "CURRENT", "", Damage::kRemove},
                      Damage{"StateManifestCut", "state", "MANIFEST", "", Damage::kCut},
                      Damage{"StateTableCut", "state", "", ".sst", Damage::kCut},
                      Damage{"StateTableGone", "state", "", ".sst", Damage::kRemove}),
    [](const auto& param) { return param.param.name; });

TEST_F(DataFolderTest, WithoutItsCheckpointTheJournalIsStillWhole) {
  Fill();
  fs::rename(path_ + "/state", temporary_.path() + "/old-state");
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder.has_value());
  auto store = (*folder)->OpenStore({});
  auto log = (*folder)->OpenJournal({});
  ASSERT_TRUE(store.has_value() && log.has_value());
  EXPECT_TRUE((*store)->Covered()->empty());
  EXPECT_EQ(ReadAll(log->get()).size(), 100u);
}

TEST_F(DataFolderTest, WithoutItsJournalTheCheckpointIsNotTakenForAll) {
  Fill();
  fs::remove_all(path_ + "/journal");
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder.has_value());
  auto store = (*folder)->OpenStore({});
  auto log = (*folder)->OpenJournal({});
  ASSERT_TRUE(store.has_value() && log.has_value());
  const core::Status sought = (*log)->Seek(*(*store)->Covered());
  ASSERT_FALSE(sought.ok());
  EXPECT_EQ(sought.error().code, core::ErrorCode::kCorruption);
  EXPECT_THAT(sought.error().message, HasSubstr("covers everything before entry 101"));
}

TEST_F(DataFolderTest, SalvagedWithoutItsJournalNumberingGoesOnAfterTheCheckpoint) {
  Fill();
  fs::remove_all(path_ + "/journal");
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder.has_value());
  std::string said;
  JournalOptions options;
  options.salvage = [&](const std::string& text) { said += text; };
  auto store = (*folder)->OpenStore({});
  auto log = (*folder)->OpenJournal(options);
  ASSERT_TRUE(store.has_value() && log.has_value());
  ASSERT_TRUE((*log)->Seek(*(*store)->Covered()).ok());
  EXPECT_THAT(said, HasSubstr("entries 1 to 100 are missing"));
  ASSERT_TRUE((*log)->Append(SampleEvents(0, 1), {}).ok());
  const auto entries = ReadAll(log->get());
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_EQ(entries[0].position.offset, 101u);
  log->reset();
  log = (*folder)->OpenJournal({});
  ASSERT_TRUE(log.has_value()) << "what was reported once is no damage any more";
  EXPECT_TRUE((*log)->Seek({{0, 101}}).ok());
  EXPECT_EQ(ReadAll(log->get()).size(), 1u);
}

TEST_F(DataFolderTest, AFolderOfFormat1SaysWhatToDo) {
  Fill();
  WriteWholeFile(path_ + "/FORMAT", "freshet data 1\n");
  const auto folder = DataFolder::Open(path_);
  ASSERT_FALSE(folder.has_value());
  EXPECT_THAT(folder.error().message, HasSubstr("there is no conversion"));
  EXPECT_THAT(folder.error().message, HasSubstr("import"));
}

TEST_F(DataFolderTest, AFolderThatIsMovedAwayOrReplacedIsNoticed) {
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder.has_value());
  EXPECT_TRUE((*folder)->CheckIsThere().ok());
  auto log = (*folder)->OpenJournal({});
  ASSERT_TRUE(log.has_value());
  LogBatch batch;
  EXPECT_TRUE((*log)->Poll(1, kNoWait, &batch).ok());
  fs::rename(path_, path_ + "-elsewhere");
  const auto deadline = std::chrono::steady_clock::now() + kDeadline;
  while ((*log)->Poll(1, kNoWait, &batch).ok() && std::chrono::steady_clock::now() < deadline) {
  }
  Answer answer;
  ASSERT_TRUE((*log)->Append(SampleEvents(0, 1), answer.Callback()).ok());
  EXPECT_FALSE((*log)->Poll(1, kNoWait, &batch).ok());
  EXPECT_TRUE(answer.error) << "nothing is acknowledged";
  EXPECT_FALSE((*folder)->CheckIsThere().ok());
  {
    const auto other = DataFolder::Open(path_);
    ASSERT_TRUE(other.has_value());
    const core::Status replaced = (*folder)->CheckIsThere();
    ASSERT_FALSE(replaced.ok());
    EXPECT_THAT(replaced.error().message, HasSubstr("another one"));
  }
  fs::remove_all(path_);
  fs::rename(path_ + "-elsewhere", path_);
  EXPECT_TRUE((*folder)->CheckIsThere().ok());
  fs::remove(path_ + "/LOCK");
  EXPECT_FALSE((*folder)->CheckIsThere().ok());
}

TEST_F(DataFolderTest, OthersMayNotReadIt) {
  Fill();
  const auto rights = [](const fs::path& path) { return fs::status(path).permissions(); };
  const auto others = fs::perms::others_all | fs::perms::group_write;
  EXPECT_EQ(rights(path_) & others, fs::perms::none);
  for (const char* name : {"FORMAT", "LOCK", "LOG", "journal", "state"}) {
    EXPECT_EQ(rights(fs::path(path_) / name) & others, fs::perms::none) << name;
  }
}

TEST_F(DataFolderTest, RemembersTheKindOfItsLog) {
  {
    auto folder = DataFolder::Open(path_);
    ASSERT_TRUE(folder);
    EXPECT_EQ(*(*folder)->RememberedLog(), std::nullopt);
    ASSERT_TRUE((*folder)->RememberLog(LogKind::kKafka).ok());
    ASSERT_TRUE((*folder)->RememberLog(LogKind::kKafka).ok());
    ASSERT_TRUE((*folder)->OpenStore({}));
  }
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder);
  EXPECT_EQ(*(*folder)->RememberedLog(), LogKind::kKafka);
  const auto journal = (*folder)->OpenJournal({});
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, core::ErrorCode::kInvalidArgument);
  EXPECT_THAT(journal.error().message, HasSubstr("has learned from Kafka"));
  EXPECT_FALSE(fs::exists(path_ + "/journal"));
}

TEST_F(DataFolderTest, AFolderWithAJournalDoesNotGoOnWithKafka) {
  Fill();
  {
    auto folder = DataFolder::Open(path_);
    ASSERT_TRUE(folder);
    EXPECT_EQ(*(*folder)->RememberedLog(), LogKind::kJournal);
    const core::Status refused = (*folder)->RememberLog(LogKind::kKafka);
    ASSERT_FALSE(refused.ok());
    EXPECT_THAT(refused.error().message, HasSubstr("has learned from its journal"));
    EXPECT_THAT(refused.error().message, HasSubstr("log.kind = \"journal\""));
    EXPECT_TRUE((*folder)->OpenJournal({}));
  }
}

TEST_F(DataFolderTest, AFolderThatDoesNotSayWhatItLearnedFromIsRefused) {
  Fill();
  fs::remove(path_ + "/LOG");
  auto folder = DataFolder::Open(path_);
  ASSERT_TRUE(folder);
  const auto kind = (*folder)->RememberedLog();
  ASSERT_FALSE(kind);
  EXPECT_THAT(kind.error().message, HasSubstr(path_ + "/LOG is missing; restore a backup"));
}

TEST_F(DataFolderTest, ACutIsADataFolderWithoutAJournal) {
  Fill();
  const std::string cut = path_ + "/training";
  fs::create_directories(cut + "/left over");
  {
    auto folder = DataFolder::Open(path_);
    ASSERT_TRUE(folder.has_value());
    auto store = (*folder)->OpenStore({});
    ASSERT_TRUE(store.has_value());
    const core::Status prepared = PrepareCut(path_, cut);
    ASSERT_TRUE(prepared.ok()) << prepared.error().message;
    ASSERT_TRUE((*store)->Cut(cut + "/state").ok());
  }
  EXPECT_FALSE(fs::exists(cut + "/left over"));
  EXPECT_FALSE(fs::exists(cut + "/journal"));
  auto folder = DataFolder::Open(cut);
  ASSERT_TRUE(folder.has_value()) << folder.error().message;
  EXPECT_EQ(*(*folder)->RememberedLog(), LogKind::kJournal);
  auto store = (*folder)->OpenStore({});
  ASSERT_TRUE(store.has_value()) << store.error().message;
  EXPECT_EQ(*(*store)->Covered(), (core::Positions{{0, 101}}));
}

}  // namespace
}  // namespace freshet::storage
