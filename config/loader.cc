#include "config/loader.h"

#include <algorithm>
#include <limits>
#include <set>

#include "config/listen_address.h"
#include "config/schema.h"
#include "core/closest.h"

namespace freshet::config {
namespace {

template <typename Owner>
std::vector<std::string> NamesOf(const std::vector<Key<Owner>>& keys) {
  std::vector<std::string> names;
  for (const Key<Owner>& key : keys) names.push_back(key.name);
  return names;
}

template <typename Owner>
const Key<Owner>* FindByName(const std::vector<Key<Owner>>& keys, std::string_view name) {
  for (const Key<Owner>& key : keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

template <typename Owner>
Owner* FindOwner(std::vector<Owner>* owners, std::string_view name) {
  for (Owner& owner : *owners) {
    if (owner.name == name) return &owner;
  }
  return nullptr;
}

// The known key that ends in `.typed`, for a key that lacks its section.
std::string MissingSectionHint(std::string_view typed, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name.ends_with("." + std::string(typed))) return "; did you mean " + name + "?";
  }
  return {};
}

std::string UnknownKey(std::string_view typed, const std::vector<std::string>& names) {
  std::string hint = MissingSectionHint(typed, names);
  if (hint.empty()) hint = core::DidYouMean(typed, names);
  return "is not a key" + hint;
}

std::vector<std::string> SectionNames() {
  std::vector<std::string> names;
  for (const Section& section : Sections()) names.push_back(section.name);
  return names;
}

bool IsWithin(std::string_view name, const std::vector<std::string>& sections) {
  return std::any_of(sections.begin(), sections.end(),
                     [&](const std::string& section) { return name.starts_with(section + "."); });
}

// A table of an array may leave out whatever the built-in one of its name has; a new campaign has
// nothing to take its recipe from.
bool LacksRecipe(const FileTable& table) {
  return table.name == CampaignSection().name &&
         std::none_of(table.keys.begin(), table.keys.end(),
                      [](const FileKey& key) { return key.name == "recipe"; });
}

// Kubernetes puts these into every pod beside a Service named freshet.
bool IsServiceLink(std::string_view name) {
  return name == "FRESHET_PORT" || name.starts_with("FRESHET_PORT_") ||
         name.starts_with("FRESHET_SERVICE_");
}

}  // namespace

void Loader::AddProblem(const Place& place, std::string_view key, std::string_view what) {
  std::string text = place.source;
  if (place.line != 0) text += ":" + std::to_string(place.line);
  if (!key.empty()) text += ": " + std::string(key);
  problems_.emplace_back(place.line, text + ": " + std::string(what));
}

Place Loader::OriginOf(const std::string& name) const {
  const auto at = origins_.find(name);
  return at == origins_.end() ? Place{"default"} : at->second;
}

void Loader::Apply(const Place& place, const Key<Settings>& key, const Value& value) {
  if (const auto refused = key.write(value, &settings_)) {
    AddProblem(place, key.name, *refused);
    return;
  }
  origins_[key.name] = place;
}

std::vector<std::string> Loader::CheckSections(const std::vector<FileSection>& sections,
                                               const std::string& source) {
  std::vector<std::string> known = SectionNames();
  std::vector<std::string> arrays = {PairTableSection().name, CampaignSection().name};
  std::vector<std::string> unknown;
  for (const FileSection& section : sections) {
    // The dots of a property of librdkafka make sections of their own.
    const bool is_known = std::find(known.begin(), known.end(), section.name) != known.end() ||
                          IsWithin(section.name, {std::string(kLibrdkafka)});
    if (is_known || IsWithin(section.name, unknown)) continue;
    unknown.push_back(section.name);
    const Place place{source, section.line};
    if (std::find(arrays.begin(), arrays.end(), section.name) != arrays.end()) {
      AddProblem(place, section.name, "is a list of tables: write [[" + section.name + "]]");
    } else if (FindKey(section.name)) {
      AddProblem(place, section.name, "is a key, not a section");
    } else {
      AddProblem(place, section.name, "is not a section" + core::DidYouMean(section.name, known));
    }
  }
  return unknown;
}

void Loader::ApplyFile(std::string_view text, const std::string& source) {
  const auto file = ParseToml(text, source);
  if (!file) {
    problems_.emplace_back(0, file.error().message);
    return;
  }
  const std::vector<std::string> unknown = CheckSections(file->sections, source);
  const std::vector<std::string> sections = SectionNames();
  for (const FileKey& each : file->keys) {
    if (IsWithin(each.name, unknown)) continue;
    const Place place{source, each.line};
    if (const auto key = FindKey(each.name)) {
      Apply(place, *key, each.value);
    } else if (std::find(sections.begin(), sections.end(), each.name) != sections.end()) {
      AddProblem(place, each.name, "is a section: write [" + each.name + "]");
    } else {
      AddProblem(place, each.name, UnknownKey(each.name, NamesOf(SettingsKeys())));
    }
  }
  std::set<std::pair<std::string, std::string>> seen;
  for (const FileTable& table : file->tables) {
    ApplyTable(table, source);
    for (const FileKey& key : table.keys) {
      if (key.name != "name") continue;
      const std::string name = ToToml(key.value);
      if (seen.emplace(table.name, name).second) continue;
      AddProblem({source, key.line}, table.name + ".name", name + " is taken by an earlier one");
    }
  }
}

void Loader::ApplyTable(const FileTable& table, const std::string& source) {
  if (table.name == PairTableSection().name) {
    ApplyTableKeys(table, PairTableKeys(), source, &settings_.learning.pair_tables);
  } else if (table.name == CampaignSection().name) {
    ApplyTableKeys(table, CampaignKeys(), source, &settings_.learning.campaigns);
  } else {
    const std::vector<std::string> arrays = {PairTableSection().name, CampaignSection().name};
    const std::vector<std::string> sections = SectionNames();
    const bool single = std::find(sections.begin(), sections.end(), table.name) != sections.end();
    AddProblem({source, table.line}, table.name,
               single ? "is one section: write [" + table.name + "]"
                      : "is not a list of tables" + core::DidYouMean(table.name, arrays));
  }
}

template <typename Owner>
void Loader::ApplyTableKeys(const FileTable& table, const std::vector<Key<Owner>>& keys,
                            const std::string& source, std::vector<Owner>* owners) {
  Owner named;
  for (const FileKey& each : table.keys) {
    // A wrong name is reported below, with the other keys.
    if (each.name == "name") (void)keys.front().write(each.value, &named);
  }
  Owner* built_in = FindOwner(owners, named.name);
  Owner owner = built_in == nullptr ? named : *built_in;
  const auto has_name = [](const FileKey& key) { return key.name == "name"; };
  if (std::none_of(table.keys.begin(), table.keys.end(), has_name)) {
    AddProblem({source, table.line}, table.name + ".name", "is missing");
  } else if (built_in == nullptr && LacksRecipe(table)) {
    AddProblem({source, table.line}, table.name + ".recipe",
               "is missing; it is " + FindByName(keys, "recipe")->allowed);
  }

  for (const FileKey& each : table.keys) {
    const Place place{source, each.line};
    const std::string name = table.name + "." + each.name;
    const Key<Owner>* key = FindByName(keys, each.name);
    if (key == nullptr) {
      AddProblem(place, name, UnknownKey(each.name, NamesOf(keys)));
    } else if (const auto refused = key->write(each.value, &owner)) {
      AddProblem(place, name, *refused);
    }
    if (each.name == "pair_table") origins_[table.name + "." + owner.name] = place;
  }
  if (owner.name.empty()) return;
  if (built_in != nullptr) {
    *built_in = std::move(owner);
  } else {
    owners->push_back(std::move(owner));
  }
}

void Loader::ApplyEnvironment(std::vector<std::pair<std::string, std::string>> variables) {
  std::sort(variables.begin(), variables.end());
  for (const auto& [name, text] : variables) {
    if (name.starts_with(kEnvironmentPrefix) && !IsServiceLink(name)) ApplyVariable(name, text);
  }
}

void Loader::ApplyVariable(const std::string& name, const std::string& text) {
  std::vector<std::string> names;
  for (const Key<Settings>& key : SettingsKeys()) {
    names.push_back(EnvironmentName(key.name));
    if (names.back() == name) {
      Apply({name}, key, ValueFromText(key.kind, text));
      return;
    }
  }
  for (const auto& [section, key_of] :
       {std::pair(kEventWeights, &EventWeightKey),
        std::pair(kEventValueThresholds, &EventValueThresholdKey)}) {
    const std::string prefix = EnvironmentName(section) + "_";
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    std::string type = name.substr(prefix.size());
    for (char& c : type) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const Key<Settings> key = key_of(type);
    Apply({name}, key, ValueFromText(key.kind, text));
    return;
  }
  const std::string librdkafka = EnvironmentName(kLibrdkafka) + "_";
  if (name.starts_with(librdkafka) && name.size() > librdkafka.size()) {
    std::string property = name.substr(librdkafka.size());
    for (char& c : property) {
      c = c == '_' ? '.' : (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
    }
    Apply({name}, LibrdkafkaKey(property), text);
    return;
  }
  AddProblem({name}, "", "is not a variable of Freshet" + core::DidYouMean(name, names));
}

void Loader::ApplyFlag(std::string_view assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string_view::npos) {
    AddProblem({"--set"}, "", ToToml(std::string(assignment)) + " is not section.key=value");
    return;
  }
  ApplyFlag("--set", assignment.substr(0, equals), assignment.substr(equals + 1));
}

void Loader::ApplyFlag(const std::string& flag, std::string_view name, std::string_view text) {
  const std::string pair_table = PairTableSection().name + ".";
  const std::string campaign = CampaignSection().name + ".";
  if (name.starts_with(pair_table)) {
    ApplyTableFlag(name, text, PairTableKeys(), &settings_.learning.pair_tables);
  } else if (name.starts_with(campaign)) {
    ApplyTableFlag(name, text, CampaignKeys(), &settings_.learning.campaigns);
  } else if (const auto key = FindKey(name)) {
    Apply({flag}, *key, ValueFromText(key->kind, text));
  } else {
    AddProblem({flag}, name, UnknownKey(name, NamesOf(SettingsKeys())));
  }
}

// `name` is "campaign.NAME.key" or "pair_table.NAME.key".
template <typename Owner>
void Loader::ApplyTableFlag(std::string_view name, std::string_view text,
                            const std::vector<Key<Owner>>& keys, std::vector<Owner>* owners) {
  const auto first = name.find('.');
  const auto last = name.rfind('.');
  const std::string_view key_name = name.substr(last + 1);
  const std::string owner_name(first == last ? key_name : name.substr(first + 1, last - first - 1));
  Owner* owner = FindOwner(owners, owner_name);
  const Key<Owner>* key = FindByName(keys, key_name);
  if (owner == nullptr || first == last) {
    std::vector<std::string> names;
    for (const Owner& each : *owners) names.push_back(each.name);
    AddProblem({"--set"}, name, "names none of the tables; they are " + ChoicesText(names));
  } else if (key == nullptr || key_name == "name") {
    AddProblem({"--set"}, name, UnknownKey(key_name, NamesOf(keys)));
  } else if (const auto refused = key->write(ValueFromText(key->kind, text), owner)) {
    AddProblem({"--set"}, name, *refused);
  } else if (key_name == "pair_table") {
    origins_[std::string(name.substr(0, last))] = {"--set"};
  }
}

void Loader::CheckListen() {
  const auto listen = ParseListenAddress(settings_.server.listen);
  if (!listen || listen->loopback || settings_.server.insecure) return;
  AddProblem(OriginOf("server.listen"), "server.listen",
             ToToml(settings_.server.listen) +
                 " can be reached from other machines, and there is no TLS and there are no "
                 "credentials yet: listen on loopback behind a proxy that has both, or set "
                 "server.insecure = true");
}

void Loader::CheckMemory() {
  const ServerSettings& server = settings_.server;
  if (server.maximum_memory_bytes >= server.maximum_body_bytes) return;
  AddProblem(OriginOf("server.maximum_memory_bytes"), "server.maximum_memory_bytes",
             "is " + std::to_string(server.maximum_memory_bytes) +
                 ", less than one body of server.maximum_body_bytes = " +
                 std::to_string(server.maximum_body_bytes));
}

void Loader::CheckCampaigns() {
  std::vector<std::string> tables;
  for (const auto& table : settings_.learning.pair_tables) tables.push_back(table.name);
  for (const auto& campaign : settings_.learning.campaigns) {
    if (campaign.measure == core::Measure::kFactors &&
        campaign.recipe != core::RecipeKind::kSimilarItems) {
      AddProblem(OriginOf("campaign." + campaign.name), "campaign.measure",
                 "is factors, which only campaigns of the recipe similar-items can have");
    }
    if (std::find(tables.begin(), tables.end(), campaign.pair_table) != tables.end()) continue;
    AddProblem(
        OriginOf("campaign." + campaign.name), "campaign.pair_table",
        ToToml(campaign.pair_table) + " is not a pair_table; they are " + ChoicesText(tables));
  }
}

void Loader::CheckKafka() {
  if (settings_.log.kind != "kafka") return;
  const KafkaSettings& kafka = settings_.log.kafka;
  if (kafka.brokers.empty()) {
    AddProblem(OriginOf("log.kind"), "log.brokers", "is missing, log.kind = \"kafka\" needs it");
  }
  if (kafka.events_topics.empty()) {
    AddProblem(OriginOf("log.kind"), "log.events_topic",
               "is missing, log.kind = \"kafka\" needs it");
  }
  std::vector<std::pair<std::string, std::string>> topics = {
      {"log.items_topic", kafka.items_topic},
      {"log.users_topic", kafka.users_topic},
      {"log.dead_letter_topic", kafka.dead_letter_topic}};
  for (const std::string& topic : kafka.events_topics)
    topics.emplace_back("log.events_topic", topic);
  std::map<std::string, std::string> seen;
  for (const auto& [key, topic] : topics) {
    if (topic.empty() || seen.emplace(topic, key).second) continue;
    AddProblem(OriginOf(key), key, ToToml(topic) + " is named twice, the other is " + seen[topic]);
  }
}

core::Result<Settings> Loader::Finish() && {
  CheckListen();
  CheckMemory();
  CheckKafka();
  CheckCampaigns();
  if (problems_.empty()) return std::move(settings_);
  const auto order = [](const auto& problem) {
    return problem.first == 0 ? std::numeric_limits<std::uint32_t>::max() : problem.first;
  };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&](const auto& left, const auto& right) { return order(left) < order(right); });
  std::string message;
  for (const auto& [line, text] : problems_) {
    if (!message.empty()) message += '\n';
    message += text;
  }
  return core::InvalidArgument(std::move(message));
}

}  // namespace freshet::config
