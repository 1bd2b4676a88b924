// Random entries drive State and a naive model side by side, through checkpoints and restarts.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "core/dump.h"
#include "core/state.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"

namespace freshet::core {
namespace {

// After every event's time, so that no clock counts as wrong.
constexpr std::int64_t kReceivedMs = kStartMs + 365LL * 24 * 3600 * 1000;

// State as one would write it down on a first afternoon: maps by name, no caps on items, everything
// recounted from the baskets whenever it is asked for.
class Model {
 public:
  explicit Model(const Settings& settings) : settings_(settings) {}

  void Apply(const LogEntry& entry) {
    ++entry_;
    if (const auto* event = std::get_if<Event>(&entry)) {
      if (event->event_id.empty() || event_ids_.insert(event->event_id).second) Learn(*event);
    } else if (const auto* erase_item = std::get_if<DeleteItem>(&entry)) {
      EraseItem(erase_item->item_id);
      deleted_items_.insert(erase_item->item_id);
    } else if (const auto* erase_user = std::get_if<DeleteUser>(&entry)) {
      EraseUser("u" + erase_user->user_id, /*retract=*/true);
    } else if (const auto* put = std::get_if<PutItem>(&entry)) {
      items_.insert(put->item_id);
      deleted_items_.erase(put->item_id);
    } else if (const auto* user = std::get_if<PutUser>(&entry)) {
      TouchUser("u" + user->user_id);
    }
  }

  struct Did {
    std::string item;
    std::uint32_t weight;
    std::int64_t time_s;
    bool operator==(const Did&) const = default;
  };
  struct Person {
    std::vector<Did> history;  // newest first, deleted items under names of their own
    std::map<std::string, std::uint32_t> basket;
    std::uint64_t touch = 0;
    std::string present;  // a session
  };
  struct Session {
    std::uint64_t number = 0;
    std::string owner;
    std::vector<std::string> items;
    std::map<std::string, std::uint32_t> purchases;
    std::int64_t last_ms = 0;
    std::uint64_t touch = 0;
  };

  // Pair counts of the table by user and of the table of purchases by session.
  using Pairs = std::map<std::pair<std::string, std::string>, std::uint32_t>;
  [[nodiscard]] Pairs UserPairs() const {
    Pairs pairs;
    for (const auto& [name, person] : people_) Count(person.basket, &pairs);
    for (const auto& basket : closed_user_baskets_) Count(basket, &pairs);
    return pairs;
  }
  [[nodiscard]] Pairs SessionPairs() const {
    Pairs pairs;
    for (const auto& [name, session] : sessions_) Count(session.purchases, &pairs);
    for (const auto& basket : closed_session_baskets_) Count(basket, &pairs);
    return pairs;
  }

  [[nodiscard]] const std::map<std::string, Person>& people() const { return people_; }
  [[nodiscard]] const std::map<std::string, Session>& sessions() const { return sessions_; }
  [[nodiscard]] const std::set<std::string>& items() const { return items_; }

 private:
  void Learn(const Event& event) {
    const std::string owner = OwnerOf(event);
    const std::string session = SessionOf(event, owner);
    Session& visit = sessions_[session];
    visit.last_ms = std::max(visit.last_ms, event.time_ms);
    visit.touch = entry_;
    NotePresent(owner, session);
    if (deleted_items_.contains(event.item_id)) return;
    items_.insert(event.item_id);
    std::uint32_t weight = settings_.event_weights.other;
    for (const auto& [type, known] : settings_.event_weights.by_type) {
      if (type == event.event_type) weight = known;
    }
    const std::size_t place = PlaceIn(sessions_[session], event.time_ms);
    Record(&people_[owner], {event.item_id, weight, event.time_ms / 1000});
    Raise(&people_[owner].basket, event.item_id, weight);
    const bool repeats = (place > 0 && visit.items[place - 1] == event.item_id) ||
                         (place < visit.items.size() && visit.items[place] == event.item_id);
    if (!repeats) {
      visit.items.insert(visit.items.begin() + static_cast<std::ptrdiff_t>(place), event.item_id);
    }
    if (event.event_type == "purchase") Raise(&visit.purchases, event.item_id, weight);
  }

  std::string OwnerOf(const Event& event) {
    if (event.user_id.empty()) {
      const auto session = sessions_.find("n" + event.session_id);
      const std::string owner =
          session != sessions_.end() ? session->second.owner : "v" + event.session_id;
      TouchUser(owner);
      return owner;
    }
    const std::string owner = "u" + event.user_id;
    TouchUser(owner);
    const std::string visitor = "v" + event.session_id;
    if (!event.session_id.empty() && people_.contains(visitor)) Join(visitor, owner);
    return owner;
  }

