// Co-occurrence against a batch computation: baskets are cut from a whole stream and counted by
// brute force, and every count and every measure of the incremental tables must be the same.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <zlib.h>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "core/state.h"

namespace freshet::core {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

// What one owner touched in one basket: the strongest weight of each item, by number.
using Basket = std::map<std::uint32_t, std::uint32_t>;

// Counts of baskets in the plainest form there is: a number an item, a matrix for the pairs.
class Reference {
 public:
  explicit Reference(const std::vector<Event>& events) {
    for (const Event& event : events) {
      if (numbers_.try_emplace(event.item_id, names_.size()).second) {
        names_.push_back(event.item_id);
      }
    }
    items_.resize(names_.size());
    pairs_.resize(names_.size() * names_.size());
  }

  void Count(const Basket& basket) {
    std::uint32_t largest = 0;
    for (const auto& [item, weight] : basket) {
      items_[item] += weight;
      largest = std::max(largest, weight);
      for (const auto& [other, other_weight] : basket) {
        if (item != other) pairs_[item * names_.size() + other] += std::min(weight, other_weight);
      }
    }
    population_ += largest;
  }

  [[nodiscard]] const std::vector<std::string>& names() const { return names_; }
  [[nodiscard]] std::uint32_t Number(const std::string& name) const {
    return static_cast<std::uint32_t>(numbers_.at(name));
  }
  [[nodiscard]] std::uint64_t Item(std::uint32_t item) const { return items_[item]; }
  [[nodiscard]] std::uint32_t Pair(std::uint32_t item, std::uint32_t other) const {
    return pairs_[item * names_.size() + other];
  }
  [[nodiscard]] std::uint64_t population() const { return population_; }
  [[nodiscard]] PairCounts Of(std::uint32_t item, std::uint32_t other) const {
    return {static_cast<double>(Pair(item, other)), static_cast<double>(items_[item]),
            static_cast<double>(items_[other]), static_cast<double>(population_)};
  }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<std::uint64_t> items_;
  std::vector<std::uint32_t> pairs_;
  std::uint64_t population_ = 0;
};

// The measures once more, in their textbook forms.
double MeasureByHand(Measure measure, const PairCounts& n) {
  switch (measure) {
    case Measure::kJaccard:
      return n.pair / (n.item + n.other - n.pair);
    case Measure::kCosine:
    case Measure::kFactors:
      return n.pair / std::sqrt(n.item * n.other);
    case Measure::kLift:
      return n.pair / n.population / (n.item / n.population * n.other / n.population);
    case Measure::kConfidence:
      return n.pair / n.item;
    case Measure::kLogLikelihood:
      break;
  }
  const double without_item = n.population - n.item;
  const double without_other = n.population - n.other;
  const auto cell = [&](double k, double row, double column) {
    return k > 0 ? k * std::log(k * n.population / (row * column)) : 0;
  };
  const double ratio =
      2 * (cell(n.pair, n.item, n.other) + cell(n.item - n.pair, n.item, without_other) +
           cell(n.other - n.pair, without_item, n.other) +
           cell(without_item - n.other + n.pair, without_item, without_other));
  return n.pair * n.population < n.item * n.other ? -ratio : ratio;
}

constexpr std::array<Measure, 5> kMeasures = {Measure::kJaccard, Measure::kCosine,
                                              Measure::kLogLikelihood, Measure::kLift,
                                              Measure::kConfidence};

std::string Lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::uint32_t WeightOf(const Settings& settings, const std::string& type) {
  for (const auto& [name, weight] : settings.event_weights.by_type) {
    if (name == Lower(type)) return weight;
  }
  return settings.event_weights.other;
}

// Whose basket each event of a stream lies in, as the settings describe it.
class BasketCutter {
 public:
  explicit BasketCutter(const Settings& settings, const PairTableSettings& table)
      : settings_(settings), table_(table) {}

  [[nodiscard]] Reference Cut(const std::vector<Event>& events) const {
    std::map<std::string, std::string> joined;  // session -> the user it turned out to be
    for (const Event& event : events) {
      if (!event.user_id.empty() && !event.session_id.empty()) {
        joined[event.session_id] = event.user_id;
      }
    }
    std::map<std::string, PauseSession> pauses;  // by user
    std::map<std::string, OpenBasket> open;      // by owner
    Reference reference(events);
    for (const Event& event : events) {
      const std::string session = SessionOf(event, &pauses);
      if (!IsInTable(event)) continue;
      const std::string user = !event.user_id.empty() ? "user " + event.user_id
                               : joined.count(event.session_id) > 0
                                   ? "user " + joined[event.session_id]
                                   : "visitor " + event.session_id;
      OpenBasket& basket = open[table_.scope == BasketScope::kUser ? user : session];
      if (table_.window_ms > 0 && event.time_ms - basket.last_ms > table_.window_ms) {
        reference.Count(basket.items);
        basket.items.clear();
      }
      basket.last_ms = event.time_ms;
      std::uint32_t& weight = basket.items[reference.Number(event.item_id)];
      weight = std::max(weight, WeightOf(settings_, event.event_type));
    }
    for (const auto& [owner, basket] : open) reference.Count(basket.items);
    return reference;
  }

