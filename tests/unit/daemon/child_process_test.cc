#include "daemon/child_process.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/file.h"

namespace freshet::daemon {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using Kind = ChildEnd::Kind;

class ChildProcessTest : public ::testing::Test {
 protected:
  core::Result<ChildEnd> Run(const std::string& script,
                             milliseconds time_limit = milliseconds(60'000),
                             std::uint64_t maximum_bytes = 1ULL << 30) {
    const ChildCommand command{{"/bin/sh", "-c", script}, maximum_bytes, time_limit};
    return RunChild(command, stop_.get(), [this](std::string_view line) {
      lines_.emplace_back(line);
      if (line == "stop me") Stop();
    });
  }
  void Stop() {
    const std::uint64_t once = 1;
    ASSERT_EQ(::write(stop_.get(), &once, sizeof(once)), 8);
  }
  // No child is left, ended or not.
  static void ExpectNoChild() {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);
  }

  const storage::File stop_{::eventfd(0, EFD_CLOEXEC)};
  std::vector<std::string> lines_;
};

TEST_F(ChildProcessTest, ItsLinesAndItsExitCodeAreTold) {
  const auto end = Run("echo one; echo two >&2; echo; printf three; exit 7");
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kExited);
  EXPECT_EQ(end->code, 7);
  EXPECT_THAT(lines_, ElementsAre("one", "two", "three"));
  ExpectNoChild();
}

TEST_F(ChildProcessTest, ALineWithoutEndComesInPieces) {
  ASSERT_TRUE(Run("head -c 10000 /dev/zero | tr '\\\\0' x").has_value());
  ASSERT_EQ(lines_.size(), 3U);
  EXPECT_EQ(lines_[0].size() + lines_[1].size() + lines_[2].size(), 10'000U);
}

TEST_F(ChildProcessTest, ASignalThatEndedItIsTold) {
  const auto end = Run("kill -SEGV $$");
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kSignalled);
  EXPECT_EQ(end->code, SIGSEGV);
}

TEST_F(ChildProcessTest, WhoTakesTooLongIsKilledWithWhatItHasStarted) {
  const auto end = Run("sleep 1000 & echo $!; exec >&- 2>&-; wait", milliseconds(200));
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kTimeLimit);
  ExpectNoChild();
  // Whoever has adopted it may not have buried it yet.
  const auto grandchild = static_cast<pid_t>(std::stoi(lines_.at(0)));
  while (::kill(grandchild, 0) == 0) {
    std::ifstream stat("/proc/" + std::to_string(grandchild) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    if (stat >> number >> name >> state && state == "Z") break;
    std::this_thread::yield();
  }
}

TEST_F(ChildProcessTest, WhatItLeavesBehindIsKilledAndNotWaitedFor) {
  const auto end = Run("sleep 1000 & echo left");
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kExited);
  EXPECT_THAT(lines_, ElementsAre("left"));
}

TEST_F(ChildProcessTest, AStopKillsIt) {
  const auto end = Run("echo stop me; while :; do sleep 1000; done");
  ASSERT_TRUE(end.has_value());
  EXPECT_EQ(end->kind, Kind::kStopped);
  ExpectNoChild();
}

TEST_F(ChildProcessTest, MemoryIsLimited) {
  // dd asks for a buffer of the block's size. The limit comes soon after the start, not before it.
  const std::string take =
      "while [ \"$(ulimit -d)\" = unlimited ]; do :; done; dd if=/dev/zero of=/dev/null bs=300M "
      "count=1";
  EXPECT_EQ(Run(take)->code, 0);
  EXPECT_NE(Run(take, milliseconds(60'000), 100ULL << 20)->code, 0);
}

TEST_F(ChildProcessTest, ItHasNoneOfOurFilesAndNoSignalsBlocked) {
  const auto end = Run("ls /proc/self/fd | wc -l; grep SigBlk /proc/self/status");
  ASSERT_TRUE(end.has_value());
  // Three and the one that ls reads the folder by.
  EXPECT_THAT(lines_, ElementsAre("4", "SigBlk:\t0000000000000000"));
}

TEST_F(ChildProcessTest, AProgramThatIsNotThereIsNamed) {
  const auto end = RunChild({{"/nowhere/trainer"}, 1 << 30, milliseconds(1000)}, stop_.get(),
                            [](std::string_view) {});
  ASSERT_FALSE(end.has_value());
  EXPECT_EQ(end.error().code, core::ErrorCode::kNotFound);
  EXPECT_EQ(end.error().message, "/nowhere/trainer: No such file or directory");
}

}  // namespace
}  // namespace freshet::daemon
