// A warm query allocates nothing. This file replaces the program's operator new by one that counts.
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "core/recipes/campaign.h"
#include "core/recipes/recommend.h"
#include "tests/unit/core/served_sample.h"
#include "tests/unit/core/taught_state.h"

namespace {

std::uint64_t allocations = 0;  // of this single-threaded program

}  // namespace

// GCC 12 inlines one of the pair below without the other and then takes free for the wrong one.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t /*size*/) noexcept { std::free(memory); }

namespace freshet::core {
namespace {

TEST(QueryScratch, WarmQueriesAllocateNothing) {
  TaughtState state;
  for (int user = 0; user < 40; ++user) {
    for (int i = 0; i < 20; ++i) {
      state.Touch("user " + std::to_string(user), "i" + std::to_string(user * 13 * i % 300));
    }
  }
  const std::vector<std::string> ids = {"i1", "i2", "unknown", "i39", "other unknown"};
  const std::string long_name(200, 'x');
  const auto factors = ServedSample(300);
  QueryScratch scratch;
  for (const CampaignSettings& settings : DefaultCampaigns()) {
    const Campaign campaign(settings);
    const auto ask_all = [&] {
      for (const char* user : {"user 1", "user 2", "nobody", long_name.c_str()}) {
        Recommend(state.state(), campaign.recipe(),
                  {.visitor = User(user), .item = "i39", .count = 200, .factors = factors.get()},
                  &scratch);
        Rank(state.state(), campaign.recipe(), {.visitor = User(user), .rank = ids}, &scratch);
      }
    };
    ask_all();
    const std::uint64_t before = allocations;
    ask_all();
    EXPECT_EQ(allocations, before) << settings.name;
  }
}

}  // namespace
}  // namespace freshet::core