 private:
  struct PauseSession {
    int number = 0;
    std::int64_t last_ms = 0;
  };
  struct OpenBasket {
    Basket items;
    std::int64_t last_ms = 0;
  };

  std::string SessionOf(const Event& event, std::map<std::string, PauseSession>* pauses) const {
    if (!event.session_id.empty()) return "session " + event.session_id;
    PauseSession& pause = (*pauses)[event.user_id];
    if (event.time_ms - pause.last_ms > settings_.session_gap_ms) ++pause.number;
    pause.last_ms = event.time_ms;
    return "pause " + std::to_string(pause.number) + " of " + event.user_id;
  }

  [[nodiscard]] bool IsInTable(const Event& event) const {
    const auto& types = table_.event_types;
    return types.empty() ||
           std::find(types.begin(), types.end(), Lower(event.event_type)) != types.end();
  }

  const Settings& settings_;
  const PairTableSettings& table_;
};

Settings Generous(std::vector<PairTableSettings> tables) {
  Settings settings;
  settings.pair_tables = std::move(tables);
  for (PairTableSettings& table : settings.pair_tables) {
    table.maximum_neighbours = 5000;
    table.maximum_basket_items = 5000;
  }
  return settings;
}

// Every shape of basket a table can be told to make.
std::vector<PairTableSettings> EveryTable() {
  return {
      {.name = "user"},
      {.name = "user hour", .window_ms = kHour},
      {.name = "user purchases", .event_types = {"purchase"}},
      {.name = "user two types day", .event_types = {"cart", "view"}, .window_ms = 24 * kHour},
      {.name = "session", .scope = BasketScope::kSession},
      {.name = "session ten minutes", .scope = BasketScope::kSession, .window_ms = 10 * kMinute},
      {.name = "session purchases", .event_types = {"purchase"}, .scope = BasketScope::kSession},
  };
}

// A stream in order of time. Every user has a habit: events without a session, with pauses long
// and short; sessions by name; or anonymous sessions. `join` lets some anonymous sessions turn out
// to be a user's, half-way.
std::vector<Event> Stream(std::uint64_t seed, std::size_t size, bool join) {
  std::mt19937_64 random(seed);
  constexpr std::array<const char*, 6> kTypes = {"view",     "View",     "cart",
                                                 "purchase", "PURCHASE", "rating"};
  constexpr std::array<std::int64_t, 6> kSteps = {0,           500,         5'000,
                                                  kMinute / 2, 2 * kMinute, 40 * kMinute};
  std::int64_t now = 1'600'000'000'000;
  std::vector<Event> events;
  while (events.size() < size) {
    now += kSteps[random() % 100 == 0 ? 5 : random() % 5];
    const std::uint64_t who = random() % 30;
    const std::string number = std::to_string(who);
    const std::string visit = number + "/" + std::to_string(random() % 2 + events.size() / 400);
    Event event;
    event.item_id = "item " + std::to_string(std::min(random() % 40, random() % 40));
    event.event_type = kTypes[random() % kTypes.size()];
    event.time_ms = now;
    if (who % 3 == 0) {
      event.user_id = number;
    } else if (who % 3 == 1) {
      event.user_id = number;
      event.session_id = visit;
    } else {
      event.session_id = visit;
      // The last events of a session are by its user, and some events after that are not.
      if (join && events.size() % 400 > 250 && random() % 2 == 0) event.user_id = "late " + number;
    }
    events.push_back(std::move(event));
  }
  return events;
}

std::unique_ptr<State> Learn(const Settings& settings, const std::vector<Event>& events) {
  auto state = std::make_unique<State>(settings);
  std::uint64_t offset = 0;
  for (const Event& event : events) {
    state->Apply({.position = {0, offset++}, .received_ms = event.time_ms, .entry = event});
  }
  return state;
}

void ExpectSameCounts(const State& state, const Cooccurrence& table, const Reference& reference) {
  SCOPED_TRACE(table.settings().name);
  const Catalog& catalog = state.catalog();
  const std::vector<std::string>& names = reference.names();
  std::vector<std::uint32_t> number_of_slot(catalog.slot_count(), UINT32_MAX);
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    number_of_slot.at(catalog.Find(names[i]).value) = i;
  }
  std::vector<std::uint32_t> row(names.size());
  for (std::uint32_t i = 0; i < names.size(); ++i) {
    const ItemId item = catalog.Find(names[i]);
    ASSERT_EQ(table.ItemCount(item), reference.Item(i)) << names[i];
    const Neighbours neighbours = table.NeighboursOf(item);
    std::fill(row.begin(), row.end(), 0U);
    for (std::size_t k = 0; k < neighbours.items.size(); ++k) {
      const std::uint32_t other = number_of_slot[neighbours.items[k]];
      ASSERT_NE(other, UINT32_MAX) << names[i];
      ASSERT_GT(neighbours.counts[k], 0U) << names[i] << ", " << names[other];
      ASSERT_EQ(neighbours.errors[k], 0U) << names[i] << ", " << names[other];
      ASSERT_EQ(std::exchange(row[other], neighbours.counts[k]), 0U) << "twice: " << names[other];
    }
    for (std::uint32_t k = 0; k < names.size(); ++k) {
      ASSERT_EQ(row[k], reference.Pair(i, k)) << names[i] << ", " << names[k];
    }
  }
}

