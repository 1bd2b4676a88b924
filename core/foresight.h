// Foresight: asks the processor for the memory of entries before their turn, so that the cache
// misses of one overlap with the learning of those before it. What an event touches is found in
// steps, each of which reads what the step before has asked for; they are taken one entry apart.
//
// Owned by whoever applies entries, in the thread that does. It changes nothing, and a guess that
// proves wrong costs nothing but its misses.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "core/ids.h"
#include "core/log_entry.h"
#include "core/state.h"

namespace freshet::core {

class Foresight {
 public:
  // `state` outlives this.
  explicit Foresight(const State& state) : state_(state) {}

  // entries[next] is about to be applied, and those after it in their order.
  void LookAhead(std::span<const StampedEntry> entries, std::size_t next);

 private:
  // Whose and which the event will most likely be; invalid when that is not known.
  struct Guess {
    SessionId session;
    ItemId item;
  };
  static void AskForEntry(const StampedEntry& entry);
  void AskForNames(const StampedEntry& entry) const;
  [[nodiscard]] Guess AskForSlots(const StampedEntry& entry) const;
  void AskForStranger(const Event& event) const;
  void AskForOwner(Guess guess) const;
  void AskForLists(Guess guess) const;
  void AskForRows(Guess guess) const;
  void AskForPairs(Guess guess) const;
  void AskForPlaces(Guess guess) const;
  // Calls ask(table, item) for each item whose row the event will count in.
  template <typename AskTable, typename AskSuccessions>
  void ForEachMet(Guess guess, AskTable&& ask_table, AskSuccessions&& ask_successions) const;
  [[nodiscard]] bool IsUnderWay(SessionId session) const;

  const State& state_;
  std::array<Guess, 8> guesses_{};  // of the next entries, by number modulo their count
};

}  // namespace freshet::core
