// TableFormat: how the tables of an import are written, as far as it is not Personalize's CSV.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace freshet::tools {

struct TableFormat {
  // Between fields; one byte or more.
  std::string delimiter = ",";
  // The names of the columns, for files whose first line is a row; empty: the first line names
  // them.
  std::vector<std::string> columns;
  // What a column is called in the file, and what it is taken as.
  std::vector<std::pair<std::string, std::string>> renames;
};

}  // namespace freshet::tools
