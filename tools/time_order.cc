#include "tools/time_order.h"

#include <algorithm>
#include <optional>

#include "tools/entry_reader.h"
#include "tools/input_file.h"

namespace freshet::tools {
namespace {

core::Status AddTimesOf(const InputPath& input, const TableFormat& format, TimeOrder* order) {
  auto reader = EntryReader::Open(input, format);
  if (!reader) return reader.error();
  if (*reader == nullptr) return {};
  std::optional<std::int64_t> time;
  while (order->stepped_back() == 0) {
    auto next = (*reader)->NextTime(&time);
    if (!next) return next.error();
    if (!*next) return {};
    if (time) order->Add(*time);
  }
  return {};
}

}  // namespace

core::Result<bool> AreInTimeOrder(const std::vector<InputPath>& inputs, const TableFormat& format) {
  const auto is_event_stream = [](const InputPath& input) {
    return input.kind == InputKind::kEvents && IsStream(input.path);
  };
  if (std::any_of(inputs.begin(), inputs.end(), is_event_stream)) return false;
  TimeOrder order;
  for (const InputPath& input : inputs) {
    if (input.kind != InputKind::kEvents) continue;
    FRESHET_RETURN_IF_ERROR(AddTimesOf(input, format, &order));
    if (order.stepped_back() > 0) return false;
  }
  return true;
}

}  // namespace freshet::tools
