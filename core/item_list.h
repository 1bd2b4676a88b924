// ItemList: the items of one session in order, up to eight of them without memory of their own:
// most sessions are so short, and a query that reads a hundred of them misses the cache once each.
//
// Owned by Sessions; single-threaded.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "core/heap_bytes.h"
#include "core/ids.h"

namespace freshet::core {

class ItemList {
 public:
  static constexpr std::size_t kMaximumSize = 1U << 15;

  ItemList() = default;
  ~ItemList() {
    if (!is_inline()) delete[] Block();
  }
  ItemList(ItemList&& other) noexcept { swap(other); }
  ItemList& operator=(ItemList&& other) noexcept {
    ItemList(std::move(other)).swap(*this);
    return *this;
  }

  [[nodiscard]] std::span<const ItemId> items() const {
    return {is_inline() ? room_.data() : Block(), size_};
  }
  [[nodiscard]] std::size_t size() const { return size_; }

  // REQUIRES: size() < kMaximumSize.
  void Append(ItemId item) {
    if (size_ == capacity_) Grow();
    Data()[size_++] = item;
  }
  // Puts the item before the one at `place`. REQUIRES: place <= size() < kMaximumSize.
  void Insert(std::size_t place, ItemId item) {
    Append(item);
    std::rotate(Data() + place, Data() + size_ - 1, Data() + size_);
  }
  // REQUIRES: size() > 0.
  void DropFirst() {
    ItemId* data = Data();
    std::copy(data + 1, data + size_, data);
    --size_;
  }

  // Bytes outside the object itself.
  [[nodiscard]] std::size_t heap_bytes() const {
    return is_inline() ? 0 : BlockBytes(capacity_ * sizeof(ItemId));
  }

  void swap(ItemList& other) noexcept {
    std::swap(room_, other.room_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  static constexpr std::uint16_t kInline = 8;
  using Halves = std::array<std::uint32_t, 2>;  // of an address

  [[nodiscard]] bool is_inline() const { return capacity_ == kInline; }
  // Where the items are when they have a block, whose address lies in room_: as a member of its
  // own, aligned as pointers are, it would make the object larger.
  [[nodiscard]] ItemId* Block() const {
    return std::bit_cast<ItemId*>(Halves{room_[0].value, room_[1].value});
  }
  ItemId* Data() { return is_inline() ? room_.data() : Block(); }

  void Grow() {
    const auto capacity = static_cast<std::uint16_t>(2 * capacity_);
    auto* block = new ItemId[capacity];
    std::copy_n(Data(), size_, block);
    if (!is_inline()) delete[] Block();
    const auto halves = std::bit_cast<Halves>(block);
    room_[0].value = halves[0];
    room_[1].value = halves[1];
    capacity_ = capacity;
  }

  std::array<ItemId, kInline> room_;
  std::uint16_t size_ = 0;
  std::uint16_t capacity_ = kInline;
};

}  // namespace freshet::core
