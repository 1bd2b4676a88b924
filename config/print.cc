#include "config/print.h"

#include <algorithm>

#include "config/schema.h"

namespace freshet::config {
namespace {

constexpr std::size_t kColumns = 100;

// `text` as comment lines.
std::string Commented(std::string_view text) {
  std::string out;
  std::size_t line = std::string::npos;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (line == std::string::npos || line + 1 + word.size() > kColumns) {
      out += out.empty() ? "#" : "\n#";
      line = 1;
    }
    out += ' ';
    out += word;
    line += 1 + word.size();
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return out + "\n";
}

std::string_view SectionOf(std::string_view key) {
  const auto dot = key.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}

std::string_view LastPart(std::string_view key) { return key.substr(key.rfind('.') + 1); }

// A key as TOML writes it: bare where it can be.
std::string TomlKey(const std::string& name) {
  const bool bare = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
  return bare ? name : ToToml(name);
}

template <typename Owner>
std::string Described(const Key<Owner>& key, const Owner& defaults) {
  const std::string value = ToToml(key.read(defaults));
  return Commented(key.help + " Allowed: " + key.allowed + ". Default: " + value + ".");
}

void PrintSection(const std::string& section, const Settings& settings, std::string* out) {
  const Settings defaults;
  for (const Key<Settings>& key : SettingsKeys()) {
    if (SectionOf(key.name) != section) continue;
    *out += Described(key, defaults);
    *out += std::string(LastPart(key.name)) + " = " + ToToml(key.read(settings)) + "\n";
  }
  if (section == kLibrdkafka) {
    for (const auto& [property, value] : settings.log.kafka.librdkafka) {
      *out += IsSecretProperty(property) ? "# " + TomlKey(property) + " is set, and not shown\n"
                                         : TomlKey(property) + " = " + ToToml(value) + "\n";
    }
  }
  const core::EventWeights& weights = settings.learning.event_weights;
  if (section == kEventWeights) {
    for (const auto& [type, weight] : weights.by_type) {
      *out += TomlKey(type) + " = " + std::to_string(weight) + "\n";
    }
  } else if (section == kEventValueThresholds) {
    for (const auto& [type, threshold] : weights.value_thresholds) {
      *out += TomlKey(type) + " = " + ToToml(Value(threshold)) + "\n";
    }
  }
}

// The first table carries the comments for all.
template <typename Owner>
void PrintTables(const Section& section, const std::vector<Key<Owner>>& keys,
                 const std::vector<Owner>& tables, std::string* out) {
  *out += "\n" + Commented(section.help);
  bool first = true;
  for (const Owner& table : tables) {
    *out += (first ? "[[" : "\n[[") + section.name + "]]\n";
    for (const Key<Owner>& key : keys) {
      // A name has no default, and a table's own is as good an example as any.
      if (first) *out += Described(key, key.name == "name" ? table : Owner{});
      *out += key.name + " = " + ToToml(key.read(table)) + "\n";
    }
    first = false;
  }
}

template <typename Owner>
bool ChangedTables(const std::vector<Key<Owner>>& keys, const std::vector<Owner>& tables,
                   const std::vector<Owner>& defaults) {
  return !std::equal(tables.begin(), tables.end(), defaults.begin(), defaults.end(),
                     [&](const Owner& table, const Owner& initial) {
                       return std::all_of(keys.begin(), keys.end(), [&](const Key<Owner>& key) {
                         return ToToml(key.read(table)) == ToToml(key.read(initial));
                       });
                     });
}

std::string InMarkdown(std::string text) {
  for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

template <typename Owner>
std::string MarkdownRow(const Key<Owner>& key, const std::string& initial) {
  return "| `" + key.name + "` | " + InMarkdown(key.allowed) + " | " + initial + " | " +
         InMarkdown(key.help) + " |\n";
}

const std::string& MarkdownHead() {
  static const std::string head = "\n\n| key | allowed | default | |\n|---|---|---|---|\n";
  return head;
}

std::string MarkdownSection(std::string_view section) {
  const auto at = std::find_if(Sections().begin(), Sections().end(),
                               [&](const Section& each) { return each.name == section; });
  return "\n### `[" + at->name + "]`\n\n" + at->help;
}

template <typename Owner>
std::string MarkdownTables(const Section& section, const std::vector<Key<Owner>>& keys) {
  std::string out = "\n### `[[" + section.name + "]]`\n\n" + section.help + MarkdownHead();
  for (const Key<Owner>& key : keys) {
    out += MarkdownRow(key, key.name == "name" ? "" : "`" + ToToml(key.read(Owner{})) + "`");
  }
  return out;
}

}  // namespace

std::string PrintConfig(const Settings& settings) {
  std::string out =
      "# Freshet's configuration. Every key is here; the value is the one in force. A variable\n"
      "# FRESHET_SECTION_KEY goes before this file, a flag --set section.key=value before "
      "both.\n\n";
  PrintSection("", settings, &out);
  for (const Section& section : Sections()) {
    out += "\n" + Commented(section.help) + "[" + section.name + "]\n";
    PrintSection(section.name, settings, &out);
  }
  PrintTables(PairTableSection(), PairTableKeys(), settings.learning.pair_tables, &out);
  PrintTables(CampaignSection(), CampaignKeys(), settings.learning.campaigns, &out);
  return out;
}

std::string PrintChanges(const Settings& settings) {
  const Settings defaults;
  std::string changes;
  const auto add = [&changes](const std::string& change) {
    changes += (changes.empty() ? "" : ", ") + change;
  };
  for (const Key<Settings>& key : SettingsKeys()) {
    const std::string value = ToToml(key.read(settings));
    if (value != ToToml(key.read(defaults))) add(key.name + " = " + value);
  }
  for (const auto& [property, value] : settings.log.kafka.librdkafka) {
    add(std::string(kLibrdkafka) + "." + property + " = " +
        (IsSecretProperty(property) ? "(not shown)" : ToToml(value)));
  }
  const auto& weights = settings.learning.event_weights.by_type;
  if (weights != defaults.learning.event_weights.by_type) {
    for (const auto& [type, weight] : weights) {
      add(std::string(kEventWeights) + "." + TomlKey(type) + " = " + std::to_string(weight));
    }
  }
  for (const auto& [type, threshold] : settings.learning.event_weights.value_thresholds) {
    add(std::string(kEventValueThresholds) + "." + TomlKey(type) + " = " +
        ToToml(Value(threshold)));
  }
  if (ChangedTables(PairTableKeys(), settings.learning.pair_tables,
                    defaults.learning.pair_tables)) {
    add("[[" + PairTableSection().name + "]] given");
  }
  if (ChangedTables(CampaignKeys(), settings.learning.campaigns, defaults.learning.campaigns)) {
    add("[[" + CampaignSection().name + "]] given");
  }
  return changes;
}

std::string DescribeKeys() {
  const Settings defaults;
  std::string out = "### Top level" + MarkdownHead();
  std::string section;
  for (const Key<Settings>& key : SettingsKeys()) {
    if (SectionOf(key.name) != section) {
      if (section == "log") out += MarkdownSection(kLibrdkafka) + "\n";
      section = std::string(SectionOf(key.name));
      out += MarkdownSection(section) + MarkdownHead();
    }
    out += MarkdownRow(key, "`" + ToToml(key.read(defaults)) + "`");
  }
  for (const auto& [type, weight] : defaults.learning.event_weights.by_type) {
    out += MarkdownRow(EventWeightKey(type), "`" + std::to_string(weight) + "`");
  }
  out += MarkdownSection(kEventValueThresholds) + "\n";
  return out + MarkdownTables(PairTableSection(), PairTableKeys()) +
         MarkdownTables(CampaignSection(), CampaignKeys());
}

}  // namespace freshet::config