  void Join(const std::string& visitor, const std::string& owner) {
    const Person joined = people_[visitor];
    for (auto did = joined.history.rbegin(); did != joined.history.rend(); ++did) {
      Record(&people_[owner], *did);
    }
    for (const auto& [item, weight] : joined.basket) Raise(&people_[owner].basket, item, weight);
    for (auto& [name, session] : sessions_) {
      if (session.owner == visitor) session.owner = owner;
    }
    if (!joined.present.empty()) NotePresent(owner, joined.present);
    people_.erase(visitor);
  }

  std::string SessionOf(const Event& event, const std::string& owner) {
    std::string name = "n" + event.session_id;
    if (event.session_id.empty()) {
      if (const std::string known = UnnamedSessionAt(owner, event.time_ms); !known.empty()) {
        return known;
      }
      name = "p" + std::to_string(entry_);
    }
    if (!sessions_.contains(name) && sessions_.size() >= settings_.maximum_sessions) {
      EraseSession(OldestOf(sessions_), /*retract=*/false);
    }
    Session& session = sessions_[name];
    if (session.number == 0) session.number = ++numbers_;
    const std::string former = std::exchange(session.owner, owner);
    if (former != owner && !former.empty() && people_[former].present == name) {
      ReplacePresent(former);
    }
    return name;
  }

  // Those of one owner that started last.
  [[nodiscard]] std::vector<std::string> NewestOf(const std::string& owner) const {
    std::vector<std::string> names;
    for (const auto& [name, session] : sessions_) {
      if (session.owner == owner) names.push_back(name);
    }
    std::sort(names.begin(), names.end(), [this](const std::string& a, const std::string& b) {
      return sessions_.at(a).number > sessions_.at(b).number;
    });
    if (names.size() > 8) names.resize(8);
    return names;
  }

  [[nodiscard]] std::string UnnamedSessionAt(const std::string& owner, std::int64_t time_ms) {
    const std::string present = people_[owner].present;
    if (present.empty()) return {};
    const auto fits = [&](const std::string& name) {
      return name[0] == 'p' && !IsApart(sessions_.at(name), time_ms);
    };
    if (fits(present)) return present;
    if (time_ms - sessions_.at(present).last_ms > settings_.session_gap_ms) return {};
    const std::vector<std::string> newest = NewestOf(owner);
    const auto found = std::find_if(newest.begin(), newest.end(), fits);
    return found == newest.end() ? std::string() : *found;
  }

  [[nodiscard]] std::int64_t LastTimeS(const std::string& owner, const std::string& item) const {
    for (const Did& did : people_.at(owner).history) {
      if (did.item == item) return did.time_s;
    }
    return 0;
  }

  [[nodiscard]] std::size_t PlaceIn(const Session& session, std::int64_t time_ms) const {
    if (session.items.empty() || time_ms >= session.last_ms) return session.items.size();
    std::size_t place = session.items.size();
    while (place > 0 && LastTimeS(session.owner, session.items[place - 1]) > time_ms / 1000) {
      --place;
    }
    if (place < session.items.size()) return place;
    const std::int64_t newest_s = LastTimeS(session.owner, session.items.back());
    return newest_s == 0 || newest_s >= session.last_ms / 1000 ? place - 1 : place;
  }

  [[nodiscard]] bool IsApart(const Session& session, std::int64_t time_ms) const {
    const std::int64_t gap_ms = settings_.session_gap_ms;
    if (time_ms >= session.last_ms) return time_ms - session.last_ms > gap_ms;
    if (session.last_ms - time_ms <= gap_ms || PlaceIn(session, time_ms) > 0) return false;
    if (session.items.empty()) return true;
    return LastTimeS(session.owner, session.items.front()) - time_ms / 1000 > gap_ms / 1000;
  }

  void NotePresent(const std::string& owner, const std::string& session) {
    std::string& present = people_[owner].present;
    if (present.empty() || sessions_.at(session).last_ms >= sessions_.at(present).last_ms) {
      present = session;
    }
  }

  void ReplacePresent(const std::string& owner) {
    std::string& present = people_[owner].present;
    present.clear();
    for (const std::string& name : NewestOf(owner)) {
      if (present.empty() || sessions_.at(name).last_ms > sessions_.at(present).last_ms) {
        present = name;
      }
    }
  }

  void TouchUser(const std::string& name) {
    if (!people_.contains(name) && people_.size() >= settings_.maximum_users) {
      EraseUser(OldestOf(people_), /*retract=*/false);
    }
    people_[name].touch = entry_;
  }

  template <typename Map>
  static std::string OldestOf(const Map& map) {
    return std::min_element(
               map.begin(), map.end(),
               [](const auto& a, const auto& b) { return a.second.touch < b.second.touch; })
        ->first;
  }

