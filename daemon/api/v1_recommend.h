// V1Recommend: Freshet's own queries, easy by hand: recommendations, similar items, what is
// trending and what is popular.
//
// One a server thread; single-threaded.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"
#include "daemon/api/context.h"
#include "daemon/http/handler.h"
#include "daemon/http/target.h"

namespace freshet::daemon::api {

class V1Recommend {
 public:
  explicit V1Recommend(ThreadContext* context) : context_(context) {}

  // GET /v1/recommendations?user=&session=&item=&campaign=&n=&category=&explain=
  void Recommendations(http::Exchange& exchange);
  // GET /v1/items/{id}/similar?campaign=&n=&category=&explain=
  void SimilarItems(http::Exchange& exchange, std::string_view raw_item);
  // GET /v1/trending?n=&category=&explain= and /v1/popular likewise
  void Trending(http::Exchange& exchange);
  void Popular(http::Exchange& exchange);

 private:
  // What is asked, with its texts owned.
  struct Asked {
    const Campaigns::Entry* campaign = nullptr;
    std::string user;
    std::string session;
    std::string item;
    std::string category;
    std::uint32_t count = 0;
    bool explain = false;
  };

  void TakeCommon(http::QueryParameters* parameters, Asked* asked) const;
  core::Status TakeCampaign(http::QueryParameters* parameters, core::RecipeKind otherwise,
                            Asked* asked) const;
  core::Result<Asked> ReadRecommendations(const http::Request& request) const;
  core::Result<Asked> ReadSimilar(const http::Request& request, std::string_view raw_item) const;
  core::Result<Asked> ReadList(const http::Request& request, core::RecipeKind recipe) const;
  void Answer(const core::Result<Asked>& asked, http::Response* response);

  ThreadContext* context_;
};

}  // namespace freshet::daemon::api
