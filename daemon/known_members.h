// KnownMembers: the members that a document may have, so that no other is passed over in silence.
//
// Made once and read by any thread.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "core/result.h"

namespace freshet::daemon {

class KnownMembers {
 public:
  // What other systems call a member: {"timestamp", "sentAt"}, in lower case, without _ and -.
  using Alias = std::pair<std::string_view, std::string_view>;

  // `document` names it in messages: "an event". `otherwise` says where the data of a member belong
  // that resembles none.
  KnownMembers(std::string_view document, std::initializer_list<std::string_view> names,
               std::initializer_list<Alias> aliases, std::string_view otherwise);

  // Whether each member of `object` is known.
  [[nodiscard]] bool HoldsAll(const boost::json::object& object) const;

  // kInvalidArgument with the first member that is not known, and `advice`, or without that the
  // member that was probably meant.
  [[nodiscard]] core::Status Check(const boost::json::object& object,
                                   std::string_view advice = {}) const;

 private:
  [[nodiscard]] bool Has(std::string_view name) const;
  // "; did you mean sentAt?", or what to do with data that are of no member.
  [[nodiscard]] std::string Advice(std::string_view name) const;

  std::string document_;
  std::vector<std::string> names_;
  std::vector<Alias> aliases_;
  std::string otherwise_;
};

}  // namespace freshet::daemon
