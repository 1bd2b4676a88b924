#include "tools/synthetic_catalogue.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/random.h"

namespace freshet::tools {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kItemsPerCategory = 40;
constexpr std::size_t kItemsPerNeighbourhood = 8;

struct CategoryWords {
  std::string_view name;
  std::array<std::string_view, 8> nouns;
  std::uint64_t usual_price_cents;
};

// One noun a neighbourhood: its items differ in the words before it.
constexpr std::array<CategoryWords, 12> kCategories = {{
    {"Audio",
     {"Headphones", "Speaker", "Turntable", "Microphone", "Earbuds", "Amplifier", "Radio",
      "Soundbar"},
     8900},
    {"Books",
     {"Novel", "Atlas", "Cookbook", "Biography", "Travel Guide", "Poems", "Field Guide", "Comic"},
     1800},
    {"Kitchen",
     {"Espresso Pot", "Chef Knife", "Skillet", "Teapot", "Grinder", "Mixing Bowl", "Toaster",
      "Scale"},
     4200},
    {"Garden",
     {"Watering Can", "Spade", "Planter", "Hammock", "Lantern", "Bird Feeder", "Hose", "Seed Box"},
     3100},
    {"Camping",
     {"Tent", "Sleeping Bag", "Stove", "Backpack", "Head Torch", "Water Bottle", "Compass", "Mug"},
     6700},
    {"Cycling",
     {"Helmet", "Pannier", "Bike Light", "Saddle", "Pump", "Gloves", "Bell", "Lock"},
     3900},
    {"Toys",
     {"Puzzle", "Train Set", "Kite", "Building Blocks", "Doll", "Yo-yo", "Marble Run",
      "Board Game"},
     2600},
    {"Clothing",
     {"Jumper", "Rain Jacket", "Scarf", "Wool Socks", "Shirt", "Belt", "Cap", "Trousers"},
     4800},
    {"Stationery",
     {"Notebook", "Fountain Pen", "Pencil Set", "Desk Lamp", "Calendar", "Stapler", "Ink", "Ruler"},
     1500},
    {"Photography",
     {"Tripod", "Camera Bag", "Film Roll", "Lens Filter", "Photo Frame", "Light Meter", "Strap",
      "Flash"},
     5400},
    {"Music",
     {"Ukulele", "Harmonica", "Drum Pad", "Guitar Strings", "Metronome", "Songbook", "Tuner",
      "Recorder"},
     5900},
    {"Pets",
     {"Dog Lead", "Cat Tree", "Feeding Bowl", "Aquarium", "Pet Bed", "Chew Toy", "Brush",
      "Carrier"},
     2900},
}};

constexpr std::array<std::string_view, 24> kStyles = {
    "Classic", "Compact", "Nordic",  "Vintage", "Everyday", "Travel",  "Premium", "Little",
    "Bright",  "Quiet",   "Sturdy",  "Folding", "Mountain", "Harbour", "Garden",  "City",
    "Winter",  "Summer",  "Evening", "Sunday",  "Coastal",  "Forest",  "Prairie", "Studio"};
constexpr std::array<std::string_view, 16> kColours = {
    "Red",    "Blue", "Green", "Black", "White", "Grey",  "Copper", "Oak",
    "Walnut", "Sand", "Olive", "Navy",  "Ivory", "Amber", "Slate",  "Cherry"};
constexpr std::array<std::string_view, 6> kCountries = {"DE", "FR", "GB", "NL", "SE", "US"};

std::string TitleOf(std::size_t category, std::size_t neighbourhood, std::size_t place) {
  // Co-prime strides walk through all pairs of words before one comes again.
  const std::size_t walk = neighbourhood * 5 + place;
  const std::string_view style = kStyles[walk * 7 % kStyles.size()];
  const std::string_view colour = kColours[(walk * 3 + walk / kColours.size()) % kColours.size()];
  const auto& nouns = kCategories[category % kCategories.size()].nouns;
  return std::string(colour) + ' ' + std::string(style) + ' ' +
         std::string(nouns[neighbourhood % nouns.size()]);
}

}  // namespace

std::size_t CategoryCount(std::size_t items) {
  return std::max<std::size_t>(1, (items + kItemsPerCategory - 1) / kItemsPerCategory);
}

std::string CategoryName(std::size_t category) {
  const std::string name(kCategories[category % kCategories.size()].name);
  const std::size_t round = category / kCategories.size();
  return round == 0 ? name : name + ' ' + std::to_string(round + 1);
}

std::vector<SyntheticItem> MakeItems(const SyntheticOptions& options) {
  Random random(options.seed ^ 0x1732);
  std::vector<SyntheticItem> items(options.items);
  for (std::size_t i = 0; i < items.size(); ++i) {
    SyntheticItem& item = items[i];
    const std::size_t place = i % kItemsPerCategory;
    item.id = "item-" + std::to_string(i + 1);
    item.category = i / kItemsPerCategory;
    item.neighbourhood = i / kItemsPerNeighbourhood;
    item.title = TitleOf(item.category, place / kItemsPerNeighbourhood, i % kItemsPerNeighbourhood);
    const std::uint64_t usual = kCategories[item.category % kCategories.size()].usual_price_cents;
    item.price_cents = random.Between(usual / 2, usual * 2) / 50 * 50;
    const bool newborn = random.Percent(options.newborn_percent);
    const std::uint64_t days = newborn ? options.days : 700;
    const auto age = static_cast<std::int64_t>(random.Below(days * kDayMs));
    item.born_ms = options.start_ms + (newborn ? age : -age);
  }
  return items;
}

std::vector<SyntheticUser> MakeUsers(const SyntheticOptions& options) {
  Random random(options.seed ^ 0x5ee5);
  const std::size_t categories = CategoryCount(options.items);
  std::vector<std::uint64_t> weights;
  for (std::size_t i = 0; i < categories; ++i) weights.push_back(ZipfWeight(i, 3));
  WeightedChoice category;
  category.Assign(weights);
  std::vector<SyntheticUser> users(options.users);
  for (std::size_t i = 0; i < users.size(); ++i) {
    users[i].id = "user-" + std::to_string(i + 1);
    users[i].membership = random.Percent(20) ? "plus" : "basic";
    users[i].country = kCountries[random.Below(kCountries.size())];
    for (int favourite = 0; favourite < 3; ++favourite) {
      users[i].favourites.push_back(category.Pick(&random));
    }
  }
  return users;
}

}  // namespace freshet::tools
