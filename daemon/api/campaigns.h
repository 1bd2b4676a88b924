// Campaigns: the campaigns a client may ask for, by name.
//
// Built once at start from the settings, then immutable; shared by all threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/recipes/campaign.h"

namespace freshet::daemon::api {

class Campaigns {
 public:
  struct Entry {
    core::Campaign campaign;
    std::size_t index;  // counts from 0 over all(): what metrics call it by
  };

  explicit Campaigns(const std::vector<core::CampaignSettings>& settings);

  // By plain name, or by an ARN whose last segment is the name; null when there is none.
  [[nodiscard]] const Entry* Find(std::string_view name_or_arn) const;
  // The campaign named as the recipe, else the first one with it, else one of default settings.
  [[nodiscard]] const Entry& Default(core::RecipeKind recipe) const;
  // Those that clients may name, in the order of the settings; then those that only Default knows.
  [[nodiscard]] const std::vector<Entry>& all() const { return entries_; }
  [[nodiscard]] std::size_t named_count() const { return named_count_; }

 private:
  std::vector<Entry> entries_;
  std::size_t named_count_ = 0;
};

// "arn:aws:personalize:eu-west-1:1:campaign/shop" -> "shop"; a text without '/' or ':' is itself.
std::string_view LastSegment(std::string_view arn);

}  // namespace freshet::daemon::api
