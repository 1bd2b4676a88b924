#include "tools/patient_client.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace freshet::tools {

using std::chrono::milliseconds;

PatientClient::PatientClient(HttpClient client, Patience patience)
    : client_(std::move(client)), patience_(std::move(patience)) {}

core::Result<HttpResponse> PatientClient::Post(std::string_view target,
                                               std::string_view content_type,
                                               std::string_view body) {
  milliseconds waited{0};
  milliseconds pause = patience_.first_pause;
  while (true) {
    const auto begun = std::chrono::steady_clock::now();
    auto response = client_.Post(target, content_type, body);
    if (response && !response->busy()) return response;
    waited += std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - begun);
    if (waited >= patience_.give_up_after) {
      if (!response) return response.error();
      return core::Unavailable(client_.url() + " is still busy after " +
                               std::to_string(waited.count() / 1000) + " s: " + response->body);
    }
    const milliseconds asked = response
                                   ? std::chrono::duration_cast<milliseconds>(response->retry_after)
                                   : milliseconds(0);
    const milliseconds rest = std::max(pause, asked);
    if (patience_.sleep) {
      patience_.sleep(rest);
    } else {
      std::this_thread::sleep_for(rest);
    }
    waited += rest;
    pause = std::min(pause * 2, patience_.longest_pause);
  }
}

}  // namespace freshet::tools
