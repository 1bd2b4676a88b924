// freshet generations: what a folder of generations has, and which of them a daemon serves.
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/factors/served_factors.h"
#include "daemon/generation_json.h"
#include "daemon/json_writer.h"
#include "storage/generation_choice.h"
#include "storage/generation_folder.h"
#include "tools/command.h"

namespace freshet::tools {
namespace {

using storage::CurrentGeneration;
using storage::ListedGeneration;

struct Options {
  std::string folder;
  std::string name;
};

core::Result<std::vector<ListedGeneration>> ListAll(const Options& options) {
  auto all = storage::ListGenerations(options.folder);
  if (all && all->empty()) {
    return core::NotFound(options.folder + " has no sub-folder with a manifest.json");
  }
  return all;
}

std::string LineOf(const ListedGeneration& one, const CurrentGeneration& current) {
  std::string line;
  daemon::JsonWriter json(&line);
  json.BeginObject();
  json.Field("name", one.name);
  if (one.file) {
    const core::GenerationManifest& manifest = one.file->manifest;
    json.Field("createdMs", manifest.created_ms);
    json.Field("algorithm", manifest.algorithm);
    json.Field("dimension", one.file->dimension);
    json.Field("items", one.file->items);
    json.Field("users", one.file->users.value_or(0));
    if (manifest.comparison) daemon::WriteComparison(*manifest.comparison, &json);
  } else {
    json.Field("error", one.file.error().message);
  }
  const std::string reason = one.file ? storage::WhyNotServed(one) : std::string();
  if (!reason.empty()) json.Field("refusedBecause", reason);
  if (one.name == current.name) json.Field("current", true);
  if (one.name == current.former) json.Field("former", true);
  json.EndObject();
  return line;
}

core::Status List(const Options& options) {
  const auto all = ListAll(options);
  if (!all) return all.error();
  const auto current = storage::CurrentOrNewest(options.folder, *all);
  if (!current) return current.error();
  for (const ListedGeneration& one : *all) std::cout << LineOf(one, *current) << '\n';
  return std::cout ? core::Status() : core::Status(core::IoError("standard output is closed"));
}

// Makes `next` the current generation if a daemon can serve it.
core::Status Change(const Options& options, const CurrentGeneration& next) {
  FRESHET_RETURN_IF_ERROR(storage::CheckGenerationName(next.name));
  const std::string path = options.folder + "/" + next.name;
  const auto generation = storage::ReadGeneration(path);
  if (!generation) return generation.error();
  const core::Status usable = core::ServedFactors::Check(generation->manifest);
  if (!usable.ok()) return usable.error().With(path);
  FRESHET_RETURN_IF_ERROR(storage::WriteCurrent(options.folder, next));
  std::cerr << next.name << " is the current generation";
  if (!next.former.empty()) std::cerr << "; before, it was " << next.former;
  std::cerr << '\n';
  return {};
}

core::Result<CurrentGeneration> CurrentOf(const Options& options) {
  const auto all = ListAll(options);
  if (!all) return all.error();
  return storage::CurrentOrNewest(options.folder, *all);
}

core::Status Promote(const Options& options) {
  const auto current = CurrentOf(options);
  if (!current) return current.error();
  const bool is_already = current->name == options.name;
  return Change(options, {options.name, is_already ? current->former : current->name});
}

core::Status RollBack(const Options& options) {
  const auto current = CurrentOf(options);
  if (!current) return current.error();
  if (current->former.empty()) {
    return core::NotFound(options.folder + ": there is no generation before " + current->name);
  }
  return Change(options, {current->former, current->name});
}

using Action = core::Status (*)(const Options& options);

CLI::App* AddAction(CLI::App* command, const std::string& name, const std::string& help,
                    Action action, const std::shared_ptr<Options>& options, Run* run) {
  CLI::App* added = command->add_subcommand(name, help);
  added->add_option("--folder", options->folder, "the folder that has the generations")->required();
  added->callback([run, action, options] { *run = [=] { return action(*options); }; });
  return added;
}

}  // namespace

void AddGenerationsCommand(CLI::App* app, Run* run) {
  CLI::App* command = app->add_subcommand(
      "generations", "the generations of factors in a folder, and which of them is served");
  command->require_subcommand(1);
  const auto options = std::make_shared<Options>();
  AddAction(command, "list", "prints them, one JSON object a line", List, options, run);
  AddAction(command, "promote", "checks one and makes it the current one", Promote, options, run)
      ->add_option("name", options->name, "its sub-folder")
      ->required();
  AddAction(command, "rollback", "makes the one before the current one again", RollBack, options,
            run);
}

}  // namespace freshet::tools
