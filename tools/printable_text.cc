#include "tools/printable_text.h"

#include <algorithm>

#include "core/validate.h"

namespace freshet::tools {
namespace {

bool IsControl(unsigned char c) { return c < 0x20 || c == 0x7f; }

// Bytes of the character that `text` begins with; 0 when it is not UTF-8.
std::size_t CharacterBytes(std::string_view text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t bytes = 1; bytes <= std::min(kLongest, text.size()); ++bytes) {
    if (core::IsUtf8(text.substr(0, bytes))) return bytes;
  }
  return 0;
}

// U+0080 to U+009F, which terminals obey as they do the control characters of ASCII.
bool IsWideControl(std::string_view character) {
  return character.size() == 2 && character[0] == '\xC2' &&
         static_cast<unsigned char>(character[1]) < 0xA0;
}

std::string Printable(std::string_view text, std::string_view kept) {
  std::string printable;
  printable.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bytes = std::max<std::size_t>(1, CharacterBytes(text));
    const std::string_view character = text.substr(0, bytes);
    const bool is_kept = kept.find(character) != std::string_view::npos;
    const bool is_bad = IsControl(static_cast<unsigned char>(character[0])) ||
                        IsWideControl(character) || !core::IsUtf8(character);
    printable += is_kept || !is_bad ? character : "?";
    text.remove_prefix(bytes);
  }
  return printable;
}

}  // namespace

std::string PrintableText(std::string_view text) { return Printable(text, "\n\t"); }

std::string PrintableName(std::string_view text) {
  constexpr std::size_t kShownBytes = 100;
  std::string name = Printable(text.substr(0, kShownBytes), "");
  return text.size() > kShownBytes ? name + "..." : name;
}

}  // namespace freshet::tools
