#include "daemon/json_writer.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace freshet::daemon {
namespace {

TEST(JsonWriter, PlacesCommas) {
  std::string out;
  JsonWriter writer(&out);
  writer.BeginObject();
  writer.Field("a", 1);
  writer.Key("b");
  writer.BeginArray();
  writer.BeginObject();
  writer.EndObject();
  writer.String("x");
  writer.BeginArray();
  writer.EndArray();
  writer.EndArray();
  writer.Field("c", true);
  writer.Key("d");
  writer.Null();
  writer.EndObject();
  EXPECT_EQ(out, R"({"a":1,"b":[{},"x",[]],"c":true,"d":null})");
}

TEST(JsonWriter, EscapedNamesAndTextHaveTheirCommas) {
  std::string out;
  JsonWriter writer(&out);
  writer.BeginObject();
  writer.Field("a\"", "b\n");
  writer.Field("c\\", "d");
  writer.Key("e");
  writer.BeginArray();
  writer.String("f");
  writer.String("\t");
  writer.Score(0.5);
  writer.Score(0.25);
  writer.EndArray();
  writer.EndObject();
  EXPECT_EQ(out, R"({"a\"":"b\n","c\\":"d","e":["f","\t",0.5000000,0.2500000]})");
}

TEST(JsonWriter, EscapesWhatJsonForbidsInText) {
  std::string out;
  JsonWriter(&out).String("\"\\\n\r\t\x01\x1f/\xC3\xA9");
  EXPECT_EQ(out, "\"\\\"\\\\\\n\\r\\t\\u0001\\u001f/\xC3\xA9\"");
}

std::string Score(double value) {
  std::string out;
  JsonWriter(&out).Score(value);
  return out;
}

TEST(JsonWriter, WritesScoresWithSevenDecimals) {
  EXPECT_EQ(Score(0.0114603), "0.0114603");
  EXPECT_EQ(Score(1.0), "1.0000000");
  EXPECT_EQ(Score(0.99999999), "1.0000000");
  EXPECT_EQ(Score(123.5), "123.5000000");
}

TEST(JsonWriter, KeepsTheOrderOfTinyScores) {
  EXPECT_EQ(Score(1.25e-9), "1.25e-09");
  EXPECT_EQ(Score(0), "0");
  EXPECT_EQ(Score(-0.5), "-0.5");
  EXPECT_EQ(Score(std::numeric_limits<double>::quiet_NaN()), "null");
}

TEST(JsonWriter, WholeNumbersHaveNoExponent) {
  std::string text;
  JsonWriter writer(&text);
  writer.BeginArray();
  writer.Number(1.5e9);
  writer.Number(-3.0);
  writer.Number(2.5);
  writer.EndArray();
  EXPECT_EQ(text, "[1500000000,-3,2.5]");
}

TEST(JsonWriter, WritesNumbersThatReadBackTheSame) {
  std::string out;
  JsonWriter writer(&out);
  writer.BeginArray();
  writer.Number(0.1);
  writer.Number(std::numeric_limits<std::int64_t>::min());
  writer.Number(std::numeric_limits<double>::infinity());
  writer.Number(1.5e9);
  writer.Number(1e300);
  writer.EndArray();
  EXPECT_EQ(out, "[0.1,-9223372036854775808,null,1500000000,1e+300]");
}

}  // namespace
}  // namespace freshet::daemon
