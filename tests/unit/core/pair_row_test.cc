// The row against one that is written down as plainly as possible.
#include "core/pair_row.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet::core {
namespace {

struct Pair {
  std::uint32_t item;
  std::uint32_t count;
  std::uint32_t error;
  friend bool operator==(const Pair&, const Pair&) = default;
  friend auto operator<=>(const Pair&, const Pair&) = default;
};

class PlainRow {
 public:
  bool Add(std::uint32_t item, std::int64_t change, std::size_t maximum) {
    const auto known =
        std::find_if(pairs_.begin(), pairs_.end(), [&](auto& pair) { return pair.item == item; });
    if (known != pairs_.end()) {
      const std::int64_t count = known->count + change;
      if (count <= 0) {
        *known = pairs_.back();
        pairs_.pop_back();
        hand_ = std::min(hand_, pairs_.size());
      } else {
        known->count = static_cast<std::uint32_t>(count);
        known->error = std::min(known->error, known->count);
      }
      return false;
    }
    if (change <= 0) return false;
    const auto count = static_cast<std::uint32_t>(change);
    if (pairs_.size() < maximum) {
      pairs_.push_back({item, count, 0});
      return false;
    }
    const auto is_less = [](auto& a, auto& b) { return a.count < b.count; };
    const std::uint32_t least = std::min_element(pairs_.begin(), pairs_.end(), is_less)->count;
    std::size_t at = hand_ % maximum;
    while (pairs_[at].count != least) at = (at + 1) % maximum;
    hand_ = at + 1;
    Pair* const victim = &pairs_[at];
    *victim = {item, victim->count + count, victim->count};
    return true;
  }
  [[nodiscard]] std::vector<Pair> Sorted() const {
    std::vector<Pair> sorted = pairs_;
    std::sort(sorted.begin(), sorted.end());
    return sorted;
  }

 private:
  std::vector<Pair> pairs_;
  std::size_t hand_ = 0;
};

std::vector<Pair> Sorted(const PairRow& row) {
  std::vector<Pair> sorted;
  for (std::size_t i = 0; i < row.items().size(); ++i) {
    sorted.push_back({row.items()[i], row.counts()[i], row.errors()[i]});
  }
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

class PairRowTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(PairRowTest, EqualsAPlainRowUnderAnyChanges) {
  const std::uint32_t maximum = GetParam();
  std::mt19937 random(maximum);
  PairRow row;
  PlainRow plain;
  for (int i = 0; i < 20'000; ++i) {
    // A few items come often; the large ids use all 32 bits.
    auto item = static_cast<std::uint32_t>(random() % (2 * maximum + 2));
    if (random() % 8 == 0) item = UINT32_MAX - 1 - item;
    const std::int64_t change = random() % 5 == 0 ? -static_cast<std::int64_t>(random() % 6)
                                                  : static_cast<std::int64_t>(random() % 4);
    row.Prefetch();
    row.PrefetchPlace(item);
    ASSERT_EQ(row.Add(item, change, maximum), plain.Add(item, change, maximum)) << i;
    if (i % 50 == 0) {
      ASSERT_EQ(Sorted(row), plain.Sorted()) << i;
    }
  }
  EXPECT_EQ(Sorted(row), plain.Sorted());

  std::string stored;
  ByteWriter writer(&stored);
  row.Encode(&writer);
  PairRow loaded;
  ByteReader reader(stored);
  loaded.Decode(&reader);
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(Sorted(loaded), plain.Sorted());
  // It goes on as the row does that it was.
  EXPECT_EQ(loaded.Add(UINT32_MAX, 1, maximum), row.Add(UINT32_MAX, 1, maximum));
  EXPECT_EQ(Sorted(loaded), Sorted(row));
}

TEST(PairRow, OfEqualCountsEachHasItsTurn) {
  constexpr std::uint32_t kMaximum = 10;
  PairRow row;
  for (std::uint32_t item = 0; item < kMaximum; ++item) row.Add(item, 2, kMaximum);
  row.Add(4, 1, kMaximum);
  for (std::uint32_t item = 0; item < kMaximum - 1; ++item) row.Add(100 + item, 1, kMaximum);
  EXPECT_THAT(row.items(),
              testing::UnorderedElementsAre(4, 100, 101, 102, 103, 104, 105, 106, 107, 108));
}

TEST(PairRow, AnEmptyOneIsStoredToo) {
  std::string stored;
  ByteWriter writer(&stored);
  PairRow().Encode(&writer);
  PairRow loaded;
  ByteReader reader(stored);
  loaded.Decode(&reader);
  EXPECT_TRUE(reader.done());
  EXPECT_TRUE(loaded.empty());
}

TEST(PairRow, ADamagedOneFailsTheReader) {
  PairRow row;
  for (std::uint32_t item = 0; item < 300; ++item) row.Add(item, 1, 200);
  std::string stored;
  ByteWriter writer(&stored);
  row.Encode(&writer);
  for (std::size_t size = 0; size < stored.size(); ++size) {
    PairRow loaded;
    ByteReader reader(std::string_view(stored).substr(0, size));
    loaded.Decode(&reader);
    EXPECT_TRUE(reader.failed()) << size;
  }
}

// Around the width of a block and of a cache line.
INSTANTIATE_TEST_SUITE_P(Maximums, PairRowTest, testing::Values(1, 3, 4, 5, 15, 16, 17, 33, 200));

}  // namespace
}  // namespace freshet::core
