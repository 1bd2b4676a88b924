// Whether an item carries a category value.
#pragma once

#include <algorithm>
#include <span>

#include "core/catalog.h"
#include "core/ids.h"

namespace freshet::core {

// True of every item for kNoCategory.
inline bool IsInCategory(const Catalog& catalog, ItemId item, CategoryId category) {
  if (category == kNoCategory) return true;
  const std::span<const CategoryId> own = catalog.Categories(item);
  return std::find(own.begin(), own.end(), category) != own.end();
}

}  // namespace freshet::core
