// AnswerItem: one item of an answer, and why it is there.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "core/ids.h"
#include "core/recipes/candidates.h"

namespace freshet::core {

// Why an item is in the answer, in Personalize's words where it has them.
enum class Reason : std::uint8_t {
  kNone,      // the recipe's own choice
  kPopular,   // it fills up a short answer
  kExplored,  // it is new, and few have seen it
};
// "Popular item", "Exploration", or empty for kNone.
std::string_view ReasonText(Reason reason);

struct AnswerItem {
  ItemId item;               // invalid for a ranked id that the catalogue does not know
  std::string_view unknown;  // that id; a view into Query::rank
  // A share of 1 when the recipe shows scores, else the recipe's own figure; 0 for what fills up.
  double score = 0;
  bool has_score = false;  // the score is part of the answer; else it only explains
  Reason reason = Reason::kNone;
  ItemId because;  // the user's item that argued most, if any
  std::array<float, kFeatureCount> features{};
};

}  // namespace freshet::core
