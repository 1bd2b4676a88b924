// Foresight: asks the processor for the memory that a few entries will need before they are
// applied, so that their cache misses overlap. What an event touches is found in steps, each of
// which reads what the step before has asked for; each is taken for all of the entries before the
// next one is.
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

  // About what one core's nearer caches hold of.
  static constexpr std::size_t kMostEntries = 32;

  // Asks for what the entries will touch, which are about to be applied in their order; of more
  // than kMostEntries for that of the first.
  void LookAt(std::span<const StampedEntry> entries);

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
  std::array<Guess, kMostEntries> guesses_;  // of the entries that are looked at
};

}  // namespace freshet::core
