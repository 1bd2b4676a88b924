#include "core/factors/served_factors.h"

#include <utility>
#include <vector>

namespace freshet::core {
namespace {

Dictionary RowsByName(const std::vector<std::string>& ids) {
  Dictionary rows;
  for (std::uint32_t row = 0; row < ids.size(); ++row) rows.Insert(ids[row], row);
  return rows;
}

}  // namespace

Status ServedFactors::Check(const GenerationManifest& manifest) {
  if (!manifest.objective) {
    return InvalidArgument(
        "manifest.json has no objective: users cannot be folded into these factors");
  }
  if (manifest.objective->feedback == FeedbackKind::kExplicit) {
    return InvalidArgument(
        "its objective is explicit: it foretells ratings, not what is chosen next; train with "
        "implicit feedback");
  }
  if (!(manifest.objective->user_regularization.lambda > 0)) {
    return InvalidArgument(
        "objective.user_regularization.lambda is 0: a user of few items cannot be folded in");
  }
  return {};
}

Result<std::unique_ptr<const ServedFactors>> ServedFactors::Make(std::string name,
                                                                 Generation generation,
                                                                 Workers* workers) {
  FRESHET_RETURN_IF_ERROR(Check(generation.manifest));
  const std::size_t users = generation.users.rows();
  // Many megabytes that nobody asks any more, before as many are taken for the search.
  generation.users = {};
  generation.user_ids = {};
  CallingThread alone;
  return std::unique_ptr<const ServedFactors>(new ServedFactors(
      std::move(name), std::move(generation), users, workers == nullptr ? &alone : workers));
}

ServedFactors::ServedFactors(std::string name, Generation generation, std::size_t users,
                             Workers* workers)
    : name_(std::move(name)),
      manifest_(std::move(generation.manifest)),
      items_(std::move(generation.items)),
      users_(users),
      ids_(RowsByName(generation.item_ids)),
      fold_in_(items_, *manifest_.objective, manifest_.objective->user_regularization, workers),
      retrieval_(Retrieval::Build(items_.values(), items_.dimension(), workers)) {}

}  // namespace freshet::core
