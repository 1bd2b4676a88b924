#include "daemon/gate.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::daemon {
namespace {

// Several plain counters that only the gate protects: a reader that sees them differ saw half of a
// change, and ThreadSanitizer sees every access that the gate does not order.
struct Counters {
  std::array<std::uint64_t, 8> values{};

  void Raise() {
    for (std::uint64_t& value : values) ++value;
  }
  [[nodiscard]] bool Agree() const {
    for (const std::uint64_t value : values) {
      if (value != values.front()) return false;
    }
    return true;
  }
};

TEST(Gate, ReadReturnsWhatTheFunctionReturns) {
  Gate gate(1);
  Gate::Reader reader = gate.Register();
  int value = 7;
  EXPECT_EQ(reader.Read([&] { return value + 1; }), 8);
  int& reference = reader.Read([&]() -> int& { return value; });
  EXPECT_EQ(&reference, &value);
}

TEST(Gate, ChangeIsSeenByTheVeryNextRead) {
  Gate gate(2);
  Gate::Reader reader = gate.Register();
  std::uint64_t value = 0;
  for (std::uint64_t i = 1; i <= 100; ++i) {
    gate.Write([&] { value = i; });
    EXPECT_EQ(reader.Read([&] { return value; }), i);
  }
}

TEST(Gate, ReadLeavesTheGateWhenTheFunctionThrows) {
  Gate gate(1);
  Gate::Reader reader = gate.Register();
  EXPECT_THROW(reader.Read([]() -> int { throw 1; }), int);
  bool written = false;
  gate.Write([&] { written = true; });
  EXPECT_TRUE(written);
}

TEST(Gate, WriteOpensTheGateWhenTheChangeThrows) {
  Gate gate(1);
  Gate::Reader reader = gate.Register();
  EXPECT_THROW(gate.Write([] { throw 1; }), int);
  EXPECT_EQ(reader.Read([] { return 3; }), 3);
}

TEST(Gate, SlotOfADestroyedReaderIsGivenAgain) {
  Gate gate(1);
  for (int i = 0; i < 3; ++i) {
    Gate::Reader reader = gate.Register();
    EXPECT_EQ(reader.Read([&] { return i; }), i);
  }
}

TEST(Gate, MovedReaderKeepsItsSlot) {
  Gate gate(1);
  std::optional<Gate::Reader> first(gate.Register());
  Gate::Reader second = std::move(*first);
  first.reset();
  EXPECT_EQ(second.Read([] { return 1; }), 1);
  EXPECT_EQ(second.Read([] { return 2; }), 2);
}

TEST(GateDeathTest, RegisteringMoreReadersThanAnnouncedAborts) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Gate gate(1);
  const Gate::Reader reader = gate.Register();
  EXPECT_DEATH(gate.Register(), "more than 1 readers");
}

TEST(Gate, WriterWaitsForTheReadingUnderWay) {
  Gate gate(1);
  Gate::Reader reader = gate.Register();
  std::atomic<bool> announced = false;
  bool written = false;
  std::thread writer;
  reader.Read([&] {
    writer = std::thread([&] {
      announced.store(true);
      announced.notify_one();
      gate.Write([&] { written = true; });
    });
    announced.wait(false);
    // Many chances for the writer to run; ThreadSanitizer would report this read, too.
    for (int i = 0; i < 1000; ++i) {
      std::this_thread::yield();
      EXPECT_FALSE(written);
    }
  });
  writer.join();
  EXPECT_TRUE(reader.Read([&] { return written; }));
}

TEST(Gate, ReaderWaitsForTheTurnUnderWay) {
  Gate gate(1);
  std::atomic<bool> started = false;
  bool half = false;
  std::thread other;
  gate.Write([&] {
    half = true;
    other = std::thread([&] {
      Gate::Reader reader = gate.Register();
      started.store(true);
      started.notify_one();
      EXPECT_FALSE(reader.Read([&] { return half; }));
    });
    started.wait(false);
    for (int i = 0; i < 1000; ++i) std::this_thread::yield();
    half = false;
  });
  other.join();
}

TEST(Gate, EveryReadSeesAConsistentCut) {
  constexpr std::uint64_t kTurns = 20'000;
  constexpr int kReaders = 4;
  Gate gate(kReaders);
  Counters counters;
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&] {
      Gate::Reader reader = gate.Register();
      std::uint64_t last = 0;
      while (!done.load()) {
        const std::uint64_t seen = reader.Read([&] {
          EXPECT_TRUE(counters.Agree());
          return counters.values.front();
        });
        EXPECT_GE(seen, last);
        last = seen;
      }
    });
  }
  for (std::uint64_t i = 0; i < kTurns; ++i) gate.Write([&] { counters.Raise(); });
  done.store(true);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters.values.front(), kTurns);
}

TEST(Gate, WriterIsNotStarvedByAStreamOfReaders) {
  constexpr int kReaders = 6;
  Gate gate(kReaders);
  Counters counters;
  std::atomic<bool> done = false;
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&] {
      Gate::Reader reader = gate.Register();
      // Readings overlap: without precedence for an announced writer it would never find the gate
      // empty, and this test would not end.
      while (!done.load()) {
        reader.Read([&] {
          for (int k = 0; k < 50; ++k) EXPECT_TRUE(counters.Agree());
        });
      }
    });
  }
  for (int i = 0; i < 500; ++i) gate.Write([&] { counters.Raise(); });
  done.store(true);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counters.values.front(), 500U);
}

TEST(Gate, ReadersAreNotStarvedByARestlessWriter) {
  constexpr int kReaders = 3;
  constexpr int kReads = 500;
  Gate gate(kReaders);
  Counters counters;
  std::atomic<int> running = kReaders;
  std::vector<std::thread> threads;
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&] {
      Gate::Reader reader = gate.Register();
      for (int k = 0; k < kReads; ++k) reader.Read([&] { EXPECT_TRUE(counters.Agree()); });
      running.fetch_sub(1);
    });
  }
  while (running.load() > 0) gate.Write([&] { counters.Raise(); });
  for (std::thread& thread : threads) thread.join();
}

TEST(Gate, ReaderThatWaitedOutATurnReadsBeforeTheNext) {
  constexpr std::size_t kReaders = 3;
  Gate gate(kReaders);
  for (std::uint64_t round = 0; round < 50; ++round) {
    std::uint64_t turns = 0;
    std::array<std::uint64_t, kReaders> seen{};
    std::vector<std::thread> threads;
    gate.Write([&] {
      ++turns;
      for (std::uint64_t& mine : seen) {
        threads.emplace_back([&] {
          Gate::Reader reader = gate.Register();
          mine = reader.Read([&] { return turns; });
        });
      }
      while (gate.waiting() < kReaders) std::this_thread::yield();
    });
    for (int i = 0; i < 100; ++i) gate.Write([&] { ++turns; });
    for (std::thread& thread : threads) thread.join();
    for (const std::uint64_t mine : seen) EXPECT_EQ(mine, 1U);
  }
}

TEST(Gate, ThreadsComeAndGoWhileTheWriterWrites) {
  Gate gate(3);
  Counters counters;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    while (!done.load()) gate.Write([&] { counters.Raise(); });
  });
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 300; ++k) {
        Gate::Reader reader = gate.Register();
        for (int n = 0; n < 5; ++n) reader.Read([&] { EXPECT_TRUE(counters.Agree()); });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  done.store(true);
  writer.join();
}

}  // namespace
}  // namespace freshet::daemon
