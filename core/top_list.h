// TopList: the items with the highest keys, exactly, kept while keys only grow.
//
// Owned by Popularity; single-threaded. It keeps a quarter more than `shown` so that deletions
// seldom empty it; items() never shows more than `shown`, and those are exactly the best as long as
// needs_refill() is false. An item outside the list ranks behind all of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "core/heap_bytes.h"
#include "core/ids.h"

namespace freshet::core {

class TopList {
 public:
  struct Entry {
    double key;
    ItemId item;
  };

  // The entries in their order; valid until the list changes.
  class Items {
   public:
    class Iterator {
     public:
      Iterator(const Entry* entries, const std::uint32_t* place)
          : entries_(entries), place_(place) {}
      const Entry& operator*() const { return entries_[*place_]; }
      Iterator& operator++() {
        ++place_;
        return *this;
      }
      bool operator==(const Iterator& other) const { return place_ == other.place_; }

     private:
      const Entry* entries_;
      const std::uint32_t* place_;
    };

    Items() = default;
    Items(const Entry* entries, std::span<const std::uint32_t> order)
        : entries_(entries), order_(order) {}
    [[nodiscard]] Iterator begin() const { return {entries_, order_.data()}; }
    [[nodiscard]] Iterator end() const { return {entries_, order_.data() + order_.size()}; }
    [[nodiscard]] std::size_t size() const { return order_.size(); }
    [[nodiscard]] bool empty() const { return order_.empty(); }
    const Entry& operator[](std::size_t i) const { return entries_[order_[i]]; }

   private:
    const Entry* entries_ = nullptr;
    std::span<const std::uint32_t> order_;
  };

  explicit TopList(std::size_t shown) : shown_(shown) {}

  // The item's key has grown from `old_key` (minus infinity when it is new) to `key`. Ties go to
  // the older item (the smaller id). Costs the places that the item climbs, and next to nothing for
  // an item that stays outside.
  void Raise(ItemId item, double old_key, double key);

  // The item is gone. `key` is its key as last given, minus infinity when none was.
  void Remove(ItemId item, double key);

  // True when Remove has left fewer than `shown` while items outside the list may exist: the owner
  // then calls Refill with every live item.
  [[nodiscard]] bool needs_refill() const { return overflowed_ && entries_.size() < shown_; }
  // Starts over from every item there is, in any order.
  void Refill(std::vector<Entry> all);

  // Best first.
  [[nodiscard]] Items items() const;
  [[nodiscard]] std::size_t bytes() const { return BlockBytesOf(entries_) + BlockBytesOf(order_); }

 private:
  using Place = std::vector<std::uint32_t>::iterator;

  [[nodiscard]] static bool Better(const Entry& a, const Entry& b);
  // The place that `raised` takes when it climbs from `from`, its place so far.
  [[nodiscard]] Place ClimbFrom(Place from, const Entry& raised);
  // The first place whose entry is not better.
  [[nodiscard]] Place LowerBound(Place from, Place to, const Entry& entry);
  [[nodiscard]] bool IsListed(const Entry& entry) const;
  [[nodiscard]] std::size_t capacity() const { return shown_ + shown_ / 4 + 1; }

  std::size_t shown_;
  bool overflowed_ = false;  // some item with a lower key was turned away or dropped
  // Every event moves some item's place, over many others: their numbers are lighter than they.
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> order_;  // places in entries_, best first
};

}  // namespace freshet::core
