#include "core/memory_estimate.h"

#include <algorithm>

#include "core/cooccurrence.h"
#include "core/history.h"
#include "core/pair_row.h"
#include "core/top_list.h"

namespace freshet::core {
namespace {

// The object, its name, its place among the longest idle and its cells in other structures.
constexpr std::uint64_t kUserBytes = 250;
constexpr std::uint64_t kSessionBytes = 200;
constexpr std::uint64_t kItemBytes = 350;
constexpr std::uint64_t kEventIdBytes = 48;
constexpr std::uint64_t kCategoryBytes = 200;

std::uint64_t BasketBytes(const Settings& settings, BasketScope scope) {
  std::uint64_t bytes = 0;
  for (const PairTableSettings& table : settings.pair_tables) {
    if (table.scope != scope) continue;
    bytes += sizeof(Cooccurrence::BasketItem) * table.maximum_basket_items;
  }
  return bytes;
}

std::uint64_t ItemBytes(const Settings& settings) {
  std::uint64_t bytes = kItemBytes + sizeof(std::uint32_t) * settings.maximum_terms_per_item +
                        sizeof(std::uint32_t) * settings.maximum_postings +
                        PairRow::BytesOf(settings.maximum_successors);
  for (const PairTableSettings& table : settings.pair_tables) {
    bytes += PairRow::BytesOf(table.maximum_neighbours);
  }
  return bytes;
}

}  // namespace

std::vector<MemoryNeed> MemoryAtCaps(const Settings& settings) {
  std::vector<MemoryNeed> needs = {
      {"learning.maximum_users", settings.maximum_users,
       kUserBytes + sizeof(History::Entry) * settings.maximum_history_items +
           BasketBytes(settings, BasketScope::kUser)},
      {"learning.maximum_sessions", settings.maximum_sessions,
       kSessionBytes + sizeof(ItemId) * settings.maximum_session_items +
           BasketBytes(settings, BasketScope::kSession)},
      {"learning.maximum_items", settings.maximum_items, ItemBytes(settings)},
      {"learning.maximum_event_ids", settings.maximum_event_ids, kEventIdBytes},
      {"learning.maximum_categories", settings.maximum_categories,
       kCategoryBytes + 2 * sizeof(TopList::Entry) * settings.popular_items_per_category}};
  std::sort(needs.begin(), needs.end(),
            [](const MemoryNeed& a, const MemoryNeed& b) { return a.bytes() > b.bytes(); });
  return needs;
}

}  // namespace freshet::core
