// PatientClient: posts to a daemon until it takes what is posted.
//
// A daemon that is busy (429, 503, for as long as its Retry-After says) or away is asked again,
// with pauses that grow, until a stretch of time has brought no answer. So a request may arrive
// twice: only for what may. Owned by whoever posts; one thread.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "core/result.h"
#include "tools/http_client.h"

namespace freshet::tools {

class PatientClient {
 public:
  struct Patience {
    std::chrono::milliseconds first_pause{100};
    std::chrono::milliseconds longest_pause{5'000};
    std::chrono::milliseconds give_up_after{60'000};
    std::function<void(std::chrono::milliseconds)> sleep;  // empty: really
  };

  PatientClient(HttpClient client, Patience patience);

  // Any answer but "busy"; kUnavailable when patience is at its end.
  core::Result<HttpResponse> Post(std::string_view target, std::string_view content_type,
                                  std::string_view body);

  [[nodiscard]] HttpClient& once() { return client_; }

 private:
  HttpClient client_;
  const Patience patience_;
};

}  // namespace freshet::tools