  void EraseUser(const std::string& name, bool retract) {
    if (!people_.contains(name)) return;
    std::vector<std::string> owned;
    for (const auto& [session, visit] : sessions_) {
      if (visit.owner == name) owned.push_back(session);
    }
    people_[name].present.clear();
    for (const auto& session : owned) EraseSession(session, retract);
    if (!retract) closed_user_baskets_.push_back(people_[name].basket);
    people_.erase(name);
  }

  void EraseSession(const std::string& name, bool retract) {
    if (!retract) closed_session_baskets_.push_back(sessions_[name].purchases);
    const std::string owner = sessions_[name].owner;
    sessions_.erase(name);
    if (people_[owner].present == name) ReplacePresent(owner);
  }

  void EraseItem(const std::string& item) {
    items_.erase(item);
    const std::string dead = "dead " + item + " of entry " + std::to_string(entry_);
    for (auto& [name, person] : people_) {
      for (Did& did : person.history) {
        if (did.item == item) did.item = dead;
      }
      person.basket.erase(item);
    }
    for (auto& [name, session] : sessions_) {
      std::replace(session.items.begin(), session.items.end(), item, dead);
      session.purchases.erase(item);
    }
    for (auto& basket : closed_user_baskets_) basket.erase(item);
    for (auto& basket : closed_session_baskets_) basket.erase(item);
  }

  static void Record(Person* person, Did did) {
    auto& history = person->history;
    const auto old = std::find_if(history.begin(), history.end(),
                                  [&](const Did& known) { return known.item == did.item; });
    if (old != history.end()) {
      did.weight = std::max(did.weight, old->weight);
      if (old->time_s >= did.time_s) {
        old->weight = did.weight;
        return;
      }
      history.erase(old);
    }
    history.insert(std::find_if(history.begin(), history.end(),
                                [&](const Did& known) { return known.time_s <= did.time_s; }),
                   did);
  }

  static void Raise(std::map<std::string, std::uint32_t>* basket, const std::string& item,
                    std::uint32_t weight) {
    (*basket)[item] = std::max((*basket)[item], weight);
  }

  static void Count(const std::map<std::string, std::uint32_t>& basket, Pairs* pairs) {
    for (const auto& [a, a_weight] : basket) {
      for (const auto& [b, b_weight] : basket) {
        if (a != b) (*pairs)[{a, b}] += std::min(a_weight, b_weight);
      }
    }
  }

  Settings settings_;
  std::uint64_t entry_ = 0;
  std::uint64_t numbers_ = 0;
  std::set<std::string> items_;
  std::set<std::string> event_ids_;
  std::set<std::string> deleted_items_;  // and not put again
  std::map<std::string, Person> people_;
  std::map<std::string, Session> sessions_;
  std::vector<std::map<std::string, std::uint32_t>> closed_user_baskets_;
  std::vector<std::map<std::string, std::uint32_t>> closed_session_baskets_;
};

class RandomEntries {
 public:
  explicit RandomEntries(std::uint32_t seed) : random_(seed) {}

