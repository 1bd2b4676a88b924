#include "core/dump.h"

#include <algorithm>
#include <iomanip>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/column_text.h"

namespace freshet::core {
namespace {

// Ids may hold any UTF-8; quoting keeps one fact a line.
std::string Quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += {'\\', c};
    } else if (byte < 0x20) {
      quoted += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::string UserName(const State& state, UserId user) {
  const bool named = state.users().Kind(user) == UserKind::kNamed;
  return (named ? "user " : "visitor ") + Quoted(state.users().Name(user));
}

// Live slots below `count`, ordered by `name(slot)`.
template <typename IsLive, typename Name>
std::vector<std::uint32_t> SortedSlots(std::uint32_t count, IsLive&& is_live, Name&& name) {
  std::vector<std::uint32_t> slots;
  for (std::uint32_t slot = 0; slot < count; ++slot) {
    if (is_live(slot)) slots.push_back(slot);
  }
  std::sort(slots.begin(), slots.end(),
            [&](std::uint32_t a, std::uint32_t b) { return name(a) < name(b); });
  return slots;
}

std::vector<std::uint32_t> SortedItems(const State& state) {
  const Catalog& catalog = state.catalog();
  return SortedSlots(
      catalog.slot_count(), [&](std::uint32_t slot) { return catalog.IsLive(ItemId{slot}); },
      [&](std::uint32_t slot) { return catalog.Name(ItemId{slot}); });
}

std::vector<std::uint32_t> SortedUsers(const State& state) {
  const Users& users = state.users();
  return SortedSlots(
      users.slot_count(), [&](std::uint32_t slot) { return users.IsLive(UserId{slot}); },
      [&](std::uint32_t slot) {
        return std::make_pair(users.Kind(UserId{slot}), users.Name(UserId{slot}));
      });
}

std::vector<std::uint32_t> SortedSessions(const State& state) {
  const Sessions& sessions = state.sessions();
  return SortedSlots(
      sessions.slot_count(), [&](std::uint32_t slot) { return sessions.IsLive(SessionId{slot}); },
      [&](std::uint32_t slot) { return sessions.Number(SessionId{slot}); });
}

void DumpColumns(std::span<const Column> columns, std::ostream& out) {
  for (const Column& column : columns) {
    out << ' ' << column.name << '=';
    if (const auto* text = std::get_if<std::string>(&column.value)) {
      out << Quoted(*text);
    } else {
      out << TextOf(column.value);
    }
  }
}

void DumpItems(const State& state, std::ostream& out) {
  const Catalog& catalog = state.catalog();
  const Popularity& popularity = state.popularity();
  for (const std::uint32_t slot : SortedItems(state)) {
    const ItemId item{slot};
    out << "item " << Quoted(catalog.Name(item)) << " created=" << catalog.CreatedMs(item)
        << " demand=" << popularity.Demand(item, state.clock_ms())
        << " trend=" << popularity.Trend(item, state.clock_ms())
        << " users=" << popularity.Users(item) << " shown=" << state.exposures().Shown(item)
        << " chosen=" << state.exposures().Chosen(item)
        << " described=" << catalog.IsDescribed(item);
    DumpColumns(catalog.Columns(item), out);
    out << '\n';
  }
}

void DumpUsers(const State& state, std::ostream& out) {
  const Users& users = state.users();
  for (const std::uint32_t slot : SortedUsers(state)) {
    const UserId user{slot};
    out << UserName(state, user) << " described=" << users.IsDescribed(user);
    DumpColumns(users.Columns(user), out);
    if (const SessionId session = users.PresentSession(user); session.valid()) {
      out << " session=" << static_cast<std::uint64_t>(state.sessions().Number(session));
    }
    out << '\n';
    for (const History::Entry& entry : users.HistoryOf(user).entries()) {
      if (!state.catalog().IsLive(entry.item)) continue;
      out << "  did " << Quoted(state.catalog().Name(entry.item)) << " weight=" << entry.weight
          << " time=" << entry.time_s << '\n';
    }
  }
}

void DumpAudiences(const State& state, std::ostream& out) {
  const Audiences& audiences = state.audiences();
  const auto always = [](std::uint32_t) { return true; };
  const auto name = [&](std::uint32_t number) { return audiences.Name(number); };
  const std::int64_t half_life_ms = state.settings().popularity_half_life_ms;
  for (const std::uint32_t number : SortedSlots(audiences.size(), always, name)) {
    const Audiences::Audience& audience = audiences.At(number);
    out << "audience " << Quoted(audiences.Name(number))
        << " demand=" << audience.total.At(state.clock_ms(), half_life_ms);
    for (std::size_t i = 0; i < audience.items.size(); ++i) {
      if (!state.catalog().IsLive(audience.items[i])) continue;
      out << ' ' << Quoted(state.catalog().Name(audience.items[i])) << '='
          << audience.demand[i].At(state.clock_ms(), half_life_ms);
    }
    out << '\n';
  }
}

void DumpSessions(const State& state, std::ostream& out) {
  const Sessions& sessions = state.sessions();
  for (const std::uint32_t slot : SortedSessions(state)) {
    const SessionId session{slot};
    out << "session " << static_cast<std::uint64_t>(sessions.Number(session)) << ' '
        << Quoted(sessions.Name(session)) << " of " << UserName(state, sessions.Owner(session))
        << " last=" << sessions.LastTimeMs(session) << " items";
    for (const ItemId item : sessions.Items(session)) {
      if (state.catalog().IsLive(item)) out << ' ' << Quoted(state.catalog().Name(item));
    }
    out << '\n';
  }
}

void DumpPostings(const State& state, std::ostream& out) {
  for (const std::uint32_t slot : SortedItems(state)) {
    const ItemId item{slot};
    const SessionIndex& index = state.session_index();
    if (index.SessionCount(item) == 0) continue;
    out << "postings " << Quoted(state.catalog().Name(item))
        << " sessions=" << index.SessionCount(item) << " newest";
    for (SessionIndex::Cursor at = index.Newest(item); !at.at_end(); at.Advance()) {
      out << ' ' << at.number();
    }
    out << '\n';
  }
}

void DumpSuccessions(const State& state, std::ostream& out) {
  for (const std::uint32_t slot : SortedItems(state)) {
    const Successions::Followers row = state.successions().Of(ItemId{slot});
    std::map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < row.items.size(); ++i) {
      const ItemId follower{row.items[i]};
      if (state.catalog().IsLive(follower)) by_name.emplace(state.catalog().Name(follower), i);
    }
    if (by_name.empty() && row.total == 0) continue;
    out << "after " << Quoted(state.catalog().Name(ItemId{slot})) << " total=" << row.total << '\n';
    for (const auto& [name, i] : by_name) {
      out << "  comes " << Quoted(name) << " count=" << row.counts[i] << " error=" << row.errors[i]
          << '\n';
    }
  }
}

void DumpBlends(const State& state, std::ostream& out) {
  for (const auto& [campaign, blend] : state.blends().all()) {
    out << "blend " << Quoted(campaign) << " lessons=" << blend.lessons() << '\n';
    for (std::size_t i = 0; i < kBlendInputCount; ++i) {
      out << "  weight " << BlendInputName(static_cast<BlendInput>(i)) << '=' << blend.weights()[i]
          << " last=" << blend.last_weights()[i] << '\n';
    }
  }
}

void DumpPairs(const State& state, const Cooccurrence& table, std::ostream& out) {
  for (const std::uint32_t slot : SortedItems(state)) {
    const ItemId item{slot};
    const Neighbours row = table.NeighboursOf(item);
    std::map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < row.items.size(); ++i) {
      const ItemId other{row.items[i]};
      if (state.catalog().IsLive(other)) by_name.emplace(state.catalog().Name(other), i);
    }
    if (by_name.empty() && table.ItemCount(item) == 0) continue;
    out << "pairs " << table.settings().name << ' ' << Quoted(state.catalog().Name(item))
        << " count=" << table.ItemCount(item) << '\n';
    for (const auto& [name, i] : by_name) {
      out << "  with " << Quoted(name) << " count=" << row.counts[i] << " error=" << row.errors[i]
          << '\n';
    }
  }
}

