// The schema: one row for each key an operator may set. It drives reading, checking, the printed
// configuration and the table in docs/configuration.md, so that none of them can forget a key.
// Defaults are those of the structs in settings.h.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"
#include "config/settings.h"

namespace freshet::config {

struct Section {
  std::string name;
  std::string help;
};

// The sections and arrays of tables in the order in which they are printed.
const std::vector<Section>& Sections();
const Section& PairTableSection();  // [[pair_table]]
const Section& CampaignSection();   // [[campaign]]

// Every key with a fixed name, section by section.
const std::vector<Key<Settings>>& SettingsKeys();
// The keys within one [[pair_table]] and one [[campaign]]; the first is `name`. In table_keys.cc.
const std::vector<Key<core::PairTableSettings>>& PairTableKeys();
const std::vector<Key<core::CampaignSettings>>& CampaignKeys();

// [learning.event_weights] has a key for each event type the operator cares to name.
inline constexpr std::string_view kEventWeights = "learning.event_weights";
Key<Settings> EventWeightKey(const std::string& event_type);

// [learning.event_value_thresholds] has one for each event type whose low values are no liking.
inline constexpr std::string_view kEventValueThresholds = "learning.event_value_thresholds";
Key<Settings> EventValueThresholdKey(const std::string& event_type);

// [log.librdkafka] has a key for each property of librdkafka; its dots may stand bare or in quotes.
inline constexpr std::string_view kLibrdkafka = "log.librdkafka";
Key<Settings> LibrdkafkaKey(const std::string& property);
// True when the property's value is not to be shown.
bool IsSecretProperty(std::string_view property);

// The key of that dotted name, an event type's and a property's of librdkafka too.
std::optional<Key<Settings>> FindKey(std::string_view name);

// "server.threads" as "FRESHET_SERVER_THREADS".
std::string EnvironmentName(std::string_view key);
inline constexpr std::string_view kEnvironmentPrefix = "FRESHET_";

}  // namespace freshet::config
