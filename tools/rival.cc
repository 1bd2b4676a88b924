#include "tools/rival.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/factors/fold_in.h"
#include "core/factors/inner_product.h"
#include "core/factors/served_factors.h"
#include "storage/generation_folder.h"

namespace freshet::tools {
namespace {

using core::FactorMatrix;

// For each of `ids` its row in `known`, or a number beyond.
std::vector<std::size_t> RowsOf(const std::vector<std::string>& ids,
                                const std::vector<std::string>& known) {
  std::unordered_map<std::string_view, std::size_t> rows;
  for (std::size_t row = 0; row < known.size(); ++row) rows.emplace(known[row], row);
  std::vector<std::size_t> found;
  for (const std::string& id : ids) {
    const auto at = rows.find(id);
    found.push_back(at == rows.end() ? known.size() : at->second);
  }
  return found;
}

FactorMatrix Zeros(std::size_t rows, std::size_t dimension) {
  FactorMatrix zeros(rows, dimension);
  std::ranges::fill(zeros.values(), 0.0F);
  return zeros;
}

}  // namespace

core::Result<Rival> Rival::Read(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  auto generation = storage::ReadGeneration(folder);
  if (!generation) return generation.error();
  const core::Status usable = core::ServedFactors::Check(generation->manifest);
  if (!usable.ok()) return usable.error().With(folder);
  auto trained = TrainedPairs::Read(folder);
  if (!trained) return trained.error();
  // Users are folded in.
  generation->users = {};
  generation->user_ids = {};
  return Rival(std::filesystem::path(folder).filename().string(), std::move(*generation),
               std::move(*trained));
}

void Rival::KeepUnseen(const TrainingSet& set, TimeSplit* split) const {
  std::erase_if(split->held_out, [&](const TrainingPair& pair) {
    const std::string& user = set.user_ids[pair.user];
    if (!user.empty() && !trained_.Has(user, set.item_ids[pair.item])) return false;
    split->train.push_back(pair);
    return true;
  });
}

std::map<std::string, double> Rival::Measure(const TrainingSet& set, const TimeSplit& split,
                                             core::Workers* workers) const {
  const FactorMatrix& known = generation_.items;
  const core::Objective& objective = *generation_.manifest.objective;
  const std::vector<std::size_t> rows = RowsOf(set.item_ids, generation_.item_ids);
  FactorMatrix items = Zeros(rows.size(), known.dimension());
  for (std::size_t item = 0; item < rows.size(); ++item) {
    if (rows[item] < known.rows())
      std::ranges::copy(known.Row(rows[item]), items.Row(item).begin());
  }
  std::vector<TrainingPair> foldable = split.train;
  std::erase_if(foldable,
                [&](const TrainingPair& pair) { return rows[pair.item] == known.rows(); });
  const core::Interactions history = InteractionsOf(set, foldable, objective.recency);
  const core::Interactions held_out = InteractionsOf(set, split.held_out);
  const core::FoldIn fold_in(known, objective, objective.user_regularization, workers);
  std::vector<core::FoldInScratch> scratch(workers->count(),
                                           core::FoldInScratch(known.dimension()));
  FactorMatrix users = Zeros(set.user_ids.size(), known.dimension());
  workers->Run(users.rows(), [&](std::size_t worker, std::size_t user) {
    if (held_out.Row(user).empty()) return;
    std::vector<core::FoldInPair> pairs;
    for (const core::Interactions::Entry& pair : history.Row(user)) {
      pairs.push_back({items.Row(pair.column).data(), pair.strength});
    }
    const std::span<float> folded = users.Row(user);
    fold_in.Solve(pairs, &scratch[worker], folded);
    // Factors of wild sizes can be beyond what float32 solves; a daemon then has no answer by them.
    if (!std::isfinite(core::InnerProduct(folded, folded))) std::ranges::fill(folded, 0.0F);
  });
  return MeasureRanking(InteractionsOf(set, split.train), held_out, users, items, workers);
}

}  // namespace freshet::tools
