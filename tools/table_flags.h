// --delimiter, --columns and --rename for the commands that read files of events.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/result.h"
#include "tools/table_format.h"

namespace freshet::tools {

class TableFlags {
 public:
  // Adds the flags. `this` outlives the command's parsing.
  void AddTo(CLI::App* command);

  // kInvalidArgument names the flag that is wrong.
  [[nodiscard]] core::Result<TableFormat> Format() const;
  [[nodiscard]] bool has_columns() const { return !columns_.empty(); }

 private:
  std::string delimiter_ = ",";
  std::string columns_;
  std::vector<std::string> renames_;
};

}  // namespace freshet::tools
