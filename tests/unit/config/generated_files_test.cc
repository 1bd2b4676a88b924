// The files of the repository that are written from the schema. After a change of a key, run this
// test with UPDATE_GENERATED=1 in the environment to write them anew.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "config/print.h"

namespace freshet::config {
namespace {

constexpr std::string_view kBegin = "<!-- keys: written by config_test -->\n";
constexpr std::string_view kEnd = "<!-- end of keys -->\n";

std::string PathOf(const std::string& name) { return std::string(FRESHET_SOURCE_DIR "/") + name; }

std::string Read(const std::string& name) {
  std::ifstream file(PathOf(name), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool Updating() { return std::getenv("UPDATE_GENERATED") != nullptr; }

void ExpectFile(const std::string& name, const std::string& text) {
  if (Updating()) std::ofstream(PathOf(name), std::ios::binary) << text;
  EXPECT_EQ(Read(name), text) << name << ": run config_test with UPDATE_GENERATED=1";
}

TEST(GeneratedFiles, DefaultFileIsWhatTheCodeSays) {
  ExpectFile("packaging/freshet.toml", PrintConfig(Settings{}));
}

TEST(GeneratedFiles, DocumentationNamesEveryKey) {
  const std::string name = "docs/configuration.md";
  std::string page = Read(name);
  const auto begin = page.find(kBegin);
  const auto end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto from = begin + kBegin.size();
  ExpectFile(name, page.replace(from, end - from, DescribeKeys()));
}

}  // namespace
}  // namespace freshet::config
