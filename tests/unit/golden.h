// Golden files: lines of a name, a space and bytes in hexadecimal, as a past version wrote them.
// They are never rewritten; a new format version gets a file of its own.
#pragma once

#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace freshet {

inline std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    hex += kDigits[byte >> 4];
    hex += kDigits[byte & 15];
  }
  return hex;
}

inline std::string FromHex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// The file's values by name; empty when it cannot be read.
inline std::map<std::string, std::string> ReadGolden(const std::string& file) {
  std::ifstream in(std::string(FRESHET_GOLDEN_DIR) + "/" + file);
  std::map<std::string, std::string> values;
  std::string name;
  std::string hex;
  while (in >> name >> hex) values[name] = FromHex(hex);
  return values;
}

}  // namespace freshet
