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

core::Result<config::Settings> SettingsFlags::Load() const {
  config::LoadInputs inputs;
  inputs.file = file_;
  inputs.environment = config::ProcessEnvironment();
  inputs.sets = sets_;
  return config::Load(inputs);
}

}  // namespace freshet::tools
