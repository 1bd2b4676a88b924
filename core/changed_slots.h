// ChangedSlots: which dense slots changed since their rows were last taken.
//
// Rows are taken as they were at one moment while their structure goes on changing: each row is
// encoded either when its turn comes, or when it is marked again before that, because then it is
// about to change. Owned by the structure whose slots it marks; single-threaded.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace freshet::core {

class ChangedSlots {
 public:
  // Encodes the row of a slot as it is now.
  using Encode = std::function<void(std::uint32_t slot)>;

  // Says that the slot's row changes. REQUIRES: it has not changed yet, since the last call.
  void Mark(std::uint32_t slot) {
    const std::size_t word = slot / kWordBits;
    const std::uint64_t bit = std::uint64_t{1} << slot % kWordBits;
    if (word >= marked_.size()) marked_.resize(std::max(word + 1, marked_.size() * 2));
    // What is marked has been encoded, if it had to be.
    if ((marked_[word] & bit) != 0) return;
    marked_[word] |= bit;
    if (word >= next_word_ && word < taken_.size() && (taken_[word] & bit) != 0) {
      taken_[word] &= ~bit;
      encode_(slot);
    }
  }

  // Begins to take the rows of all slots that are marked. REQUIRES: none are being taken.
  void BeginTake(Encode encode) {
    std::swap(taken_, marked_);  // what was taken has left no bits
    next_word_ = 0;
    encode_ = std::move(encode);
  }

  // Encodes about `count` rows more, ascending, so that they are read where they lie side by side
  // and stored where the one before them was; the number encoded. Fewer than `count`: all are.
  std::size_t Take(std::size_t count) {
    std::size_t done = 0;
    for (; next_word_ < taken_.size(); ++next_word_) {
      if (done >= count) return done;
      for (std::uint64_t& bits = taken_[next_word_]; bits != 0; ++done) {
        const auto slot = static_cast<std::uint32_t>(
            next_word_ * kWordBits + static_cast<std::size_t>(std::countr_zero(bits)));
        bits &= bits - 1;
        encode_(slot);
      }
    }
    encode_ = nullptr;
    return done;
  }

 private:
  static constexpr std::size_t kWordBits = 64;

  std::vector<std::uint64_t> marked_;
  std::vector<std::uint64_t> taken_;  // whose rows are still to be encoded
  std::size_t next_word_ = 0;         // of taken_: those before it are 0
  Encode encode_;
};

}  // namespace freshet::core