// The recipe's whole answer, for every item and measure: the items whose measure is above zero, in
// that order.
void ExpectSameMeasures(const State& state, const Cooccurrence& table, const Reference& reference) {
  SCOPED_TRACE(table.settings().name);
  const std::vector<std::string>& names = reference.names();
  QueryScratch scratch;
  for (const Measure measure : kMeasures) {
    SCOPED_TRACE(MeasureName(measure));
    const Campaign campaign({.name = "reference",
                             .recipe = RecipeKind::kSimilarItems,
                             .pair_table = table.settings().name,
                             .measure = measure});
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      Recommend(state, campaign.recipe(), {.item = names[i], .count = 5000}, &scratch);
      std::vector<bool> chosen(names.size());
      double last = INFINITY;
      for (const AnswerItem& answer : scratch.answer) {
        if (answer.reason == Reason::kPopular) continue;
        const std::uint32_t other =
            reference.Number(std::string(state.catalog().Name(answer.item)));
        const double expected = MeasureByHand(measure, reference.Of(i, other));
        ASSERT_NEAR(answer.score, expected, 1e-6 + 1e-6 * expected) << names[i] << names[other];
        ASSERT_LE(answer.score, last);
        last = answer.score;
        chosen[other] = true;
      }
      for (std::uint32_t other = 0; other < names.size(); ++other) {
        const bool met = reference.Pair(i, other) > 0;
        const double expected = met ? MeasureByHand(measure, reference.Of(i, other)) : 0;
        // At chance the sign of log-likelihood hangs on rounding.
        if (met && std::abs(expected) < 1e-6) continue;
        ASSERT_EQ(chosen[other], expected > 0) << names[i] << ", " << names[other];
      }
    }
  }
}

TEST(CooccurrenceReference, EqualsABatchOverGeneratedStreams) {
  const Settings settings = Generous(EveryTable());
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto events = Stream(seed, 2500, /*join=*/false);
    const auto state = Learn(settings, events);
    for (const Cooccurrence& table : state->pair_tables()) {
      const Reference reference = BasketCutter(settings, table.settings()).Cut(events);
      EXPECT_EQ(table.BasketCount(), reference.population()) << table.settings().name;
      EXPECT_EQ(table.evicted_pairs(), 0U);
      ExpectSameCounts(*state, table, reference);
      if (seed <= 2) ExpectSameMeasures(*state, table, reference);
      if (HasFatalFailure()) return;
    }
  }
}

