#include "core/closest.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace freshet::core {
namespace {

std::size_t EditDistance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t replaced = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view ClosestName(std::string_view typed, std::span<const std::string> names) {
  // A name this long is no slip of a key's, and the distance costs the product of the lengths.
  if (typed.size() > 200) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(1, typed.size() / 3) + 1;
  for (const std::string& name : names) {
    const std::size_t distance = EditDistance(typed, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string DidYouMean(std::string_view typed, std::span<const std::string> names) {
  const std::string_view name = ClosestName(typed, names);
  if (name.empty()) return {};
  return "; did you mean " + std::string(name) + "?";
}

}  // namespace freshet::core
