#include "core/recipes/answer_item.h"

namespace freshet::core {

std::string_view ReasonText(Reason reason) {
  switch (reason) {
    case Reason::kPopular:
      return "Popular item";
    case Reason::kExplored:
      return "Exploration";
    case Reason::kNone:
      break;
  }
  return {};
}

}  // namespace freshet::core
