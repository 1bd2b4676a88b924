#include "tools/trained_pairs.h"

#include <filesystem>
#include <system_error>

#include <fcntl.h>

#include "core/hash.h"
#include "storage/file.h"

namespace freshet::tools {
namespace {

constexpr std::size_t kBitsPerPair = 10;
constexpr std::uint64_t kPlaces = 7;  // ln 2 times the bits of a pair

std::string PathOf(const std::string& generation) { return generation + ".pairs"; }

}  // namespace

template <typename Visit>
void TrainedPairs::ForEachBit(std::string_view user, std::string_view item, Visit&& visit) const {
  std::string text(user);
  text += '\n';
  text += item;
  const core::SipHash::Digest digest = core::SipHash::Of(text, 0, 0);
  for (std::uint64_t i = 0; i < kPlaces; ++i) {
    const std::uint64_t bit = (digest[0] + i * digest[1]) % (words_.size() * 64);
    visit(bit / 64, std::uint64_t{1} << bit % 64);
  }
}

TrainedPairs TrainedPairs::Of(const TrainingSet& set) {
  TrainedPairs pairs;
  pairs.words_.resize((set.pairs.size() * kBitsPerPair + 63) / 64);
  for (const TrainingPair& pair : set.pairs) {
    const std::string& user = set.user_ids[pair.user];
    if (user.empty()) continue;
    pairs.ForEachBit(user, set.item_ids[pair.item],
                     [&](std::size_t word, std::uint64_t bit) { pairs.words_[word] |= bit; });
  }
  return pairs;
}

bool TrainedPairs::Has(std::string_view user, std::string_view item) const {
  if (words_.empty()) return false;
  bool has = true;
  ForEachBit(user, item,
             [&](std::size_t word, std::uint64_t bit) { has = has && (words_[word] & bit) != 0; });
  return has;
}

core::Result<TrainedPairs> TrainedPairs::Read(const std::string& generation) {
  TrainedPairs pairs;
  std::error_code ignored;
  const std::string path = PathOf(generation);
  if (!std::filesystem::exists(path, ignored)) return pairs;
  const auto file = storage::OpenFile(path, O_RDONLY);
  if (!file) return file.error();
  const auto size = storage::FileSize(*file, path);
  if (!size) return size.error();
  pairs.words_.resize(*size / sizeof(std::uint64_t));
  const auto read = storage::ReadBytes(*file, path, reinterpret_cast<char*>(pairs.words_.data()),
                                       pairs.words_.size() * sizeof(std::uint64_t));
  if (!read) return read.error();
  return pairs;
}

core::Status TrainedPairs::Write(const std::string& generation) const {
  const std::string path = PathOf(generation);
  const auto file = storage::OpenFile(path, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return file.error();
  FRESHET_RETURN_IF_ERROR(storage::WriteBytes(
      *file, path,
      {reinterpret_cast<const char*>(words_.data()), words_.size() * sizeof(std::uint64_t)}));
  return storage::Sync(*file, path);
}

void TrainedPairs::Remove(const std::string& generation) {
  std::error_code ignored;
  std::filesystem::remove(PathOf(generation), ignored);
}

}  // namespace freshet::tools
