#include "storage/entry_codec.h"

#include <chrono>
#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/golden.h"
#include "tests/unit/storage/samples.h"

namespace freshet::storage {
namespace {

using ::testing::HasSubstr;

std::string Encoded(const core::LogEntry& entry) {
  std::string bytes;
  EncodeEntry(entry, &bytes);
  return bytes;
}

TEST(EntryCodec, EveryKindComesBackAsItWas) {
  for (const auto& [name, entry] : NamedEntries()) {
    const auto decoded = DecodeEntry(Encoded(entry));
    ASSERT_TRUE(decoded.has_value()) << name << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, entry) << name;
  }
}

TEST(EntryCodec, AppendsToWhatIsThere) {
  std::string bytes = "before";
  EncodeEntry(SampleEvent(1), &bytes);
  EXPECT_EQ(bytes, "before" + Encoded(SampleEvent(1)));
}

TEST(EntryCodec, LongAndBinaryStringsComeBack) {
  core::Event event;
  event.user_id = std::string(256, 'u');
  event.item_id = std::string("a\0b\xFF", 4);
  event.properties = std::string(100'000, 'p');
  const auto decoded = DecodeEntry(Encoded(event));
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(std::get<core::Event>(*decoded), event);
}

TEST(EntryCodec, GoldenEntriesOfVersion1LoadForEver) {
  const auto golden = ReadGolden("entries_v1.txt");
  const auto entries = NamedEntries();
  ASSERT_EQ(golden.size(), entries.size());
  for (const auto& [name, entry] : entries) {
    ASSERT_TRUE(golden.contains(name)) << name;
    const auto decoded = DecodeEntry(golden.at(name));
    ASSERT_TRUE(decoded.has_value()) << name << ": " << decoded.error().message;
    EXPECT_EQ(*decoded, entry) << name;
  }
}

TEST(EntryCodec, VersionOneIsStillWhatIsWritten) {
  const auto golden = ReadGolden("entries_v1.txt");
  for (const auto& [name, entry] : NamedEntries()) {
    ASSERT_TRUE(golden.contains(name)) << name << " " << ToHex(Encoded(entry));
    EXPECT_EQ(ToHex(golden.at(name)), ToHex(Encoded(entry))) << name;
  }
}

TEST(EntryCodec, EveryPrefixIsCorrupt) {
  for (const auto& [name, entry] : NamedEntries()) {
    const std::string bytes = Encoded(entry);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto decoded = DecodeEntry(std::string_view(bytes).substr(0, size));
      ASSERT_FALSE(decoded.has_value()) << name << " cut to " << size;
      EXPECT_EQ(decoded.error().code, core::ErrorCode::kCorruption);
    }
  }
}

TEST(EntryCodec, BytesAfterTheEntryAreCorrupt) {
  const auto decoded = DecodeEntry(Encoded(SampleEvent(1)) + 'x');
  ASSERT_FALSE(decoded.has_value());
  EXPECT_THAT(decoded.error().message, HasSubstr("followed by other bytes"));
}

TEST(EntryCodec, DamagedBytesNeverDoMoreThanFailOrDecode) {
  for (const auto& [name, entry] : NamedEntries()) {
    const std::string bytes = Encoded(entry);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = bytes;
        damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit));
        const auto decoded = DecodeEntry(damaged);
        EXPECT_TRUE(decoded || decoded.error().code == core::ErrorCode::kCorruption);
      }
    }
  }
}

TEST(EntryCodec, RandomBytesNeverDoMoreThanFailOrDecode) {
  std::mt19937 random(20'260'101);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 64, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    if (bytes.size() > 2) bytes[0] = 1, bytes[1] = static_cast<char>(1 + random() % 5);
    const auto decoded = DecodeEntry(bytes);
    EXPECT_TRUE(decoded || decoded.error().code == core::ErrorCode::kCorruption);
  }
}

TEST(EntryCodec, AnUnknownVersionOrKindIsNamed) {
  std::string bytes = Encoded(SampleEvent(1));
  bytes[0] = 9;
  EXPECT_THAT(DecodeEntry(bytes).error().message, HasSubstr("format version 9"));
  bytes[0] = 1;
  bytes[1] = 77;
  EXPECT_THAT(DecodeEntry(bytes).error().message, HasSubstr("kind 77"));
}

}  // namespace
}  // namespace freshet::storage
