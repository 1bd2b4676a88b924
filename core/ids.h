// Strong types for the dense numbers that stand for external string ids inside the process, and for
// places in the log. A dense number indexes flat arrays; it is private to one data folder.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <string>

namespace freshet::core {

template <typename Tag>
struct DenseId {
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

  std::uint32_t value = kNone;

  [[nodiscard]] constexpr bool valid() const { return value != kNone; }
  friend constexpr auto operator<=>(DenseId, DenseId) = default;
};

using ItemId = DenseId<struct ItemTag>;
using UserId = DenseId<struct UserTag>;        // a named user or an anonymous visitor
using SessionId = DenseId<struct SessionTag>;  // a slot, reused after eviction

// A session's place in the one order of sessions: given at its start, once and never again, in log
// order.
enum class SessionNumber : std::uint64_t {};

// Where an entry stands in the log. `partition` is the log home's own index of its partitions (the
// embedded journal has one, 0); offsets of one partition grow by at least one from entry to entry.
struct Position {
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;

  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

// For each partition the offset of the next entry that is not yet covered. A partition that is
// absent is not covered at all.
using Positions = std::map<std::uint32_t, std::uint64_t>;

// True when every entry before `wanted` is covered by `reached`.
inline bool Covers(const Positions& reached, const Positions& wanted) {
  for (const auto& [partition, offset] : wanted) {
    const auto it = reached.find(partition);
    if (offset > 0 && (it == reached.end() || it->second < offset)) return false;
  }
  return true;
}

}  // namespace freshet::core

template <typename Tag>
struct std::hash<freshet::core::DenseId<Tag>> {
  std::size_t operator()(freshet::core::DenseId<Tag> id) const noexcept { return id.value; }
};
