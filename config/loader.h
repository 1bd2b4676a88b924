// Loader: settings being gathered from their sources, and every problem met on the way.
//
// Lives for one Load(). Apply the sources in their order, the weakest first, then Finish().
// Single-threaded; touches no file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/key.h"
#include "config/settings.h"
#include "config/toml_file.h"
#include "core/result.h"

namespace freshet::config {

// Where a problem is, or where a key was set: a line of a file, a variable or a flag.
struct Place {
  std::string source;
  std::uint32_t line = 0;  // 0: not a file
};

class Loader {
 public:
  // `source` names the file in messages.
  void ApplyFile(std::string_view text, const std::string& source);
  void ApplyEnvironment(std::vector<std::pair<std::string, std::string>> variables);
  void ApplyFlag(std::string_view assignment);  // of --set: "section.key=value"
  void ApplyFlag(const std::string& flag, std::string_view key, std::string_view text);

  // Checks what concerns several keys together, then hands out the settings or all problems.
  core::Result<Settings> Finish() &&;

 private:
  void AddProblem(const Place& place, std::string_view key, std::string_view what);
  // Reports the sections that do not exist and returns their names: their keys need no more words.
  std::vector<std::string> CheckSections(const std::vector<FileSection>& sections,
                                         const std::string& source);
  void Apply(const Place& place, const Key<Settings>& key, const Value& value);
  void ApplyVariable(const std::string& name, const std::string& text);
  void ApplyTable(const FileTable& table, const std::string& source);
  template <typename Owner>
  void ApplyTableKeys(const FileTable& table, const std::vector<Key<Owner>>& keys,
                      const std::string& source, std::vector<Owner>* owners);
  template <typename Owner>
  void ApplyTableFlag(std::string_view name, std::string_view text,
                      const std::vector<Key<Owner>>& keys, std::vector<Owner>* owners);
  void CheckListen();
  void CheckMemory();
  void CheckKafka();
  void CheckCampaigns();
  [[nodiscard]] Place OriginOf(const std::string& name) const;

  Settings settings_;
  std::vector<std::pair<std::uint32_t, std::string>> problems_;  // with the line, for their order
  // Where a key, or "campaign.NAME", was last set: for problems found at the end.
  std::map<std::string, Place> origins_;
};

}  // namespace freshet::config
