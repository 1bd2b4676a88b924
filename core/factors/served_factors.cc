#include "core/factors/served_factors.h"

#include <utility>
#include <vector>

#include "core/factors/workers.h"

namespace freshet::core {
namespace {

Dictionary RowsByName(const std::vector<std::string>& ids) {
  Dictionary rows;
  for (std::uint32_t row = 0; row < ids.size(); ++row) rows.Insert(ids[row], row);
  return rows;
}

FoldIn UserFoldIn(const FactorMatrix& items, const Objective& objective) {
  CallingThread alone;
  return {items, objective, objective.user_regularization, &alone};
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
                                                                 Generation generation) {
  FRESHET_RETURN_IF_ERROR(Check(generation.manifest));
  const std::size_t users = generation.users.rows();
  // Many megabytes that nobody asks any more, before as many are taken for the search.
  generation.users = {};
  generation.user_ids = {};
  return std::unique_ptr<const ServedFactors>(
      new ServedFactors(std::move(name), std::move(generation), users));
}

ServedFactors::ServedFactors(std::string name, Generation generation, std::size_t users)
    : name_(std::move(name)),
      manifest_(std::move(generation.manifest)),
      items_(std::move(generation.items)),
      users_(users),
      ids_(RowsByName(generation.item_ids)),
      fold_in_(UserFoldIn(items_, *manifest_.objective)),
      retrieval_(Retrieval::Build(items_.values(), items_.dimension())) {}

}  // namespace freshet::core
