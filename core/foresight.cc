#include "core/foresight.h"

#include <algorithm>
#include <variant>

#include "core/prefetch.h"

namespace freshet::core {
namespace {

// Of the items of a basket, the newest: more rows than that of several entries would drive each
// other out of the cache before they are read.
constexpr std::size_t kMostAskedFor = 8;

// Tables of some types only would mostly be asked for in vain.
template <typename Ask>
void ForEachTableOfAll(const State& state, Ask&& ask) {
  for (const Cooccurrence& table : state.pair_tables()) {
    if (table.settings().event_types.empty()) ask(table);
  }
}

std::uint32_t OwnerSlot(const Cooccurrence& table, SessionId session, UserId owner) {
  return table.settings().scope == BasketScope::kUser ? owner.value : session.value;
}

}  // namespace

void Foresight::LookAt(std::span<const StampedEntry> entries) {
  entries = entries.first(std::min(entries.size(), kMostEntries));
  const std::span<Guess> guesses(guesses_.data(), entries.size());
  for (const StampedEntry& entry : entries) AskForEntry(entry);
  for (const StampedEntry& entry : entries) AskForNames(entry);
  for (std::size_t i = 0; i < entries.size(); ++i) guesses[i] = AskForSlots(entries[i]);
  for (const Guess guess : guesses) AskForOwner(guess);
  for (const Guess guess : guesses) AskForLists(guess);
  for (const Guess guess : guesses) AskForRows(guess);
  for (const Guess guess : guesses) AskForPairs(guess);
  for (const Guess guess : guesses) AskForPlaces(guess);
}

void Foresight::AskForEntry(const StampedEntry& entry) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&entry);
  for (std::size_t i = 0; i < sizeof(entry); i += kCacheLine) PrefetchLine(bytes + i);
}

void Foresight::AskForNames(const StampedEntry& entry) const {
  const auto* event = std::get_if<Event>(&entry.entry);
  if (event == nullptr) return;
  state_.sessions().PrefetchName(event->session_id);
  state_.catalog().PrefetchName(event->item_id);
}

Foresight::Guess Foresight::AskForSlots(const StampedEntry& entry) const {
  const auto* event = std::get_if<Event>(&entry.entry);
  if (event == nullptr) return {};
  const Guess guess{state_.sessions().PrefetchSlot(event->session_id),
                    state_.catalog().PrefetchSlot(event->item_id)};
  if (!guess.session.valid()) AskForStranger(*event);
  if (!guess.item.valid()) return guess;
  ForEachTableOfAll(state_, [&](const Cooccurrence& table) { table.PrefetchRow(guess.item); });
  state_.session_index().PrefetchPosting(guess.item);
  state_.popularity().PrefetchTouch(guess.item);
  return guess;
}

// Whose session it will be is looked for by name.
void Foresight::AskForStranger(const Event& event) const {
  if (!event.user_id.empty()) state_.users().PrefetchName(UserKind::kNamed, event.user_id);
  if (!event.session_id.empty()) state_.users().PrefetchName(UserKind::kVisitor, event.session_id);
}

void Foresight::AskForOwner(Guess guess) const {
  if (guess.item.valid()) {
    ForEachTableOfAll(state_, [&](const Cooccurrence& table) { table.PrefetchPairs(guess.item); });
    state_.session_index().Prefetch(guess.item);
    state_.popularity().PrefetchNeighbours(guess.item);
  }
  if (!IsUnderWay(guess.session)) return;
  const UserId owner = state_.sessions().Owner(guess.session);
  state_.users().Prefetch(owner);
  ForEachTableOfAll(state_, [&](const Cooccurrence& table) {
    table.PrefetchBasket(OwnerSlot(table, guess.session, owner));
  });
  state_.sessions().PrefetchRecord(guess.session);
}

void Foresight::AskForLists(Guess guess) const {
  if (!IsUnderWay(guess.session)) return;
  const UserId owner = state_.sessions().Owner(guess.session);
  ForEachTableOfAll(state_, [&](const Cooccurrence& table) {
    PrefetchLine(table.BasketOf(OwnerSlot(table, guess.session, owner)).data());
  });
  state_.users().PrefetchHistory(owner);
}

void Foresight::AskForRows(Guess guess) const {
  ForEachMet(
      guess, [](const Cooccurrence& table, ItemId item) { table.PrefetchRow(item); },
      [](const Successions& table, ItemId item) { table.PrefetchRow(item); });
}

void Foresight::AskForPairs(Guess guess) const {
  ForEachMet(
      guess, [](const Cooccurrence& table, ItemId item) { table.PrefetchPairs(item); },
      [](const Successions& table, ItemId item) { table.PrefetchPairs(item); });
}

void Foresight::AskForPlaces(Guess guess) const {
  if (!guess.item.valid()) return;
  ForEachMet(
      guess,
      [guess](const Cooccurrence& table, ItemId item) {
        table.PrefetchPair(item, guess.item);
        table.PrefetchPair(guess.item, item);
      },
      [guess](const Successions& table, ItemId item) { table.PrefetchPair(item, guess.item); });
}

template <typename AskTable, typename AskSuccessions>
void Foresight::ForEachMet(Guess guess, AskTable&& ask_table,
                           AskSuccessions&& ask_successions) const {
  if (!IsUnderWay(guess.session)) return;
  const UserId owner = state_.sessions().Owner(guess.session);
  ForEachTableOfAll(state_, [&](const Cooccurrence& table) {
    const auto basket = table.BasketOf(OwnerSlot(table, guess.session, owner));
    for (const auto& one : basket.last(std::min(basket.size(), kMostAskedFor))) {
      ask_table(table, one.item);
    }
  });
  for (const ItemId item : Successions::Reached(state_.sessions().Items(guess.session))) {
    ask_successions(state_.successions(), item);
  }
}

bool Foresight::IsUnderWay(SessionId session) const {
  return session.valid() && state_.sessions().IsLive(session);
}

}  // namespace freshet::core
