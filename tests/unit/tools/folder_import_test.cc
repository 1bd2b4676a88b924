// Importing into a data folder, and what replay makes of it.
#include <filesystem>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/dump.h"
#include "core/recipes/learner.h"
#include "core/state.h"
#include "tests/unit/tools/temporary_files.h"
#include "tools/folder_sink.h"
#include "tools/opened_folder.h"
#include "tools/replay.h"
#include "tools/synthetic_stream.h"

namespace freshet::tools {
namespace {

using ::testing::HasSubstr;

core::Status ImportSynthetic(const std::string& path, const SyntheticOptions& options) {
  auto sink = FolderSink::Open(path, {});
  if (!sink) return sink.error();
  SyntheticStream stream(options);
  for (core::Event event; stream.Next(&event);) {
    FRESHET_RETURN_IF_ERROR((*sink)->Add(event, {}));
  }
  FRESHET_RETURN_IF_ERROR((*sink)->Close());
  EXPECT_EQ((*sink)->acknowledged(), options.events);
  return {};
}

// The text of what the folder's last checkpoint holds.
std::string DumpOf(const std::string& path) {
  auto opened = OpenExistingFolder(path, {});
  EXPECT_TRUE(opened.has_value()) << opened.error().message;
  core::State state{core::Settings()};
  EXPECT_TRUE(opened->store
                  ->Load([&](core::Table table, std::string_view key, std::string_view value) {
                    return state.LoadRow(table, key, value);
                  })
                  .ok());
  EXPECT_TRUE(state.FinishLoad().ok());
  EXPECT_EQ(opened->store->Covered().value(), opened->journal->End().value());
  std::ostringstream text;
  core::Dump(state, text);
  return text.str();
}

TEST(FolderSink, WhatWasImportedIsLearnedAndCheckpointed) {
  const TemporaryFolder folder;
  ASSERT_TRUE(ImportSynthetic(folder.Path("data"), {.events = 20'000}).ok());
  core::State state(config::Settings().learning);
  core::Learner learner(&state);
  SyntheticStream stream({.events = 20'000});
  core::StampedEntry entry;
  entry.received_ms = 4'000'000'000'000;
  for (core::Event event; stream.Next(&event);) {
    entry.entry = event;
    ++entry.position.offset;
    learner.Apply(entry);
  }
  std::ostringstream expected;
  core::Dump(state, expected);
  EXPECT_EQ(DumpOf(folder.Path("data")), expected.str());
}

TEST(FolderSink, ASecondImportAddsToTheFirst) {
  const TemporaryFolder folder;
  ASSERT_TRUE(ImportSynthetic(folder.Path("data"), {.events = 3'000}).ok());
  ASSERT_TRUE(ImportSynthetic(folder.Path("data"), {.events = 2'000, .seed = 2}).ok());
  auto opened = OpenExistingFolder(folder.Path("data"), {});
  ASSERT_TRUE(opened.has_value());
  EXPECT_EQ(opened->journal->End().value().at(0), 5'001U);
}

TEST(FolderSink, AFolderInUseIsAnError) {
  const TemporaryFolder folder;
  auto first = FolderSink::Open(folder.Path("data"), {});
  ASSERT_TRUE(first.has_value());
  const auto second = FolderSink::Open(folder.Path("data"), {});
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, core::ErrorCode::kUnavailable);
}

TEST(Replay, RebuildsTheSameStateFromTheJournal) {
  const TemporaryFolder folder;
  ASSERT_TRUE(ImportSynthetic(folder.Path("data"), {.events = 10'000}).ok());
  const std::string before = DumpOf(folder.Path("data"));
  const auto replayed =
      Replay({folder.Path("data"), folder.Path("again"), false, config::Settings(), {}});
  ASSERT_TRUE(replayed.has_value()) << replayed.error().message;
  EXPECT_EQ(replayed->entries, 10'000U);
  EXPECT_EQ(replayed->missing, 0U);
  EXPECT_EQ(DumpOf(folder.Path("again")), before);
  EXPECT_EQ(DumpOf(folder.Path("data")), before);
}

TEST(Replay, RefusesAFolderThatIsNotNewAndOneThatIsNone) {
  const TemporaryFolder folder;
  ASSERT_TRUE(ImportSynthetic(folder.Path("data"), {.events = 10}).ok());
  ASSERT_TRUE(folder.Write("other", "").size() > 0);
  const auto onto = Replay({folder.Path("data"), folder.Path(""), false, config::Settings(), {}});
  ASSERT_FALSE(onto.has_value());
  EXPECT_THAT(onto.error().message, HasSubstr("needs a new folder"));
  EXPECT_TRUE(std::filesystem::exists(folder.Path("other")));
  const auto none =
      Replay({folder.Path("none"), folder.Path("new"), false, config::Settings(), {}});
  EXPECT_EQ(none.error().code, core::ErrorCode::kNotFound);
}

TEST(Replay, RefusesATrimmedJournalUnlessToldToTakeWhatIsThere) {
  const TemporaryFolder folder;
  config::Settings settings;
  settings.log.retention_hours = 0;
  {
    auto opened = OpenFolder(folder.Path("data"), settings);
    ASSERT_TRUE(opened.has_value()) << opened.error().message;
    core::Event event;
    event.user_id = "u";
    event.item_id = "i";
    event.event_type = "view";
    storage::LogBatch batch;
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(opened->journal->Append({event}, {}).ok());
      ASSERT_TRUE(opened->journal->Poll(10, std::chrono::milliseconds(0), &batch).ok());
    }
    ASSERT_TRUE(opened->journal->Trim({{0, 6}}).ok());
  }
  const auto refused = Replay({folder.Path("data"), folder.Path("new"), false, settings, {}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message, HasSubstr("--from-retained"));
  EXPECT_FALSE(std::filesystem::exists(folder.Path("new")));
  const auto replayed = Replay({folder.Path("data"), folder.Path("new"), true, settings, {}});
  ASSERT_TRUE(replayed.has_value()) << replayed.error().message;
  EXPECT_EQ(replayed->missing, 5U);
  EXPECT_EQ(replayed->entries, 5U);
}

}  // namespace
}  // namespace freshet::tools
