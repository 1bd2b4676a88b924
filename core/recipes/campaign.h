// Campaign: a named recipe with its parameters: what a client asks for.
#pragma once

#include <memory>

#include "core/campaign_settings.h"
#include "core/recipes/recipe.h"

namespace freshet::core {

// Immutable after construction; shared by all threads.
class Campaign {
 public:
  // REQUIRES: settings.pair_table names a table of the state it is used with (checked by config).
  // Without it a recipe that needs pairs answers with what is popular.
  explicit Campaign(CampaignSettings settings);

  [[nodiscard]] const CampaignSettings& settings() const { return settings_; }
  [[nodiscard]] const Recipe& recipe() const { return *recipe_; }

 private:
  CampaignSettings settings_;
  std::unique_ptr<const Recipe> recipe_;
};

}  // namespace freshet::core