  LogEntry Next() {
    time_ms_ += Below(120'000);
    const std::uint32_t kind = Below(100);
    if (kind < 2) return DeleteItem{Name("i", 40)};
    if (kind < 4) return DeleteUser{Name("u", 12)};
    if (kind < 8) return PutItem{Name("i", 40), {{"GENRES", Name("g", 5) + "|" + Name("g", 5)}}};
    if (kind < 10)
      return PutUser{Name("u", 12), {{"AGE", *Number::Parse(std::to_string(Below(90)))}}};
    Event event = MakeEvent("", "", Name("i", 40), time_ms_);
    if (Below(10) == 0) event.time_ms -= Below(3'600'000);  // late
    const std::uint32_t who = Below(3);
    if (who != 0) event.user_id = Name("u", 12);
    if (who != 1) event.session_id = Name("s", 25);
    constexpr const char* kTypes[] = {"view", "cart", "purchase", "share"};
    event.event_type = kTypes[Below(4)];
    if (Below(4) == 0) event.event_id = Name("e", 3000);
    return event;
  }

  bool OneIn(std::uint32_t n) { return Below(n) == 0; }

 private:
  std::uint32_t Below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  std::string Name(const char* prefix, std::uint32_t n) {
    return prefix + std::to_string(Below(n));
  }

  std::mt19937 random_;
  std::int64_t time_ms_ = kStartMs;
};

std::vector<Model::Did> HistoryIn(const State& state, UserId user) {
  std::vector<Model::Did> history;
  for (const auto& entry : state.users().HistoryOf(user).entries()) {
    if (!state.catalog().IsLive(entry.item)) continue;
    history.push_back({std::string(state.catalog().Name(entry.item)), entry.weight, entry.time_s});
  }
  return history;
}

std::vector<Model::Did> LiveOf(std::vector<Model::Did> history) {
  std::erase_if(history, [](const Model::Did& did) { return did.item.starts_with("dead"); });
  return history;
}

std::vector<std::string> LiveOf(std::vector<std::string> items) {
  std::erase_if(items, [](const std::string& item) { return item.starts_with("dead"); });
  return items;
}

std::vector<std::string> ItemsIn(const State& state, SessionId session) {
  std::vector<std::string> names;
  for (const ItemId item : state.sessions().Items(session)) {
    if (state.catalog().IsLive(item)) names.emplace_back(state.catalog().Name(item));
  }
  return names;
}

Model::Pairs PairsIn(const State& state, const Cooccurrence& table) {
  Model::Pairs pairs;
  for (std::uint32_t slot = 0; slot < state.catalog().slot_count(); ++slot) {
    const Neighbours row = table.NeighboursOf(ItemId{slot});
    for (std::size_t i = 0; i < row.items.size(); ++i) {
      pairs[{std::string(state.catalog().Name(ItemId{slot})),
             std::string(state.catalog().Name(ItemId{row.items[i]}))}] = row.counts[i];
    }
  }
  return pairs;
}

void ExpectSame(const State& state, const Model& model) {
  ASSERT_EQ(state.catalog().live_count(), model.items().size());
  ASSERT_EQ(state.users().live_count(), model.people().size());
  ASSERT_EQ(state.sessions().live_count(), model.sessions().size());
  for (const auto& [key, person] : model.people()) {
    const UserKind kind = key[0] == 'u' ? UserKind::kNamed : UserKind::kVisitor;
    const UserId user = state.users().Find(kind, key.substr(1));
    ASSERT_TRUE(user.valid()) << key;
    ASSERT_EQ(HistoryIn(state, user), LiveOf(person.history)) << key;
    const SessionId present = state.users().PresentSession(user);
    ASSERT_EQ(present.valid(), !person.present.empty()) << key;
    if (!present.valid()) continue;
    ASSERT_EQ(state.sessions().LastTimeMs(present), model.sessions().at(person.present).last_ms);
    ASSERT_EQ(ItemsIn(state, present), LiveOf(model.sessions().at(person.present).items)) << key;
  }
  for (const auto& [key, session] : model.sessions()) {
    if (key[0] != 'n') continue;
    const SessionId found = state.sessions().Find(key.substr(1));
    ASSERT_TRUE(found.valid()) << key;
    ASSERT_EQ(state.sessions().LastTimeMs(found), session.last_ms) << key;
    ASSERT_EQ(ItemsIn(state, found), LiveOf(session.items)) << key;
    ASSERT_EQ(state.users().Name(state.sessions().Owner(found)), session.owner.substr(1)) << key;
  }
  ASSERT_EQ(PairsIn(state, *state.PairTable("similar-items")), model.UserPairs());
  ASSERT_EQ(PairsIn(state, *state.PairTable("bought-together")), model.SessionPairs());
}

std::string DumpOf(const State& state) {
  std::ostringstream out;
  Dump(state, out);
  return out.str();
}

class StateModelTest : public testing::TestWithParam<std::uint32_t> {};

TEST_P(StateModelTest, StateEqualsTheModelThroughRestarts) {
  const std::uint32_t seed = GetParam();
  SCOPED_TRACE("seed " + std::to_string(seed));
  Settings settings;
  settings.maximum_users = seed % 2 == 0 ? 15 : 1000;
  settings.maximum_sessions = seed % 3 == 0 ? 10 : 1000;
  settings.maximum_event_ids = 1'000'000;
  settings.maximum_session_items = 5000;

  State steady(settings);  // never restarted
  auto state = std::make_unique<State>(settings);
  Model model(settings);
  StoredRows stored;
  RandomEntries entries(seed);
  std::uint64_t offset = 0;
  for (int step = 0; step < 4000; ++step) {
    const StampedEntry stamp{{0, ++offset}, kReceivedMs + step, entries.Next()};
    ASSERT_EQ(state->Apply(stamp), steady.Apply(stamp));
    model.Apply(stamp.entry);
    if (entries.OneIn(50)) stored.Commit(state.get());
    if (entries.OneIn(400)) {
      stored.Commit(state.get());
      auto loaded = stored.Load(settings);
      ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
      ASSERT_EQ(DumpOf(**loaded), DumpOf(*state));
      state = std::move(*loaded);
    }
    if (step % 500 == 499) {
      ASSERT_NO_FATAL_FAILURE(ExpectSame(*state, model)) << "step " << step;
    }
  }
  EXPECT_EQ(DumpOf(*state), DumpOf(steady));
}

INSTANTIATE_TEST_SUITE_P(Seeds, StateModelTest, testing::Range(1U, 13U));

}  // namespace
}  // namespace freshet::core
