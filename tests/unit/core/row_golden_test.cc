// Stored state of past versions, kept in golden files: it loads for ever, and what is written
// today is still of the newest of them.
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "core/dump.h"
#include "core/rows.h"
#include "core/state.h"
#include "tests/unit/core/event_stream.h"
#include "tests/unit/core/reopen.h"
#include "tests/unit/golden.h"

namespace freshet::core {
namespace {

// A little of everything that is stored: named users and visitors, a join, sessions with and
// without a name, a purchase, metadata of each type, event ids, a deleted item and its mark.
void Learn(State* state) {
  Feed feed(state);
  feed.Apply(PutItem{"lamp",
                     {{"GENRES", std::string("home|light")},
                      {"PRICE", *Number::Parse("19.5")},
                      {"NEW", true},
                      {"CREATION_TIMESTAMP", *Number::Parse("1600000000")}}});
  feed.Apply(PutUser{"ann", {{"MEMBERSHIP", std::string("gold")}}});
  feed.Apply(MakeEvent("", "visit", "lamp", kStartMs));
  feed.Apply(MakeEvent("", "visit", "chair", kStartMs + 1'000));
  Event bought = MakeEvent("ann", "visit", "desk", kStartMs + 2'000, "purchase");
  bought.event_id = "order-1";
  feed.Apply(bought);
  feed.Apply(MakeEvent("bob", "", "lamp", kStartMs + 3'000, "cart"));
  feed.Apply(MakeEvent("bob", "", "rug", kStartMs + 4'000));
  feed.Apply(MakeEvent("", "stranger", "rug", kStartMs + 5'000));
  feed.Apply(DeleteItem{"chair"});
}

std::string RowName(const std::pair<Table, std::string>& key) {
  return std::string(TableName(key.first)) + "/" + ToHex(key.second);
}

std::string DumpOf(const State& state) {
  std::ostringstream out;
  Dump(state, out);
  return out.str();
}

TEST(RowGolden, VersionOneIsStillWhatIsWritten) {
  const auto golden = ReadGolden("rows_v1.txt");
  State state{Settings()};
  Learn(&state);
  StoredRows stored;
  stored.Commit(&state);
  for (const auto& [key, value] : stored.rows()) {
    const std::string name = RowName(key);
    const auto known = golden.find(name);
    EXPECT_EQ(known == golden.end() ? "" : ToHex(known->second), ToHex(value)) << name;
  }
  EXPECT_EQ(stored.rows().size(), golden.size());
}

TEST(RowGolden, RowsOfVersionOneLoadForEver) {
  StoredRows stored;
  for (const auto& [name, value] : ReadGolden("rows_v1.txt")) {
    const std::size_t slash = name.find('/');
    for (std::size_t i = 0; i < kTableCount; ++i) {
      const auto table = static_cast<Table>(i);
      if (TableName(table) != name.substr(0, slash)) continue;
      stored.rows()[{table, FromHex(name.substr(slash + 1))}] = value;
    }
  }
  const auto loaded = stored.Load(Settings());
  ASSERT_TRUE(loaded.has_value()) << loaded.error().message;
  State learned{Settings()};
  Learn(&learned);
  EXPECT_EQ(DumpOf(**loaded), DumpOf(learned));
}

}  // namespace
}  // namespace freshet::core
