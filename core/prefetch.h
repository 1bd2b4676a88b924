// Asking the processor for memory before it is needed.
#pragma once

#include <cstddef>

namespace freshet::core {

inline constexpr std::size_t kCacheLine = 64;

// Asks for the cache line at `address`, which need not be there.
inline void PrefetchLine(const void* address) {
  __builtin_prefetch(address);
  // GCC takes a function that does nothing else for one without effect and leaves out its calls.
  asm volatile("");
}

// Asks for a small object, which lies across two lines where its array is not aligned to them.
template <typename T>
void PrefetchObject(const T& object) {
  static_assert(sizeof(T) <= kCacheLine);
  const auto* bytes = reinterpret_cast<const std::byte*>(&object);
  PrefetchLine(bytes);
  if constexpr (alignof(T) < kCacheLine) PrefetchLine(bytes + sizeof(T) - 1);
}

}  // namespace freshet::core
