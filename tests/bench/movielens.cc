#include "tests/bench/movielens.h"

#include <algorithm>
#include <charconv>
#include <functional>
#include <set>
#include <string_view>
#include <utility>

#include "tools/input_file.h"
#include "tools/line_reader.h"
#include "tools/random.h"

namespace freshet::bench {
namespace {

// The numbers in a line, whatever stands between them.
std::vector<std::int64_t> NumbersIn(std::string_view line) {
  std::vector<std::int64_t> numbers;
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at != end) {
    std::int64_t number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error == std::errc()) numbers.push_back(number);
    at = error == std::errc() ? next : at + 1;
  }
  return numbers;
}

core::Status ForEachLine(const std::string& path,
                         const std::function<void(const std::vector<std::int64_t>&)>& use) {
  auto file = tools::InputFile::Open(path);
  if (!file) return file.error();
  tools::LineReader reader(std::move(*file));
  while (true) {
    const auto line = reader.Next();
    if (!line) return line.error();
    if (*line == nullptr) return {};
    use(NumbersIn((*line)->text));
  }
}

Rating RatingOf(const std::vector<std::int64_t>& numbers) {
  return {static_cast<std::uint32_t>(numbers[0]), static_cast<std::uint32_t>(numbers[1]),
          static_cast<float>(numbers[2]), numbers.size() > 3 ? numbers[3] : 0};
}

}  // namespace

core::Result<NcfSplit> ReadNcfSplit(const std::string& folder) {
  NcfSplit split;
  const std::string start = folder + "/ncf-protocol/ml-1m.";
  FRESHET_RETURN_IF_ERROR(ForEachLine(start + "train.rating.gz", [&](const auto& numbers) {
    split.train.push_back(RatingOf(numbers));
  }));
  FRESHET_RETURN_IF_ERROR(ForEachLine(start + "test.negative.gz", [&](const auto& numbers) {
    TestUser test{
        static_cast<std::uint32_t>(numbers[0]), static_cast<std::uint32_t>(numbers[1]), {}};
    for (std::size_t i = 2; i < numbers.size(); ++i) {
      const auto item = static_cast<std::uint32_t>(numbers[i]);
      if (item != test.item) test.negatives.push_back(item);
    }
    split.test.push_back(std::move(test));
  }));
  return split;
}

NcfSplit ValidationSplit(const NcfSplit& split, std::uint64_t seed) {
  const Sizes sizes = SizesOf(split.train);
  std::vector<std::set<std::uint32_t>> rated(sizes.users);
  std::vector<Rating> latest(sizes.users);
  for (const Rating& rating : split.train) {
    rated[rating.user].insert(rating.item);
    if (rating.time_s > latest[rating.user].time_s) latest[rating.user] = rating;
  }
  tools::Random random(seed);
  NcfSplit validation;
  for (const TestUser& test : split.test) {
    const Rating& last = latest[test.user];
    if (last.time_s == 0) continue;
    TestUser asked{test.user, last.item, {}};
    while (asked.negatives.size() < 99) {
      const auto item = static_cast<std::uint32_t>(random.Below(sizes.items));
      // The real test item is neither told nor shunned.
      if (!rated[test.user].contains(item)) asked.negatives.push_back(item);
    }
    validation.test.push_back(std::move(asked));
  }
  std::ranges::copy_if(split.train, std::back_inserter(validation.train), [&](const Rating& each) {
    const Rating& last = latest[each.user];
    return last.time_s == 0 || each.item != last.item;
  });
  return validation;
}

core::Result<std::vector<Rating>> ReadRatings(const std::string& folder) {
  std::vector<Rating> ratings;
  FRESHET_RETURN_IF_ERROR(ForEachLine(folder + "/ratings-all.csv.gz", [&](const auto& numbers) {
    if (numbers.size() >= 3) ratings.push_back(RatingOf(numbers));
  }));
  std::vector<std::uint32_t> items;
  for (const Rating& rating : ratings) items.push_back(rating.item);
  std::ranges::sort(items);
  items.erase(std::unique(items.begin(), items.end()), items.end());
  for (Rating& rating : ratings) {
    --rating.user;
    const auto at = std::ranges::lower_bound(items, rating.item);
    rating.item = static_cast<std::uint32_t>(at - items.begin());
  }
  return ratings;
}

Sizes SizesOf(const std::vector<Rating>& ratings) {
  Sizes sizes;
  for (const Rating& rating : ratings) {
    sizes.users = std::max<std::size_t>(sizes.users, rating.user + 1);
    sizes.items = std::max<std::size_t>(sizes.items, rating.item + 1);
  }
  return sizes;
}

}  // namespace freshet::bench
