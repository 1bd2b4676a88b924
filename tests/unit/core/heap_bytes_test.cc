#include "core/heap_bytes.h"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace freshet::core {
namespace {

TEST(HeapBytes, ABlockHasAHeaderAndIsRounded) {
  EXPECT_EQ(BlockBytes(0), 0U) << "no block at all";
  EXPECT_EQ(BlockBytes(1), 32U);
  EXPECT_EQ(BlockBytes(24), 32U);
  EXPECT_EQ(BlockBytes(25), 48U);
  EXPECT_EQ(BlockBytes(1000), 1008U);
}

TEST(HeapBytes, ASmallVectorCountsWhatItReserved) {
  std::vector<std::uint32_t> vector;
  EXPECT_EQ(BlockBytesOf(vector), 0U);
  vector.reserve(20);
  EXPECT_EQ(BlockBytesOf(vector), BlockBytes(20 * sizeof(std::uint32_t)));
}

TEST(HeapBytes, AnArrayOverAllSlotsCountsWhatWasWritten) {
  std::vector<std::uint64_t> array(10);
  array.reserve(1000);
  EXPECT_EQ(ArrayBytesOf(array), 10 * sizeof(std::uint64_t));
}

}  // namespace
}  // namespace freshet::core
