#include "config/schema.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include <gtest/gtest.h>

#include "config/load.h"

namespace freshet::config {
namespace {

struct AnyMember {
  template <typename T>
  operator T() const;  // NOLINT(google-explicit-constructor): stands for a value of any type
};

// How many members an aggregate has: the most initialisers it takes.
template <typename Aggregate, typename... Members>
constexpr std::size_t MemberCount() {
  if constexpr (requires { Aggregate{Members{}..., AnyMember{}}; }) {
    return MemberCount<Aggregate, Members..., AnyMember>();
  } else {
    return sizeof...(Members);
  }
}

std::size_t KeysOf(const std::string& section) {
  const auto& keys = SettingsKeys();
  return static_cast<std::size_t>(std::count_if(keys.begin(), keys.end(), [&](const auto& key) {
    return key.name.substr(0, key.name.rfind('.')) == section;
  }));
}

TEST(Schema, HasAKeyForEveryMember) {
  EXPECT_EQ(KeysOf("server"), MemberCount<ServerSettings>());
  // The keys of kafka stand beside the others; librdkafka is a section.
  EXPECT_EQ(KeysOf("log"), MemberCount<LogSettings>() - 1 + MemberCount<KafkaSettings>() - 1);
  EXPECT_EQ(KeysOf("checkpoint"), MemberCount<CheckpointSettings>());
  EXPECT_EQ(KeysOf("quality"), MemberCount<QualitySettings>());
  EXPECT_EQ(KeysOf("training"), MemberCount<TrainingSettings>());
  EXPECT_EQ(KeysOf("logging"), MemberCount<LoggingSettings>());
  // event_weights, pair_tables and campaigns are not keys but a section and arrays of tables.
  EXPECT_EQ(KeysOf("learning"), MemberCount<core::Settings>() - 3);
  EXPECT_EQ(PairTableKeys().size(), MemberCount<core::PairTableSettings>());
  EXPECT_EQ(CampaignKeys().size(), MemberCount<core::CampaignSettings>());
}

TEST(Schema, NamesAndVariablesAreUnique) {
  std::set<std::string> names;
  std::set<std::string> variables;
  for (const auto& key : SettingsKeys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_TRUE(variables.insert(EnvironmentName(key.name)).second) << key.name;
  }
}

TEST(Schema, EveryKeyStandsForAMemberOfItsOwn) {
  const Settings defaults;
  for (const auto& key : SettingsKeys()) {
    Settings changed;
    const Value initial = key.read(defaults);
    if (const auto* whole = std::get_if<std::int64_t>(&initial)) {
      ASSERT_EQ(key.write(*whole + 1, &changed), std::nullopt) << key.name;
      for (const auto& other : SettingsKeys()) {
        const bool same = ToToml(other.read(changed)) == ToToml(other.read(defaults));
        EXPECT_EQ(same, other.name != key.name) << key.name << " and " << other.name;
      }
    }
  }
}

TEST(Schema, DefaultsAreWithinTheirRanges) {
  Settings settings;
  for (const auto& key : SettingsKeys()) {
    EXPECT_EQ(key.write(key.read(settings), &settings), std::nullopt) << key.name;
  }
  for (auto& table : settings.learning.pair_tables) {
    for (const auto& key : PairTableKeys()) {
      EXPECT_EQ(key.write(key.read(table), &table), std::nullopt) << key.name;
    }
  }
  for (auto& campaign : settings.learning.campaigns) {
    for (const auto& key : CampaignKeys()) {
      EXPECT_EQ(key.write(key.read(campaign), &campaign), std::nullopt) << key.name;
    }
  }
}

TEST(Schema, RangesFitTheirMembers) {
  // The largest whole number a key takes must come back from the member unchanged.
  for (const auto& key : SettingsKeys()) {
    if (key.kind != Kind::kWhole) continue;
    Settings settings;
    const std::int64_t most = std::stoll(key.allowed.substr(key.allowed.find("..") + 2));
    ASSERT_EQ(key.write(most, &settings), std::nullopt) << key.name;
    EXPECT_EQ(std::get<std::int64_t>(key.read(settings)), most) << key.name;
    EXPECT_NE(key.write(most + 1, &settings), std::nullopt) << key.name;
  }
}

TEST(Schema, HelpIsASentenceAndUnitsAreInTheNames) {
  for (const auto& key : SettingsKeys()) EXPECT_TRUE(key.help.ends_with(".")) << key.name;
  for (const auto& key : SettingsKeys()) {
    const bool is_time = key.name.find("timeout") != std::string::npos ||
                         key.name.find("interval") != std::string::npos ||
                         key.name.find("half_life") != std::string::npos ||
                         key.name.find("window") != std::string::npos;
    const bool has_unit =
        key.name.ends_with("_ms") || key.name.ends_with("_minutes") || key.name.ends_with("_hours");
    EXPECT_TRUE(!is_time || has_unit) << key.name;
  }
}

TEST(Schema, NamesThatUsersScriptsRelyOnAreThere) {
  for (const char* name : {"data", "server.threads", "server.listen", "log.kind"}) {
    EXPECT_TRUE(FindKey(name)) << name;
  }
  EXPECT_EQ(EnvironmentName("server.listen"), "FRESHET_SERVER_LISTEN");
}

}  // namespace
}  // namespace freshet::config
