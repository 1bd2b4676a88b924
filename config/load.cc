#include "config/load.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include <unistd.h>

#include "config/loader.h"

namespace freshet::config {
namespace {

core::Result<std::string> ReadFile(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  if (file) text.assign(std::istreambuf_iterator<char>(file), {});
  if (file && !file.bad()) return text;
  const int error = errno == 0 ? EIO : errno;
  const auto code = error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kIo;
  return core::Error{code, path + ": cannot be read: " + std::generic_category().message(error)};
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ProcessEnvironment() {
  std::vector<std::pair<std::string, std::string>> out;
  for (char** each = environ; each != nullptr && *each != nullptr; ++each) {
    const std::string_view variable = *each;
    const auto equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    out.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return out;
}

core::Result<Settings> Load(const LoadInputs& inputs) {
  Loader loader;
  if (!inputs.file.empty()) {
    const auto text = ReadFile(inputs.file);
    if (!text) return text.error();
    loader.ApplyFile(*text, inputs.file);
  }
  loader.ApplyEnvironment(inputs.environment);
  for (const std::string& set : inputs.sets) loader.ApplyFlag(set);
  if (inputs.data) loader.ApplyFlag("--data", "data", *inputs.data);
  if (inputs.listen) loader.ApplyFlag("--listen", "server.listen", *inputs.listen);
  return std::move(loader).Finish();
}

}  // namespace freshet::config
