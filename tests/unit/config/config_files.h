// What the tests of config share: configuration files in a folder that goes away with the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include "config/load.h"

namespace freshet::config {

class ConfigFiles : public testing::Test {
 protected:
  ConfigFiles() {
    std::string name = std::filesystem::temp_directory_path() / "freshet-config-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::abort();
    folder_ = name;
  }
  ~ConfigFiles() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string PathOf(const std::string& name) const { return folder_ / name; }

  std::string Write(std::string_view text) {
    const std::string path = PathOf("freshet.toml");
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

  core::Result<Settings> LoadText(std::string_view text) { return Load({.file = Write(text)}); }

  // The problems of a file, with "freshet.toml" for its path; empty when it loads.
  std::string ProblemsOf(std::string_view text) { return Problems({.file = Write(text)}); }
  std::string Problems(const LoadInputs& inputs) {
    const auto settings = Load(inputs);
    if (settings) return {};
    std::string message = settings.error().message;
    const std::string path = folder_.string() + "/";
    for (auto at = message.find(path); at != std::string::npos; at = message.find(path)) {
      message.erase(at, path.size());
    }
    return message;
  }

 private:
  std::filesystem::path folder_;
};

}  // namespace freshet::config
