#include "tools/settings_flags.h"

#include "config/load.h"

namespace freshet::tools {

void SettingsFlags::AddTo(CLI::App* command) {
  command->add_option("--config", file_, "TOML settings, the same as freshetd's")
      ->type_name("FILE");
  command->add_option("--set", sets_, "one setting, as for freshetd; may come several times")
      ->type_name("SECTION.KEY=VALUE")
      ->allow_extra_args(false);
}

core::Result<config::Settings> SettingsFlags::Load(const std::vector<std::string>& sets) const {
  config::LoadInputs inputs;
  inputs.file = file_;
  inputs.environment = config::ProcessEnvironment();
  inputs.sets = sets_;
  inputs.sets.insert(inputs.sets.end(), sets.begin(), sets.end());
  return config::Load(inputs);
}

core::Result<core::Settings> LearningFor(const config::Settings& settings,
                                         const std::string& campaign, bool has_factors) {
  core::Settings learning = settings.learning;
  std::erase_if(learning.campaigns,
                [&](const core::CampaignSettings& one) { return one.name != campaign; });
  if (learning.campaigns.empty()) return core::NotFound("there is no campaign " + campaign);
  if (!has_factors && learning.campaigns.front().recipe == core::RecipeKind::kFactors) {
    return core::InvalidArgument("the campaign " + campaign +
                                 " answers by a generation of factors, and there is none here; "
                                 "freshet evaluate takes --generation");
  }
  return learning;
}

}  // namespace freshet::tools
