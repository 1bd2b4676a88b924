#include "config/print.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/load.h"
#include "config/schema.h"
#include "tests/unit/config/config_files.h"

namespace freshet::config {
namespace {

using testing::HasSubstr;

class PrintTest : public ConfigFiles {};

template <typename Owner>
void ExpectEqualByKeys(const std::vector<Key<Owner>>& keys, const Owner& left, const Owner& right) {
  for (const Key<Owner>& key : keys) {
    EXPECT_EQ(ToToml(key.read(left)), ToToml(key.read(right))) << key.name;
  }
}

template <typename Owner>
void ExpectEqualTables(const std::vector<Key<Owner>>& keys, const std::vector<Owner>& left,
                       const std::vector<Owner>& right) {
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) ExpectEqualByKeys(keys, left[i], right[i]);
}

// That no member escapes this comparison is held by schema_test.cc.
void ExpectEqual(const Settings& left, const Settings& right) {
  ExpectEqualByKeys(SettingsKeys(), left, right);
  EXPECT_EQ(left.learning.event_weights.by_type, right.learning.event_weights.by_type);
  ExpectEqualTables(PairTableKeys(), left.learning.pair_tables, right.learning.pair_tables);
  ExpectEqualTables(CampaignKeys(), left.learning.campaigns, right.learning.campaigns);
}

TEST_F(PrintTest, ChangesNameWhatIsNotAtItsDefaultAndNoSecret) {
  Settings settings;
  EXPECT_EQ(PrintChanges(settings), "");
  settings.server.threads = 3;
  settings.log.kafka.librdkafka = {{"sasl.password", "hush"}, {"sasl.mechanism", "PLAIN"}};
  settings.learning.campaigns.pop_back();
  EXPECT_EQ(PrintChanges(settings),
            "server.threads = 3, log.librdkafka.sasl.mechanism = \"PLAIN\", "
            "log.librdkafka.sasl.password = (not shown), [[campaign]] given");
}

TEST_F(PrintTest, DefaultsComeBackAsTheyWere) {
  const Settings defaults;
  const auto loaded = LoadText(PrintConfig(defaults));
  ASSERT_TRUE(loaded) << loaded.error().message;
  ExpectEqual(*loaded, defaults);
}

// A value of the key's kind that is not the default's.
template <typename Owner>
Value Another(const Key<Owner>& key, const Owner& defaults) {
  const Value initial = key.read(defaults);
  if (key.name == "server.listen") return std::string("[::1]:0");
  if (key.name == "server.insecure") return true;
  if (key.name == "server.allowed_hosts") return TextList{"freshet", "shop.example"};
  if (key.name == "log.events_topic") return TextList{"a-1", "b.2"};
  if (key.name.starts_with("log.") && key.name.ends_with("_topic")) return key.name;
  if (const auto* flag = std::get_if<bool>(&initial)) return !*flag;
  if (const auto* whole = std::get_if<std::int64_t>(&initial)) return *whole + 1;
  if (std::holds_alternative<double>(initial)) return 0.7;
  if (std::holds_alternative<TextList>(initial)) return TextList{"\"A\"", "b\\c"};
  for (const char* choice : {"kafka", "os", "debug", "session", "trending-now", "lift", "latest",
                             "continue", "exit", "90m"}) {
    Owner changed = defaults;
    if (!key.write(std::string(choice), &changed)) return std::string(choice);
  }
  return initial;
}

TEST_F(PrintTest, EveryKeyComesBackWithAnotherValue) {
  Settings settings;
  const Settings defaults;
  std::vector<std::string> unchanged;
  for (const Key<Settings>& key : SettingsKeys()) {
    const Value another = Another(key, defaults);
    if (ToToml(another) == ToToml(key.read(defaults))) unchanged.push_back(key.name);
    EXPECT_EQ(key.write(another, &settings), std::nullopt) << key.name;
    EXPECT_EQ(ToToml(key.read(settings)), ToToml(another)) << key.name;
  }
  EXPECT_THAT(unchanged, testing::IsEmpty());
  settings.log.kafka.librdkafka = {{"linger.ms", "5"}, {"sasl.username", "a \"b\""}};
  settings.learning.event_weights.by_type.emplace_back("add to \"cart\"", 8);

  core::PairTableSettings table;
  for (const auto& key : PairTableKeys()) {
    const Value another = Another(key, core::PairTableSettings{});
    EXPECT_EQ(key.write(another, &table), std::nullopt) << key.name;
  }
  settings.learning.pair_tables.push_back(table);
  core::CampaignSettings campaign;
  for (const auto& key : CampaignKeys()) {
    const Value another = key.name == "weights" ? Value(TextList{"session=0.5", "idle=-0.25"})
                                                : Another(key, core::CampaignSettings{});
    EXPECT_EQ(key.write(another, &campaign), std::nullopt) << key.name;
  }
  campaign.pair_table = table.name;
  settings.learning.campaigns.push_back(campaign);

  const auto loaded = LoadText(PrintConfig(settings));
  ASSERT_TRUE(loaded) << loaded.error().message;
  ExpectEqual(*loaded, settings);
}

TEST_F(PrintTest, SecretsAreNotShown) {
  Settings settings;
  settings.log.kafka.librdkafka = {{"sasl.password", "hush"}, {"sasl.username", "me"}};
  const std::string text = PrintConfig(settings);
  EXPECT_THAT(text, testing::Not(HasSubstr("hush")));
  EXPECT_THAT(text, HasSubstr("# \"sasl.password\" is set, and not shown\n"));
  EXPECT_THAT(text, HasSubstr("\"sasl.username\" = \"me\"\n"));
}

TEST_F(PrintTest, NamesEveryKeyWithItsHelpAndRange) {
  const std::string text = PrintConfig(Settings{});
  for (const Key<Settings>& key : SettingsKeys()) {
    const auto last = key.name.substr(key.name.rfind('.') + 1);
    EXPECT_THAT(text, HasSubstr("\n" + last + " = ")) << key.name;
    EXPECT_THAT(text, HasSubstr(key.allowed.substr(0, key.allowed.find(' ')))) << key.name;
  }
  for (const auto& key : CampaignKeys()) EXPECT_THAT(text, HasSubstr("\n" + key.name + " = "));
  for (const auto& key : PairTableKeys()) EXPECT_THAT(text, HasSubstr("\n" + key.name + " = "));
}

}  // namespace
}  // namespace freshet::config