void DumpBasket(const State& state, const Cooccurrence& table, std::uint32_t owner_slot,
                const std::string& owner, std::ostream& out) {
  const auto basket = table.BasketOf(owner_slot);
  if (basket.empty()) return;
  out << "basket " << table.settings().name << " of " << owner;
  for (const auto& [item, weight] : basket) {
    if (!state.catalog().IsLive(item)) continue;
    out << ' ' << Quoted(state.catalog().Name(item)) << '*' << weight;
  }
  out << '\n';
}

void DumpBaskets(const State& state, const Cooccurrence& table, std::ostream& out) {
  if (table.settings().scope == BasketScope::kUser) {
    for (const std::uint32_t slot : SortedUsers(state)) {
      DumpBasket(state, table, slot, UserName(state, UserId{slot}), out);
    }
    return;
  }
  for (const std::uint32_t slot : SortedSessions(state)) {
    const auto number = static_cast<std::uint64_t>(state.sessions().Number(SessionId{slot}));
    DumpBasket(state, table, slot, "session " + std::to_string(number), out);
  }
}

}  // namespace

void Dump(const State& state, std::ostream& out) {
  out << std::setprecision(17);
  out << "freshet state 1\n";
  out << "clock " << state.clock_ms() << " events " << state.event_count() << '\n';
  DumpItems(state, out);
  DumpUsers(state, out);
  DumpAudiences(state, out);
  DumpSessions(state, out);
  DumpPostings(state, out);
  DumpSuccessions(state, out);
  DumpBlends(state, out);
  for (const Cooccurrence& table : state.pair_tables()) {
    out << "table " << table.settings().name << " baskets=" << table.BasketCount() << '\n';
    DumpPairs(state, table, out);
    DumpBaskets(state, table, out);
  }
}

}  // namespace freshet::core
