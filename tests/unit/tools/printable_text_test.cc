#include "tools/printable_text.h"

#include <string>

#include <gtest/gtest.h>

namespace freshet::tools {
namespace {

TEST(PrintableText, ControlBytesNeverReachTheTerminal) {
  EXPECT_EQ(PrintableText("a\x1b[31mb\x7f\x01\r"), "a?[31mb???");
  EXPECT_EQ(PrintableText("a\xC2\x9B"
                          "31m"),
            "a?31m");
  EXPECT_EQ(PrintableText("a\xFF\xC3"), "a??");
}

TEST(PrintableText, LettersAndLineEndsStay) {
  EXPECT_EQ(PrintableText("J\xC3\xBCrg\t\xE6\x97\xA5\n"), "J\xC3\xBCrg\t\xE6\x97\xA5\n");
}

TEST(PrintableText, ANameHasNoLineEndsAndAnEnd) {
  EXPECT_EQ(PrintableName("a\nb"), "a?b");
  EXPECT_EQ(PrintableName(std::string(1000, 'x')), std::string(100, 'x') + "...");
}

}  // namespace
}  // namespace freshet::tools
