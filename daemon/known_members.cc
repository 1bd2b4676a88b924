#include "daemon/known_members.h"

#include <algorithm>

#include "core/closest.h"
#include "core/shown_text.h"

namespace freshet::daemon {
namespace json = boost::json;
namespace {

std::string_view NameOf(const json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

// session_id, SessionID and session-id are one spelling.
std::string Plain(std::string_view name) {
  std::string plain;
  for (const char c : name) {
    if (c == '_' || c == '-' || c == ' ' || c == '.') continue;
    plain.push_back(c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return plain;
}

std::string Meant(std::string_view name) { return "; did you mean " + std::string(name) + "?"; }

}  // namespace

KnownMembers::KnownMembers(std::string_view document, std::initializer_list<std::string_view> names,
                           std::initializer_list<Alias> aliases, std::string_view otherwise)
    : document_(document),
      names_(names.begin(), names.end()),
      aliases_(aliases),
      otherwise_(otherwise) {}

bool KnownMembers::Has(std::string_view name) const {
  return std::any_of(names_.begin(), names_.end(),
                     [&](const std::string& known) { return known == name; });
}

bool KnownMembers::HoldsAll(const json::object& object) const {
  return std::all_of(object.begin(), object.end(),
                     [&](const auto& member) { return Has(NameOf(member)); });
}

core::Status KnownMembers::Check(const json::object& object, std::string_view advice) const {
  for (const json::key_value_pair& member : object) {
    const std::string_view name = NameOf(member);
    if (Has(name)) continue;
    return core::InvalidArgument(core::ShownText(name) + " is not a member of " + document_ +
                                 (advice.empty() ? Advice(name) : "; " + std::string(advice)));
  }
  return {};
}

std::string KnownMembers::Advice(std::string_view name) const {
  constexpr std::size_t kLongestSlip = 64;
  if (name.size() > kLongestSlip) return otherwise_;
  const std::string plain = Plain(name);
  for (const std::string& known : names_) {
    if (Plain(known) == plain) return Meant(known);
  }
  for (const auto& [alias, known] : aliases_) {
    if (alias == plain) return Meant(known);
  }
  const std::string hint = core::DidYouMean(name, names_);
  return hint.empty() ? otherwise_ : hint;
}

}  // namespace freshet::daemon
