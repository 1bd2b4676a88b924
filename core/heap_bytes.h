// What memory outside an object costs, so that what the structures say they hold adds up to what
// the process has.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace freshet::core {

// A block of `asked` bytes with what the allocator adds: a header, rounding, a smallest size. These
// are glibc's on 64 bits. A state is made of many small blocks, for which that is a large part.
[[nodiscard]] constexpr std::size_t BlockBytes(std::size_t asked) {
  constexpr std::size_t kHeader = 8;
  constexpr std::size_t kGrain = 16;
  constexpr std::size_t kSmallest = 32;
  if (asked == 0) return 0;
  return std::max(kSmallest, (asked + kHeader + kGrain - 1) / kGrain * kGrain);
}

// The block of a small vector, with what it keeps in reserve.
template <typename T>
[[nodiscard]] std::size_t BlockBytesOf(const std::vector<T>& vector) {
  return BlockBytes(vector.capacity() * sizeof(T));
}

// An array over all slots. What a large one keeps in reserve was never written, so that the system
// has given no memory for it.
template <typename T>
[[nodiscard]] std::size_t ArrayBytesOf(const std::vector<T>& array) {
  return array.size() * sizeof(T);
}

}  // namespace freshet::core
