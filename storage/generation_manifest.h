// manifest.json of a generation: what its factors are, as text. docs/training.md has the format.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/factors/generation.h"
#include "core/result.h"

namespace freshet::storage {

struct ManifestFile {
  core::GenerationManifest manifest;
  std::size_t dimension = 0;
  std::size_t items = 0;
  std::optional<std::size_t> users;  // absent: the generation has no users
};

// Errors are kCorruption and name the member. A format newer than this version's is one, and so is
// a member that this version does not know.
core::Result<ManifestFile> ParseManifest(std::string_view text);

std::string ManifestText(const core::Generation& generation);

}  // namespace freshet::storage
