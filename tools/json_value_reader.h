// JsonValueReader: the objects of a JSON array, or objects that follow each other over several
// lines, one at a time. Owned by its reader; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "core/result.h"
#include "tools/input_file.h"
#include "tools/line_reader.h"
#include "tools/text_window.h"

namespace freshet::tools {

class JsonValueReader {
 public:
  explicit JsonValueReader(std::unique_ptr<InputFile> file);

  // The next object with the line on which it begins, or null at the end. Whether it is good JSON
  // inside is its reader's to find out. kCorruption where no object stands: what is behind cannot
  // be told apart; else the errors of InputFile::Read.
  core::Result<const Line*> Next();

  [[nodiscard]] const InputFile& file() const { return window_.file(); }

 private:
  // Drops blanks, commas and the brackets of the array; false at the end.
  core::Result<bool> FindObject();
  // The bytes of the object that the window begins with.
  core::Result<std::size_t> ObjectEnd();
  core::Error Bad(std::string_view what) const;

  TextWindow window_;
  Line line_;
  std::uint64_t next_line_ = 1;
};

}  // namespace freshet::tools
