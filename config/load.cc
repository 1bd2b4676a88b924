#include "config/load.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <unistd.h>

#include "config/loader.h"

namespace freshet::config {
namespace {

core::Result<std::string> ReadFile(const std::string& path) {
  const auto failed = [&path](int error) {
    const auto code = error == ENOENT ? core::ErrorCode::kNotFound : core::ErrorCode::kIo;
    return core::Error{code, path + ": cannot be read: " + std::generic_category().message(error)};
  };
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (file == nullptr) return failed(errno);
  std::string text;
  std::array<char, 4096> block{};
  while (const std::size_t read = std::fread(block.data(), 1, block.size(), file.get())) {
    text.append(block.data(), read);
  }
  if (std::ferror(file.get()) != 0) return failed(errno);
  return text;
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