// A visitor's basket becomes the user's, as if the user had been known from the start. With a
// window that is so only while no pause lies between the two, so the tables here have none.
TEST(CooccurrenceReference, EqualsABatchThatKnewEveryVisitorFromTheStart) {
  const Settings settings = Generous({{.name = "user"},
                                      {.name = "purchases", .event_types = {"purchase"}},
                                      {.name = "session", .scope = BasketScope::kSession}});
  for (std::uint64_t seed = 21; seed <= 28; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const auto events = Stream(seed, 2500, /*join=*/true);
    const auto state = Learn(settings, events);
    for (const Cooccurrence& table : state->pair_tables()) {
      const Reference reference = BasketCutter(settings, table.settings()).Cut(events);
      EXPECT_EQ(table.BasketCount(), reference.population()) << table.settings().name;
      ExpectSameCounts(*state, table, reference);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(CooccurrenceReference, DeletedItemEqualsABatchWithoutIt) {
  const Settings settings = Generous(EveryTable());
  auto events = Stream(31, 2500, /*join=*/false);
  const auto state = Learn(settings, events);
  for (const char* item : {"item 0", "item 7"}) {
    state->Apply({.position = {0, events.size()}, .received_ms = 0, .entry = DeleteItem{item}});
    std::erase_if(events, [&](const Event& event) { return event.item_id == item; });
  }
  for (const Cooccurrence& table : state->pair_tables()) {
    // The deleted events still hold visits together, so only tables without a window compare.
    if (table.settings().window_ms > 0 || table.settings().scope == BasketScope::kSession) continue;
    ExpectSameCounts(*state, table, BasketCutter(settings, table.settings()).Cut(events));
  }
}

TEST(CooccurrenceReference, DeletedUserEqualsABatchWithoutTheUser) {
  const Settings settings = Generous({{.name = "user"},
                                      {.name = "purchases", .event_types = {"purchase"}},
                                      {.name = "session", .scope = BasketScope::kSession}});
  auto events = Stream(41, 2500, /*join=*/false);
  const auto state = Learn(settings, events);
  // User 1 names every session, so each basket is still open; 0 has closed ones, which stay.
  state->Apply({.position = {0, events.size()}, .received_ms = 0, .entry = DeleteUser{"1"}});
  std::erase_if(events, [](const Event& event) { return event.user_id == "1"; });
  for (const Cooccurrence& table : state->pair_tables()) {
    const Reference reference = BasketCutter(settings, table.settings()).Cut(events);
    EXPECT_EQ(table.BasketCount(), reference.population()) << table.settings().name;
    ExpectSameCounts(*state, table, reference);
  }
}

// Calls visit(fields) for each row of a gzip file after its header. False when it cannot be read.
template <typename Visit>
bool ReadCsv(const std::filesystem::path& path, Visit&& visit) {
  const gzFile file = gzopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  std::array<char, 4096> line{};
  bool header = true;
  while (gzgets(file, line.data(), static_cast<int>(line.size())) != nullptr) {
    if (std::exchange(header, false)) continue;
    std::string_view rest(line.data());
    while (!rest.empty() && (rest.back() == '\n' || rest.back() == '\r')) rest.remove_suffix(1);
    std::vector<std::string> fields;
    for (std::size_t comma = 0; comma != std::string_view::npos;) {
      comma = rest.find(',');
      fields.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(comma == std::string_view::npos ? rest.size() : comma + 1);
    }
    visit(fields);
  }
  gzclose(file);
  return true;
}

std::filesystem::path DataFolder() {
  if (const char* folder = std::getenv("FRESHET_DATA"))
    return folder;  // NOLINT(concurrency-mt-unsafe)
  // tests/unit/core/x_test.cc -> the source folder.
  const auto source = std::filesystem::path(__FILE__).parent_path() / "../../..";
  return source / "../shared/data";
}

// The first quarter of the log: with rows as long as the catalogue, so that nothing is evicted, the
// whole of it takes a minute, and many under a sanitizer.
TEST(CooccurrenceReference, EqualsABatchOverOnlineRetail) {
  constexpr std::size_t kEvents = 100'000;
  const auto path = DataFolder() / "online-retail/interactions.csv.gz";
  std::vector<Event> events;
  const bool there = ReadCsv(path, [&](const std::vector<std::string>& fields) {
    if (events.size() == kEvents) return;
    Event event;
    event.user_id = fields.at(0);
    event.item_id = fields.at(1);
    event.time_ms = std::stoll(fields.at(2)) * 1000;
    event.event_type = fields.at(3);
    event.session_id = fields.at(5);
    events.push_back(std::move(event));
  });
  if (!there) GTEST_SKIP() << "skipped: no " << path << "; set FRESHET_DATA to the data folder";
  ASSERT_EQ(events.size(), kEvents);
  const Settings settings =
      Generous({{.name = "user day", .window_ms = 24 * kHour},
                {.name = "invoice", .event_types = {"purchase"}, .scope = BasketScope::kSession}});
  const auto state = Learn(settings, events);
  for (const Cooccurrence& table : state->pair_tables()) {
    const Reference reference = BasketCutter(settings, table.settings()).Cut(events);
    EXPECT_EQ(table.BasketCount(), reference.population()) << table.settings().name;
    EXPECT_EQ(table.evicted_pairs(), 0U);
    ExpectSameCounts(*state, table, reference);
  }
}

}  // namespace
}  // namespace freshet::core
